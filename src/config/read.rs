//! From settings to the typed configuration. A value that cannot be read becomes a problem, and its default stands in for it, so
//! that every other value is looked at too.

use std::num::NonZeroU32;
use std::time::Duration;

use jwksd_domain::key::KeyPolicy;
use jwksd_domain::limit::{Quota, Quotas};
use jwksd_domain::otp::ResetPage;
use jwksd_domain::password_policy::{PASSWORD_MIN, PASSWORD_MIN_MAX, PasswordPolicy};
use jwksd_domain::session::SessionPolicy;
use jwksd_domain::usecase::Keyring;
use zeroize::Zeroizing;

use super::options::{self, OPTIONS};
use super::sources::{Setting, Settings, Source};
use super::table::{DefaultValue, Kind};
use super::{
    Config, Database, Durability, EncryptionKey, EncryptionKeys, Hashing, LogFormat, MailSettings, MailTransport,
    Profile, RsaBits, SmtpServer, Timeouts, check, parse, show,
};

/// How long the tokens live that the dev profile gives out at `GET /token`, as S3's did.
const DEMO_TOKEN_LIFE: Duration = Duration::from_secs(2 * 3600);

/// How often a second factor may be shown. Three of a million codes are right at a time: at this pace, who knows the password and
/// guesses day and night needs two years for an even chance.
const SECOND_FACTOR: Quota =
    Quota { burst: NonZeroU32::new(5).expect("five is more than zero"), every: Duration::from_secs(300) };

/// Reads `settings` by the types of the options.
pub(super) fn config(settings: &Settings, problems: &mut Vec<String>) -> Config {
    let mut reader = Reader { settings, profile: Profile::Dev, problems };
    reader.profile = reader.value("profile", profile);
    let mut config = Config {
        profile: reader.profile,
        listen: reader.value("listen", parse::socket_address),
        issuer: reader.optional("issuer", parse::issuer),
        audience: reader.optional("audience", parse::line),
        database: reader.value("database-url", Database::parse),
        durability: reader.value("sqlite-synchronous", durability),
        encryption: encryption(&mut reader),
        keys: keys(&mut reader),
        rsa_bits: reader.value("rsa-bits", rsa_bits),
        status_list_ttl: reader.value("status-list-ttl", parse::positive_seconds),
        sessions: sessions(&mut reader),
        quotas: quotas(&mut reader),
        trusted_proxies: reader.optional("trusted-proxies", parse::networks).unwrap_or_default(),
        cors_origins: reader.optional("cors-origins", parse::origins).unwrap_or_default(),
        tls: None,
        timeouts: timeouts(&mut reader),
        hashing: hashing(&mut reader),
        passwords: PasswordPolicy { min_length: reader.value("password-min-length", min_length) },
        mail: mail(&mut reader),
        log_filter: reader.value("log-level", parse::log_filter),
        log_format: reader.value("log-format", log_format),
        ready_file: reader.optional("ready-file", parse::path),
        warnings: Vec::new(),
        effective: Vec::new(),
    };
    let certificate = reader.optional("tls-cert", parse::path);
    let key = reader.optional("tls-key", parse::path);
    config.tls = check::tls(certificate, key, reader.problems);
    // Nobody needs a list of tokens that are over.
    config.status_list_ttl = config.status_list_ttl.min(config.keys.token_life);
    let allows_remote_dev = reader.value("allow-remote-dev", parse::switch);
    reader.refuse_unsupported();
    check::combinations(&mut config, allows_remote_dev, problems);
    config.effective = show::effective(settings, &config, allows_remote_dev);
    config
}

fn encryption(reader: &mut Reader<'_>) -> EncryptionKeys {
    EncryptionKeys {
        current: reader.optional("encryption-key", EncryptionKey::parse),
        previous: reader.optional("encryption-key-previous", encryption_keys).unwrap_or_default(),
    }
}

fn encryption_keys(text: &str) -> Result<Vec<EncryptionKey>, String> {
    parse::list(text).map(EncryptionKey::parse).collect()
}

fn keys(reader: &mut Reader<'_>) -> KeyPolicy {
    let is_dev = reader.profile == Profile::Dev;
    let clock_skew = reader.value("clock-skew", parse::seconds);
    let (max_age, lead) =
        (reader.value("jwks-max-age", parse::seconds), reader.value("key-publish-lead", parse::seconds));
    // One who writes may take as long as one who reads; all processes of the dev profile are on one machine, and share its clock.
    let replica_lag = Keyring::GOOD_FOR * 2 + if is_dev { Duration::ZERO } else { clock_skew };
    KeyPolicy {
        algorithm: reader.value("signing-algorithm", parse::algorithm),
        rotation_period: reader.value("key-rotation-period", parse::seconds),
        publish_lead: if is_dev && lead >= max_age { lead.max(max_age + replica_lag) } else { lead },
        token_life: reader.value("access-token-ttl", parse::seconds),
        clock_skew,
        replica_lag,
        max_age,
        max_keys: usize::try_from(reader.value("jwks-max-keys", parse::number).get()).unwrap_or(usize::MAX),
        expired_fixture: is_dev,
        demo_token_life: is_dev.then_some(DEMO_TOKEN_LIFE),
    }
}

fn sessions(reader: &mut Reader<'_>) -> SessionPolicy {
    SessionPolicy {
        life: reader.value("refresh-token-ttl", parse::positive_duration),
        idle: reader.value("refresh-idle-ttl", parse::positive_duration),
        grace: reader.value("refresh-grace", parse::duration),
    }
}

fn quotas(reader: &mut Reader<'_>) -> Quotas {
    Quotas {
        address: reader.value("auth-rate-limit", parse::quota),
        registration: reader.value("registration-rate-limit", parse::quota),
        account: reader.value("account-failure-limit", parse::quota),
        mail: reader.value("mail-rate-limit", parse::quota),
        second_factor: SECOND_FACTOR,
    }
}

fn mail(reader: &mut Reader<'_>) -> MailSettings {
    let is_set = |reader: &Reader<'_>, name| reader.settings.contains_key(name);
    let (has_server, has_sender) = (is_set(reader, "smtp-url"), is_set(reader, "mail-from"));
    let server = reader.optional("smtp-url", SmtpServer::parse);
    let from = reader.optional("mail-from", parse::line);
    let transport = match (server, from) {
        (Some(server), Some(from)) => Some(MailTransport::Smtp(server, from)),
        _ if reader.profile == Profile::Dev => Some(MailTransport::Outbox),
        _ => None,
    };
    reader.problems.extend(check::mail(has_server, has_sender));
    let otp_login = reader.optional("otp-login", parse::switch);
    if otp_login == Some(true) && transport.is_none() && !has_server {
        reader.problems.push(check::NO_MAIL_SERVER.to_owned());
    }
    let reset_page = reader.optional("password-reset-url", |text| ResetPage::parse(text).map_err(str::to_owned));
    MailSettings { otp_login: otp_login.unwrap_or(true) && transport.is_some(), transport, reset_page }
}

fn min_length(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (PASSWORD_MIN..=PASSWORD_MIN_MAX).contains(number));
    number.ok_or_else(|| format!("is no number from {PASSWORD_MIN} to {PASSWORD_MIN_MAX}"))
}

fn timeouts(reader: &mut Reader<'_>) -> Timeouts {
    Timeouts {
        header: reader.value("header-timeout", parse::positive_duration),
        body: reader.value("body-timeout", parse::positive_duration),
        idle: reader.value("idle-timeout", parse::positive_duration),
        shutdown: reader.value("shutdown-grace", parse::duration),
    }
}

fn hashing(reader: &mut Reader<'_>) -> Hashing {
    Hashing {
        memory_kib: reader.value("argon2-memory-kib", parse::number).get(),
        iterations: reader.value("argon2-iterations", parse::number).get(),
        parallelism: reader.value("argon2-parallelism", parse::number).get(),
        queue: reader.value("hash-queue", parse::number).get(),
    }
}

fn profile(text: &str) -> Result<Profile, String> {
    match text {
        "dev" | "development" => Ok(Profile::Dev),
        "prod" | "production" => Ok(Profile::Prod),
        _ => Err("is neither dev nor prod".to_owned()),
    }
}

fn durability(text: &str) -> Result<Durability, String> {
    match text {
        "normal" => Ok(Durability::Process),
        "full" => Ok(Durability::Machine),
        _ => Err("is neither normal nor full".to_owned()),
    }
}

fn rsa_bits(text: &str) -> Result<RsaBits, String> {
    match text {
        "2048" => Ok(RsaBits::Of2048),
        "3072" => Ok(RsaBits::Of3072),
        "4096" => Ok(RsaBits::Of4096),
        _ => Err("is none of 2048, 3072 and 4096".to_owned()),
    }
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "pretty" => Ok(LogFormat::Pretty),
        "json" => Ok(LogFormat::Json),
        _ => Err("is neither pretty nor json".to_owned()),
    }
}

struct Reader<'a> {
    settings: &'a Settings,
    profile: Profile,
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    /// The value of an option that always has one.
    fn value<T>(&mut self, name: &'static str, parse: fn(&str) -> Result<T, String>) -> T {
        self.optional(name, parse).unwrap_or_else(|| {
            let text = default_text(name, self.profile).expect("the option has a default: see the test of the table");
            parse(text)
                .unwrap_or_else(|problem| unreachable!("the default of {name} {problem}: see the test of the table"))
        })
    }

    /// The value of an option that may be unset.
    fn optional<T>(&mut self, name: &'static str, parse: fn(&str) -> Result<T, String>) -> Option<T> {
        let setting = self.settings.get(name)?;
        match parse(&setting.text) {
            Ok(value) => Some(value),
            Err(problem) => {
                let problem = setting.form.problem(&setting.written).unwrap_or(&problem);
                self.problems.push(described(name, setting, problem));
                None
            }
        }
    }

    fn refuse_unsupported(&mut self) {
        for row in OPTIONS.iter().filter(|row| row.kind == Kind::Unsupported) {
            if let Some(setting) = self.settings.get(row.name) {
                self.problems.push(format!("--{} is not supported by this version{}", row.name, from(&setting.source)));
            }
        }
    }
}

/// What holds where the option is not set, if that is a value.
pub(super) fn default_text(name: &str, profile: Profile) -> Option<&'static str> {
    match (options::find(name)?.default, profile) {
        (DefaultValue::Same(text), _) => Some(text),
        (DefaultValue::PerProfile { dev, .. }, Profile::Dev) => Some(dev),
        (DefaultValue::PerProfile { prod, .. }, Profile::Prod) => Some(prod),
        (DefaultValue::Described(_), _) => None,
    }
}

/// The problem with a value, naming the option and where the value was found. Secrets, and URLs that may hold one, stay out.
fn described(name: &str, setting: &Setting, problem: &str) -> String {
    let is_secret = options::find(name).is_some_and(|row| row.kind == Kind::Secret) || name == "database-url";
    let text =
        if is_secret { Zeroizing::new(String::new()) } else { Zeroizing::new(format!(" {:?}", &*setting.written)) };
    format!("--{name}:{} {problem}{}", &*text, from(&setting.source))
}

fn from(source: &Source) -> String {
    match source {
        Source::Flag => String::new(),
        source => format!(" (from {source})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps the proof of [`Reader::value`]: nothing is set, and nothing is wrong but what the prod profile asks for.
    #[test]
    fn every_default_of_the_table_can_be_read() {
        for profile in ["dev", "prod"] {
            let setting = Setting::plain(Zeroizing::new(profile.to_owned()), Source::Flag);
            let mut problems = Vec::new();
            let config = config(&Settings::from([("profile", setting)]), &mut problems);
            problems.retain(|problem| !problem.contains("must be set"));
            assert_eq!(problems, Vec::<String>::new());
            assert_eq!(config.profile.as_str(), profile);
        }
    }
}
