//! The command line. The options of the configuration are read off their table; everything else is declared here.

mod clients;
mod keys;
mod lab;
mod verify;

use std::fmt;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jwksd_domain::user::Role;
use zeroize::Zeroizing;

use crate::config::Flags;
use crate::config::options::OPTIONS;
use crate::config::table::{DefaultValue, Kind, OptionRow};

pub use self::clients::ClientsCommand;
pub use self::keys::{Bootstrap, KeysCommand};
pub use self::lab::{CardForm, LabCheck, LabCommand};
pub use self::verify::Verify;

/// A self-hosted JWT issuer and JWKS server.
#[derive(Parser)]
#[command(
    name = "jwksd",
    version,
    max_term_width = 120,
    after_help = "Options are looked for as flags, then in the environment, then in .env, then in jwksd.toml (under the name of the flag)."
)]
pub struct Cli {
    /// The options of the configuration.
    #[command(flatten)]
    pub options: ConfigOptions,
    /// What to do; serve where nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Start the server (the default)
    Serve,
    /// Print the effective configuration, secrets masked
    Config(Listing),
    /// Print the OpenAPI document that the server serves
    Openapi,
    /// Administer users
    #[command(subcommand, arg_required_else_help = false)]
    Users(UsersCommand),
    /// Administer clients: machines that have tokens of their own
    #[command(subcommand, arg_required_else_help = false)]
    Clients(ClientsCommand),
    /// Look after the signing keys
    #[command(subcommand, arg_required_else_help = false)]
    Keys(KeysCommand),
    /// Make a key pair and its JWKS as files, without a server and its database
    Bootstrap(Bootstrap),
    /// Mint, inspect and verify tokens
    #[command(subcommand, arg_required_else_help = false)]
    Token(TokenCommand),
    /// Put your API to the test
    #[command(subcommand, arg_required_else_help = false)]
    Lab(LabCommand),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// What to do with users.
#[derive(Subcommand)]
pub enum UsersCommand {
    /// Add a user; without a password one is made, and shown once
    Add {
        /// The name
        name: String,
        /// The e-mail address
        #[arg(long = "email", value_name = "ADDRESS")]
        email: Option<String>,
        /// What the user may do
        #[arg(long = "role", value_parser = roles(), default_value = "read")]
        role: String,
        /// How the password is given
        #[command(flatten)]
        password: PasswordSource,
        /// How the answer looks
        #[command(flatten)]
        listing: Listing,
    },
    /// List every user
    List(Listing),
    /// Give a user another role
    SetRole {
        /// The name
        name: String,
        /// What the user may do
        #[arg(value_parser = roles())]
        role: String,
    },
    /// Give a user another password; without one it is made, and shown once
    ResetPassword {
        /// The name
        name: String,
        /// How the password is given
        #[command(flatten)]
        password: PasswordSource,
        /// How the answer looks
        #[command(flatten)]
        listing: Listing,
    },
    /// Remove the second factor of a user who has lost it: the password alone lets the user in from then on
    ResetTotp {
        /// The name
        name: String,
    },
    /// Let a user log in no more
    Disable {
        /// The name
        name: String,
    },
    /// Let a user log in again
    Enable {
        /// The name
        name: String,
    },
}

/// What to do with tokens.
#[derive(Subcommand)]
pub enum TokenCommand {
    /// Issue a token for a user; it is written to the audit log
    Mint {
        /// The name of the user
        #[arg(long = "user", value_name = "NAME")]
        user: String,
        /// How long it is valid, at most as long as its key; else as the server's tokens are
        #[arg(long = "ttl", value_name = "DURATION")]
        ttl: Option<String>,
        /// How the answer looks
        #[command(flatten)]
        listing: Listing,
    },
    /// Show the header and the claims of a token WITHOUT verifying it
    Inspect {
        /// The token; `-` or nothing reads it from standard input
        token: Option<String>,
    },
    /// Verify a token, with the keys of the database or of a JWKS, and print its claims
    Verify(Verify),
}

/// How a listing looks.
#[derive(Args, Clone, Copy)]
pub struct Listing {
    /// How the answer looks
    #[arg(long = "output", value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Text,
    /// For machines
    Json,
}

/// How a password is given.
#[derive(Args, Clone, Copy)]
pub struct PasswordSource {
    /// Read the password from the first line of standard input
    #[arg(long = "password-stdin")]
    pub stdin: bool,
}

/// The options of the configuration as flags set them. They are taken before and after a subcommand alike.
pub struct ConfigOptions(pub Flags);

impl Args for ConfigOptions {
    fn augment_args(command: clap::Command) -> clap::Command {
        OPTIONS.iter().map(flag).fold(command, clap::Command::arg)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ConfigOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let set = OPTIONS.iter().filter_map(|row| Some((row.name, text(row, matches)?)));
        Ok(Self(set.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.extend(Self::from_arg_matches(matches)?.0);
        Ok(())
    }
}

/// A usage error in one line, as every error of jwksd is.
pub fn in_one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let told = lines.filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    let line = told.collect::<Vec<_>>().join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

/// A wrong use of the command line that clap cannot see; ends with exit code 2.
#[derive(Debug)]
pub struct UsageError(pub &'static str);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for UsageError {}

fn roles() -> PossibleValuesParser {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str))
}

fn flag(row: &'static OptionRow) -> Arg {
    let flag = Arg::new(row.name)
        .long(row.name)
        .help(help(row))
        .help_heading("Configuration")
        .global(true)
        .hide(!row.is_offered())
        .hide_short_help(true);
    match row.kind {
        Kind::Switch => flag.action(ArgAction::SetTrue),
        Kind::Value | Kind::Secret | Kind::Unsupported => flag.action(ArgAction::Set).value_name(row.value_name),
    }
}

fn help(row: &OptionRow) -> String {
    let default = match row.default {
        DefaultValue::Same(text) => text.to_owned(),
        DefaultValue::PerProfile { dev, prod } => format!("dev {dev}, prod {prod}"),
        DefaultValue::Described(text) => text.to_owned(),
    };
    let variables: Vec<_> = row.variables().into_iter().map(|(variable, _)| variable).collect();
    format!("{} [default: {default}] [variable: {}]", row.help, variables.join(", "))
}

fn text(row: &OptionRow, matches: &ArgMatches) -> Option<Zeroizing<String>> {
    match row.kind {
        Kind::Switch => matches.get_flag(row.name).then(|| Zeroizing::new("true".to_owned())),
        Kind::Value | Kind::Secret | Kind::Unsupported => {
            matches.get_one::<String>(row.name).map(|text| Zeroizing::new(text.clone()))
        }
    }
}
