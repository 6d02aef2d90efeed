//! The effective configuration as it is shown: each option with the value that applies and where it came from, secrets masked.

use std::time::Duration;

use jwksd_domain::limit::Quota;

use super::options::OPTIONS;
use super::read::default_text;
use super::sources::{Settings, Source};
use super::table::{DefaultValue, Kind, OptionRow};
use super::{Config, Durability, EncryptionKey, LogFormat, RsaBits};

/// The units of a length of time, the longest first, in nanoseconds.
const UNITS: [(&str, u128); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// What an option came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSetting {
    /// The option.
    pub name: &'static str,
    /// Its value; of a secret, the id of the key.
    pub value: String,
    /// Where it came from.
    pub source: Source,
}

/// Every option that is offered, in the order of the table. Beside `config` stands what it does not keep.
pub(super) fn effective(settings: &Settings, config: &Config, allows_remote_dev: bool) -> Vec<EffectiveSetting> {
    let offered = OPTIONS.iter().filter(|row| row.is_offered() || settings.contains_key(row.name));
    let value = |row: &OptionRow| match row.name {
        "allow-remote-dev" => allows_remote_dev.to_string(),
        name => applied(name, config).unwrap_or_else(|| as_set(row, settings, config)),
    };
    offered
        .map(|row| EffectiveSetting {
            name: row.name,
            value: value(row),
            source: settings.get(row.name).map_or(Source::Default, |setting| setting.source.clone()),
        })
        .collect()
}

/// The value that applies, in the one spelling that it has, however it was set.
fn applied(name: &str, config: &Config) -> Option<String> {
    let value = match name {
        "profile" => config.profile.as_str().to_owned(),
        "listen" => config.listen.to_string(),
        "database-url" => config.database.url(),
        "sqlite-synchronous" => durability(config.durability).to_owned(),
        "signing-algorithm" => config.keys.algorithm.as_str().to_owned(),
        "rsa-bits" => rsa_bits(config.rsa_bits).to_string(),
        "log-format" => log_format(config.log_format).to_owned(),
        "otp-login" => if config.mail.otp_login { "on" } else { "off" }.to_owned(),
        name => {
            let duration = duration(name, config).map(spelled);
            return duration.or_else(|| quota(name, config)).or_else(|| number(name, config));
        }
    };
    Some(value)
}

fn duration(name: &str, config: &Config) -> Option<Duration> {
    let duration = match name {
        "access-token-ttl" => config.keys.token_life,
        "refresh-token-ttl" => config.sessions.life,
        "refresh-idle-ttl" => config.sessions.idle,
        "refresh-grace" => config.sessions.grace,
        "clock-skew" => config.keys.clock_skew,
        "key-rotation-period" => config.keys.rotation_period,
        "key-publish-lead" => config.keys.publish_lead,
        "jwks-max-age" => config.keys.max_age,
        "status-list-ttl" => config.status_list_ttl,
        "header-timeout" => config.timeouts.header,
        "body-timeout" => config.timeouts.body,
        "idle-timeout" => config.timeouts.idle,
        "shutdown-grace" => config.timeouts.shutdown,
        _ => return None,
    };
    Some(duration)
}

fn quota(name: &str, config: &Config) -> Option<String> {
    let Quota { burst, every } = match name {
        "auth-rate-limit" => config.quotas.address,
        "registration-rate-limit" => config.quotas.registration,
        "account-failure-limit" => config.quotas.account,
        "mail-rate-limit" => config.quotas.mail,
        _ => return None,
    };
    Some(format!("burst={burst},every={}", spelled(every)))
}

fn number(name: &str, config: &Config) -> Option<String> {
    let number = match name {
        "jwks-max-keys" => config.keys.max_keys.to_string(),
        "password-min-length" => config.passwords.min_length.to_string(),
        "argon2-memory-kib" => config.hashing.memory_kib.to_string(),
        "argon2-iterations" => config.hashing.iterations.to_string(),
        "argon2-parallelism" => config.hashing.parallelism.to_string(),
        "hash-queue" => config.hashing.queue.to_string(),
        _ => return None,
    };
    Some(number)
}

/// What applies as it was written.
fn as_set(row: &OptionRow, settings: &Settings, config: &Config) -> String {
    match (row.name, settings.get(row.name)) {
        ("encryption-key", Some(_)) => masked(config.encryption.current.as_slice()),
        ("encryption-key-previous", Some(_)) => masked(&config.encryption.previous),
        ("smtp-url", Some(_)) => config.mail.server().map_or_else(String::new, ToString::to_string),
        (_, Some(setting)) if row.kind != Kind::Secret => setting.text.to_string(),
        ("issuer", None) if config.listen.port() != 0 => config.issuer(),
        ("audience", None) if config.issuer.is_some() || config.listen.port() != 0 => config.issuer(),
        (name, _) => default_text(name, config.profile).map_or_else(|| described(row), str::to_owned),
    }
}

fn described(row: &OptionRow) -> String {
    match row.default {
        DefaultValue::Described(text) => format!("({text})"),
        DefaultValue::Same(text) | DefaultValue::PerProfile { dev: text, .. } => text.to_owned(),
    }
}

fn masked(keys: &[EncryptionKey]) -> String {
    let ids: Vec<_> = keys.iter().map(|key| format!("******** (key id {})", key.id())).collect();
    ids.join(", ")
}

/// A length of time in the longest unit that tells it exactly.
fn spelled(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let exact = UNITS.iter().find(|(_, unit)| nanos.is_multiple_of(*unit) && nanos > 0);
    exact.map_or_else(|| "0s".to_owned(), |(name, unit)| format!("{}{name}", nanos / unit))
}

const fn durability(durability: Durability) -> &'static str {
    match durability {
        Durability::Process => "normal",
        Durability::Machine => "full",
    }
}

const fn rsa_bits(bits: RsaBits) -> u32 {
    match bits {
        RsaBits::Of2048 => 2048,
        RsaBits::Of3072 => 3072,
        RsaBits::Of4096 => 4096,
    }
}

const fn log_format(format: LogFormat) -> &'static str {
    match format {
        LogFormat::Pretty => "pretty",
        LogFormat::Json => "json",
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn a_length_of_time_is_spelled_as_it_is_read() {
        for text in ["0s", "304s", "15m", "1h", "1d", "30d", "250ms", "90s", "1us"] {
            assert_eq!(spelled(parse::duration(text).unwrap()), text);
        }
        for (text, canonical) in [("60000ms", "1m"), ("24h", "1d"), ("1m 30s", "90s"), ("7200s", "2h")] {
            assert_eq!(spelled(parse::duration(text).unwrap()), canonical);
        }
    }
}
