//! Flags, environment and file become one typed [`Config`], or the list of everything that is wrong with them.
//!
//! `options` lists the options, in rows of `table`, `sources` finds their values, `parse` reads them, `check` sees what does not go together.

mod check;
mod database;
mod mail;
pub mod options;
mod parse;
mod read;
mod secret;
mod show;
mod sources;
pub mod table;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use jwksd_domain::key::KeyPolicy;
use jwksd_domain::limit::Quotas;
use jwksd_domain::password_policy::PasswordPolicy;
use jwksd_domain::session::SessionPolicy;
use jwksd_domain::token::TokenPolicy;
use tracing_subscriber::filter::Targets;

pub use database::Database;
pub use mail::{MailSettings, MailTransport, SmtpServer, SmtpTls};
pub use secret::EncryptionKey;
pub use show::EffectiveSetting;
pub use sources::{Flags, Source, Surroundings};

/// What the server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Learning, and testing verifiers: starts with no configuration, and has demo users and anonymous tokens.
    Dev,
    /// Issuing tokens that somebody relies on.
    Prod,
}

/// How durable a committed row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It survives the death of the process.
    Process,
    /// It survives the death of the machine.
    Machine,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For machines: one JSON object a line.
    Json,
}

/// How large RSA keys are made, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaBits {
    /// 2048.
    Of2048,
    /// 3072.
    Of3072,
    /// 4096.
    Of4096,
}

/// What a password hash costs, and how many may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// How many may wait for a processor.
    pub queue: u32,
}

/// The certificate to serve TLS with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// How long clients may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the head of a request.
    pub header: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// For open requests to end after SIGTERM.
    pub shutdown: Duration,
}

/// The encryption keys that were configured.
#[derive(Clone)]
pub struct EncryptionKeys {
    /// What new private keys are sealed with; in the dev profile one is kept beside the database where this is `None`.
    pub current: Option<EncryptionKey>,
    /// What still opens.
    pub previous: Vec<EncryptionKey>,
}

/// The whole configuration. Has no `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Config {
    /// What the server is for.
    pub profile: Profile,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The issuer, where one is set; else see [`Config::issuer`].
    pub issuer: Option<String>,
    /// The audience, where one is set; else the issuer.
    pub audience: Option<String>,
    /// Where everything is kept.
    pub database: Database,
    /// How durable that is.
    pub durability: Durability,
    /// What private keys are sealed with.
    pub encryption: EncryptionKeys,
    /// How keys live.
    pub keys: KeyPolicy,
    /// How large RSA keys are made.
    pub rsa_bits: RsaBits,
    /// How long verifiers may keep a status list, in whole seconds; no longer than a token lives.
    pub status_list_ttl: Duration,
    /// How sessions live.
    pub sessions: SessionPolicy,
    /// How often what may be tried.
    pub quotas: Quotas,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Web origins that may call the API.
    pub cors_origins: Vec<String>,
    /// The certificate, where TLS is served.
    pub tls: Option<TlsFiles>,
    /// How long clients may take.
    pub timeouts: Timeouts,
    /// What a password hash costs.
    pub hashing: Hashing,
    /// Which passwords may be chosen.
    pub passwords: PasswordPolicy,
    /// What is mailed, and how.
    pub mail: MailSettings,
    /// What is logged.
    pub log_filter: Targets,
    /// How it is logged.
    pub log_format: LogFormat,
    /// Where to write the base URL once the server listens.
    pub ready_file: Option<PathBuf>,
    /// What the operator should know, each in one sentence.
    pub warnings: Vec<String>,
    /// What every option came to, and where from; secrets masked.
    pub effective: Vec<EffectiveSetting>,
}

/// Everything that is wrong with a configuration, a line each.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigProblems(pub Vec<String>);

impl fmt::Display for ConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigProblems {}

impl Config {
    /// Reads the configuration from `flags` and from what surrounds the process.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn load(flags: Flags, surroundings: Surroundings) -> Result<Self, ConfigProblems> {
        let mut problems = Vec::new();
        let settings = sources::gather(flags, surroundings, &mut problems);
        let config = read::config(&settings, &mut problems);
        if problems.is_empty() { Ok(config) } else { Err(ConfigProblems(problems)) }
    }

    /// The base URL at the address that the server listens on.
    pub fn base_url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.listen)
    }

    /// The issuer, byte for byte as configured, or the base URL.
    pub fn issuer(&self) -> String {
        self.issuer.clone().unwrap_or_else(|| self.base_url())
    }

    /// Who issues tokens, for whom, and for how long.
    pub fn token_policy(&self) -> TokenPolicy {
        let issuer = self.issuer();
        let audience = self.audience.clone().unwrap_or_else(|| issuer.clone());
        let status_lists = format!("{}/status-lists", issuer.trim_end_matches('/'));
        let (life, clock_skew) = (self.keys.token_life, self.keys.clock_skew);
        TokenPolicy { issuer, audience, life, clock_skew, status_lists }
    }
}

impl Profile {
    /// The name of the profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Prod => "prod",
        }
    }
}

#[cfg(test)]
mod tests;
