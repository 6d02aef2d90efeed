//! The command line of `jwksd lab`.

use clap::{Args, Subcommand, ValueEnum};

/// What to do in the lab.
#[derive(Subcommand)]
pub enum LabCommand {
    /// Be the issuer that an API trusts, send it the good token and every bad one, change the keys meanwhile, and print what it let in
    Check(LabCheck),
}

/// Which API to put to the test, and how it is told.
#[derive(Args)]
pub struct LabCheck {
    /// Where the API answers GET with 2xx to a good token, such as http://127.0.0.1:3000/protected
    pub url: String,
    /// The host of the API, where it is yours and not on this machine
    #[arg(long = "i-own-this", value_name = "HOST")]
    pub owned: Option<String>,
    /// How long the API may take for an answer
    #[arg(long = "patience", value_name = "DURATION", default_value = "5s")]
    pub patience: String,
    /// Write the score card to this file too, as its ending says: .html or .json
    #[arg(long = "report", value_name = "FILE")]
    pub report: Option<String>,
    /// How the score card looks
    #[arg(long = "output", value_enum, default_value_t = CardForm::Text)]
    pub output: CardForm,
}

/// The form of a score card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CardForm {
    /// For people
    Text,
    /// For machines
    Json,
    /// For people with a browser
    Html,
}
