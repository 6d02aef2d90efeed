//! `jwksd clients` on the command line.

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use jwksd_domain::client::Grant;

use super::Listing;

/// What to do with clients.
#[derive(Subcommand)]
pub enum ClientsCommand {
    /// Add a client; its secret is made, and shown once
    Add {
        /// The id: lower-case letters, digits and . _ -, the first of them a letter
        id: String,
        /// What it is, for people; else the id
        #[arg(long = "name", value_name = "TEXT")]
        name: Option<String>,
        /// A scope that its tokens may have; may be given several times
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// Whom its tokens may be for, the usual one first; may be given several times, else the audience of the users' tokens
        #[arg(long = "token-audience", value_name = "AUDIENCE")]
        audiences: Vec<String>,
        /// A way to a token that it may take; may be given several times
        #[arg(long = "grant", value_parser = grants(), default_value = "client_credentials")]
        grants: Vec<String>,
        /// How the answer looks
        #[command(flatten)]
        listing: Listing,
    },
    /// List every client
    List(Listing),
    /// Give a client one more secret, which is made and shown once; the one in use stays good until it is retired
    RollSecret {
        /// The id
        id: String,
        /// How the answer looks
        #[command(flatten)]
        listing: Listing,
    },
    /// Retire a secret of a client
    RetireSecret {
        /// The id
        id: String,
        /// What the secret is called; `list` shows it
        secret: String,
    },
    /// Let a client in no more; its tokens are not active either
    Disable {
        /// The id
        id: String,
    },
    /// Let a client in again
    Enable {
        /// The id
        id: String,
    },
}

fn grants() -> PossibleValuesParser {
    PossibleValuesParser::new(Grant::ALL.map(Grant::as_str))
}
