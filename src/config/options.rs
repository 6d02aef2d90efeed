//! Every option there is, once: the flags, `--help`, the environment, `jwksd.toml` and `jwksd config` are all read off this table.

use super::table::DefaultValue::{self, Described, PerProfile, Same};
use super::table::{Alias, AliasForm, Kind, OptionRow};

/// Every option, in the order in which `--help` and `jwksd config` show them.
pub const OPTIONS: &[OptionRow] = &[
    OptionRow {
        aliases: &[same("APP_ENV")],
        ..row(
            "profile",
            "dev|prod",
            Same("dev"),
            "What the server is for: `dev` has demo users, a demo client, a fixture key and anonymous tokens; `prod` has none of them",
        )
    },
    OptionRow {
        aliases: &[
            Alias { variable: "PORT", form: AliasForm::Port },
            Alias { variable: "JWKPORT", form: AliasForm::Port },
        ],
        ..row("listen", "ADDRESS:PORT", Same("127.0.0.1:8080"), "Where to listen; port 0 takes any free one")
    },
    OptionRow {
        kind: Kind::Switch,
        ..row("allow-remote-dev", "BOOL", Same("false"), "Let the dev profile listen beyond loopback")
    },
    OptionRow {
        aliases: &[same("ISSUER")],
        ..row(
            "issuer",
            "URL",
            Described("dev: `http://` and the listen address; prod: must be set"),
            "The `iss` of every token, and where verifiers look for the keys",
        )
    },
    row("audience", "TEXT", Described("the issuer"), "The `aud` of every token"),
    OptionRow {
        aliases: &[same("DATABASE_URL")],
        ..row(
            "database-url",
            "URL",
            Same("sqlite:totally_not_my_privateKeys.db"),
            "Where keys, users and the audit log are kept: `sqlite:FILE`, or `memory:` to forget all at the end",
        )
    },
    row(
        "sqlite-synchronous",
        "normal|full",
        Same("normal"),
        "What a committed row survives: `normal` the death of the process, `full` also that of the machine",
    ),
    OptionRow {
        aliases: &[same("NOT_MY_KEY"), same("HOT_KEY")],
        kind: Kind::Secret,
        ..row(
            "encryption-key",
            "KEY",
            Described("dev: made once and kept beside the database; prod: must be set"),
            "What private keys are encrypted with: 32 bytes as base64, as 64 hexadecimal digits, or as 32 characters",
        )
    },
    OptionRow {
        kind: Kind::Secret,
        ..row(
            "encryption-key-previous",
            "KEYS",
            Described("none"),
            "Earlier encryption keys, comma-separated, that still open what they sealed",
        )
    },
    row(
        "signing-algorithm",
        "NAME",
        Same("RS256"),
        "What new keys sign with: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, Ed25519, or EdDSA for verifiers that know no Ed25519",
    ),
    row("rsa-bits", "NUMBER", Same("2048"), "How large new RSA keys are: 2048, 3072 or 4096 bits"),
    OptionRow {
        aliases: &[Alias { variable: "ACCESS_TOKEN_EXPIRY_MS", form: AliasForm::Milliseconds }],
        ..row("access-token-ttl", "DURATION", Same("15m"), "How long a token is valid")
    },
    OptionRow {
        aliases: &[Alias { variable: "REFRESH_TOKEN_EXPIRY_MS", form: AliasForm::Milliseconds }],
        ..row("refresh-token-ttl", "DURATION", Same("30d"), "How long a session lives at most, however much it is used")
    },
    row("refresh-idle-ttl", "DURATION", Same("14d"), "How long a session lives without being refreshed"),
    row("refresh-grace", "DURATION", Same("10s"), "How long a used refresh token is answered like before"),
    row("clock-skew", "DURATION", Same("1m"), "How far the clocks of verifiers may be off"),
    row("key-rotation-period", "DURATION", PerProfile { dev: "1h", prod: "30d" }, "How long a key signs"),
    row(
        "key-publish-lead",
        "DURATION",
        PerProfile { dev: "5m", prod: "24h" },
        "How long a key is published before it signs",
    ),
    row("jwks-max-age", "DURATION", Same("5m"), "How long caches may keep the JWKS"),
    OptionRow {
        aliases: &[same("JWKS_MAX_KEYS")],
        ..row("jwks-max-keys", "NUMBER", Same("5"), "How many keys the JWKS holds at most")
    },
    row(
        "status-list-ttl",
        "DURATION",
        Same("1m"),
        "How long verifiers may keep a status list, never longer than a token lives; they learn of a logout six seconds later at most",
    ),
    row(
        "auth-rate-limit",
        "QUOTA",
        Same("burst=10,every=1s"),
        "Authentication attempts an address: so many at once, then one more each so often",
    ),
    row(
        "registration-rate-limit",
        "QUOTA",
        Same("burst=100,every=1s"),
        "Registrations an address, apart from its authentication attempts",
    ),
    row(
        "account-failure-limit",
        "QUOTA",
        Same("burst=20,every=30s"),
        "Failed logins an account, from all addresses together",
    ),
    row(
        "mail-rate-limit",
        "QUOTA",
        Same("burst=3,every=1m"),
        "Mails to an e-mail address, known or not: so many at once, then one more each so often",
    ),
    row(
        "trusted-proxies",
        "CIDRS",
        Described("none: forwarding headers are ignored"),
        "Proxies whose forwarding headers are believed, comma-separated",
    ),
    row(
        "cors-origins",
        "ORIGINS",
        Described("none; the JWKS and the status lists are open to all"),
        "Web origins that may call the API, comma-separated",
    ),
    row("tls-cert", "FILE", Described("none"), "The certificate chain (PEM) to serve TLS with"),
    row("tls-key", "FILE", Described("none"), "The private key (PEM) of the certificate"),
    row("header-timeout", "DURATION", Same("10s"), "How long a client may take to send the head of a request"),
    row("body-timeout", "DURATION", Same("10s"), "How long a client may take to send the body of a request"),
    row("idle-timeout", "DURATION", Same("75s"), "How long a connection may rest between two requests"),
    row("shutdown-grace", "DURATION", Same("10s"), "How long open requests may take to end after SIGTERM"),
    row(
        "password-min-length",
        "NUMBER",
        Same("8"),
        "How many characters a chosen password has at least, from 8 to 64; NIST asks for 15 where there is no second factor",
    ),
    row("argon2-memory-kib", "NUMBER", Same("19456"), "Memory of a password hash, in KiB"),
    row("argon2-iterations", "NUMBER", Same("2"), "Passes of a password hash over its memory"),
    row("argon2-parallelism", "NUMBER", Same("1"), "Lanes of a password hash"),
    row(
        "hash-queue",
        "NUMBER",
        Same("64"),
        "How many password hashes may wait for a processor before logins are answered 503",
    ),
    OptionRow {
        kind: Kind::Secret,
        ..row(
            "smtp-url",
            "URL",
            Described("dev: mails go to the log and to `GET /dev/outbox`; prod: nothing is mailed"),
            "The mail server: `smtp://user:password@host:587` with STARTTLS, `smtps://host:465` with TLS, `?tls=none` without",
        )
    },
    row(
        "mail-from",
        "ADDRESS",
        Described("none; must be set with --smtp-url"),
        "Who mails are from, such as `jwksd <no-reply@example.com>`",
    ),
    row(
        "otp-login",
        "on|off",
        Described("on where mails can be sent"),
        "Whether codes to log in with are mailed to whoever asks; the first login of an address makes a user of it",
    ),
    row(
        "password-reset-url",
        "URL",
        Described("none: the mail tells the token itself"),
        "The page on which people set their password anew, with `{token}` where the token goes",
    ),
    row(
        "log-level",
        "LEVEL",
        Same("info"),
        "What is logged: error, warn, info, debug, trace, or a list such as `warn,jwksd=debug`",
    ),
    row("log-format", "pretty|json", Same("pretty"), "How it is logged"),
    row("ready-file", "FILE", Described("none"), "Write the base URL to this file once the server listens"),
    unsupported("redis-url", &[same("REDIS_URL")]),
];

/// The row of that name.
pub fn find(name: &str) -> Option<&'static OptionRow> {
    OPTIONS.iter().find(|row| row.name == name)
}

const fn same(variable: &'static str) -> Alias {
    Alias { variable, form: AliasForm::Same }
}

const fn row(name: &'static str, value_name: &'static str, default: DefaultValue, help: &'static str) -> OptionRow {
    OptionRow { name, aliases: &[], kind: Kind::Value, value_name, default, help }
}

const fn unsupported(name: &'static str, aliases: &'static [Alias]) -> OptionRow {
    let default = DefaultValue::Described("none");
    OptionRow { name, aliases, kind: Kind::Unsupported, value_name: "URL", default, help: "Not in this version" }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_stands_for_one_option() {
        let names: Vec<_> = OPTIONS.iter().flat_map(OptionRow::variables).map(|(variable, _)| variable).collect();
        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(names.len(), distinct.len(), "two rows share a variable: rename one of them");
    }

    #[test]
    fn readme_lists_every_option_with_its_aliases_and_its_default() {
        let readme = include_str!("../../README.md");
        for row in OPTIONS.iter().filter(|row| row.is_offered()) {
            let flag = format!("`--{}`", row.name);
            let line = readme.lines().find(|line| line.starts_with('|') && line.contains(&flag));
            let line = line.unwrap_or_else(|| panic!("the configuration table of README.md has no row for {flag}"));
            let defaults = match row.default {
                DefaultValue::Same(text) if row.kind != Kind::Switch => vec![text],
                DefaultValue::PerProfile { dev, prod } => vec![dev, prod],
                DefaultValue::Same(_) | DefaultValue::Described(_) => vec![],
            };
            for part in row.aliases.iter().map(|alias| alias.variable).chain(defaults) {
                assert!(line.contains(&format!("`{part}`")), "README.md must say `{part}` at {flag}: {line}");
            }
        }
    }
}
