//! The effective configuration as it is shown: each option with its value and where that came from, secrets masked.

use super::options::OPTIONS;
use super::read::default_text;
use super::sources::{Settings, Source};
use super::table::{DefaultValue, Kind, OptionRow};
use super::{Config, EncryptionKey};

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

/// Every option that is offered, in the order of the table.
pub(super) fn effective(settings: &Settings, config: &Config) -> Vec<EffectiveSetting> {
    let offered = OPTIONS.iter().filter(|row| row.is_offered() || settings.contains_key(row.name));
    offered
        .map(|row| EffectiveSetting {
            name: row.name,
            value: value(row, settings, config),
            source: settings.get(row.name).map_or(Source::Default, |setting| setting.source.clone()),
        })
        .collect()
}

fn value(row: &OptionRow, settings: &Settings, config: &Config) -> String {
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
