//! How a configuration is found and what is wrong with it, without a process.

use std::ffi::OsString;
use std::fs;

use jwksd_domain::session::SessionPolicy;
use zeroize::Zeroizing;

use super::{Config, Database, Flags, Profile, Source, Surroundings};

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=";

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(files: &[(&str, &str)]) -> Self {
        let place = Self::new();
        for (name, text) in files {
            fs::write(place.0.path().join(name), text).unwrap();
        }
        place
    }

    fn load(&self, flags: &[(&'static str, &str)], variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let flags: Flags = flags.iter().map(|(name, text)| (*name, Zeroizing::new((*text).to_owned()))).collect();
        let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
        let surroundings = Surroundings { variables, folder: self.0.path().to_owned() };
        Config::load(flags, surroundings).map_err(|problems| problems.0)
    }
}

fn problems(flags: &[(&'static str, &str)], variables: &[(&str, &str)]) -> Vec<String> {
    Place::new().load(flags, variables).err().unwrap_or_default()
}

fn shown(config: &Config, name: &str) -> String {
    config.effective.iter().find(|setting| setting.name == name).unwrap().value.clone()
}

fn source(config: &Config, name: &str) -> Source {
    config.effective.iter().find(|setting| setting.name == name).unwrap().source.clone()
}

#[test]
fn nothing_at_all_is_a_configuration() {
    let config = Place::new().load(&[], &[]).unwrap();
    assert_eq!(config.profile, Profile::Dev);
    assert_eq!(config.issuer(), "http://127.0.0.1:8080");
    assert_eq!(config.token_policy().audience, "http://127.0.0.1:8080");
    assert_eq!(config.database, Database::SqliteFile("totally_not_my_privateKeys.db".into()));
}

#[test]
fn a_flag_wins_over_the_environment_over_dot_env_over_the_file_over_the_default() {
    let place = Place::with(&[
        (".env", "JWKSD_CLOCK_SKEW=3s\nJWKSD_JWKS_MAX_AGE=3s\nJWKSD_ISSUER=http://env.example\n"),
        (
            "jwksd.toml",
            "clock-skew = \"4s\"\njwks-max-age = \"4s\"\nissuer = \"http://toml.example\"\njwks-max-keys = 9\n",
        ),
    ]);
    let config =
        place.load(&[("clock-skew", "1s")], &[("JWKSD_CLOCK_SKEW", "2s"), ("JWKSD_JWKS_MAX_AGE", "2s")]).unwrap();
    assert_eq!((config.keys.clock_skew.as_secs(), source(&config, "clock-skew")), (1, Source::Flag));
    assert_eq!(config.keys.max_age.as_secs(), 2);
    assert_eq!(config.issuer(), "http://env.example");
    assert_eq!((config.keys.max_keys, source(&config, "jwks-max-keys")), (9, Source::File));
    assert_eq!(source(&config, "signing-algorithm"), Source::Default);
}

#[test]
fn every_alias_is_read_and_the_own_name_wins() {
    let aliases = [
        ("APP_ENV", "dev"),
        ("PORT", "9001"),
        ("ISSUER", "https://a.example/"),
        ("DATABASE_URL", "sqlite:other.db"),
        ("ACCESS_TOKEN_EXPIRY_MS", "60000"),
        ("JWKS_MAX_KEYS", "7"),
        ("HOT_KEY", "0123456789abcdefghijklmnopqrstuv"),
    ];
    let config = Place::new().load(&[], &aliases).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:9001");
    assert_eq!(config.issuer(), "https://a.example/");
    assert_eq!(config.database.url(), "sqlite:other.db");
    assert_eq!((config.keys.token_life.as_secs(), config.keys.max_keys), (60, 7));
    assert_eq!(config.encryption.current.unwrap().expose(), b"0123456789abcdefghijklmnopqrstuv");

    let config = Place::new().load(&[], &[("JWKPORT", "9002"), ("JWKSD_LISTEN", "127.0.0.1:9003")]).unwrap();
    assert_eq!(config.listen.port(), 9003);
    let config = Place::new().load(&[], &[("NOT_MY_KEY", KEY)]).unwrap();
    assert_eq!(source(&config, "encryption-key"), Source::Environment("NOT_MY_KEY".to_owned()));
}

#[test]
fn a_schedule_that_would_break_verifiers_is_refused_by_name() {
    let prod = [("profile", "prod"), ("issuer", "https://a.example"), ("encryption-key", KEY)];
    let problems = |more: &[(&'static str, &str)]| {
        let loaded = Place::new().load(&[&prod, more].concat(), &[]);
        loaded.err().map(|problems| problems.join("\n")).unwrap_or_default()
    };
    assert_eq!(problems(&[]), "", "the defaults are possible");
    // The age of a cache, two seconds to write a key, two to read it, and the skew between two clocks.
    assert_eq!(problems(&[("key-publish-lead", "364s")]), "");
    let impossible = [
        (vec![("key-publish-lead", "363s")], "--key-publish-lead (363s) must not be shorter than jwks-max-age (300s)"),
        (
            vec![("key-rotation-period", "12h")],
            "--key-rotation-period (43200s) must not be shorter than key-publish-lead",
        ),
        (vec![("access-token-ttl", "90d")], "--jwks-max-keys (5) is too small"),
        (vec![("jwks-max-keys", "2")], "--jwks-max-keys (2) is too small"),
        (vec![("access-token-ttl", "0s")], "--access-token-ttl must be at least one second"),
    ];
    for (flags, told) in impossible {
        assert!(problems(&flags).starts_with(told), "{}", problems(&flags));
    }
    let dev = |lead| Place::new().load(&[("key-publish-lead", lead)], &[]);
    assert_eq!(dev("5m").unwrap().keys.publish_lead.as_secs(), 304, "dev is one machine, and lengthens its default");
    assert!(dev("299s").is_err());
}

#[test]
fn what_is_shown_is_what_applies() {
    let variables = [("APP_ENV", "development"), ("ACCESS_TOKEN_EXPIRY_MS", "60000"), ("PORT", "9001")];
    let flags = [("clock-skew", "1m 30s"), ("mail-rate-limit", "burst=3, every=60s"), ("status-list-ttl", "1h")];
    let config = Place::new().load(&flags, &variables).unwrap();
    let applied = [
        ("profile", "dev"),
        ("listen", "127.0.0.1:9001"),
        ("issuer", "http://127.0.0.1:9001"),
        ("access-token-ttl", "1m"),
        ("clock-skew", "90s"),
        ("key-publish-lead", "304s"),
        ("mail-rate-limit", "burst=3,every=1m"),
        ("status-list-ttl", "1m"),
        ("otp-login", "on"),
        ("allow-remote-dev", "false"),
    ];
    for (name, value) in applied {
        assert_eq!(shown(&config, name), value, "{name}");
    }
}

/// What is shown, set as it is shown, is the same configuration: nothing is shown in a spelling that cannot be read.
#[test]
fn what_is_shown_can_be_set() {
    let first = Place::new().load(&[], &[]).unwrap();
    let values = first.effective.iter().filter(|setting| !setting.value.starts_with('('));
    let flags: Vec<_> = values.map(|setting| (setting.name, setting.value.as_str())).collect();
    assert!(flags.len() > 30, "{flags:?}");
    let second = Place::new().load(&flags, &[]).unwrap();
    first.effective.iter().for_each(|setting| assert_eq!(shown(&second, setting.name), setting.value));
}

#[test]
fn a_problem_quotes_what_was_written() {
    let cases = [
        ("ACCESS_TOKEN_EXPIRY_MS", "15m", r#"--access-token-ttl: "15m" is no number of milliseconds (from "#),
        ("ACCESS_TOKEN_EXPIRY_MS", "1500", r#"--access-token-ttl: "1500" must be a whole number of seconds (from "#),
        ("PORT", "tcp", r#"--listen: "tcp" is no port (from "#),
        ("JWKSD_ACCESS_TOKEN_TTL", "15", r#"--access-token-ttl: "15" is no duration such as 90s"#),
    ];
    for (variable, text, told) in cases {
        let problems = problems(&[], &[(variable, text)]);
        assert!(problems.len() == 1 && problems[0].starts_with(told), "{problems:?}");
    }
}

#[test]
fn an_empty_variable_is_not_set() {
    let config = Place::new().load(&[], &[("ISSUER", ""), ("JWKSD_TLS_CERT", " ")]).unwrap();
    assert_eq!((config.issuer, config.tls), (None, None));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let flags = [("clock-skew", "soon"), ("auth-rate-limit", "many"), ("tls-cert", "cert.pem")];
    let variables = [("PORT", "tcp"), ("JWKSD_ISUER", "https://a.example"), ("NOT_MY_KEY", "hunter2")];
    let place = Place::with(&[("jwksd.toml", "jwks_max_age = \"5m\"\n"), (".env", "JWKSD_NONSENSE=1\n")]);
    let problems = place.load(&flags, &variables).err().unwrap();
    let told = |parts: &[&str]| problems.iter().any(|problem| parts.iter().all(|part| problem.contains(part)));
    assert!(told(&["--clock-skew", "soon"]), "{problems:#?}");
    assert!(told(&["--auth-rate-limit", "many"]), "{problems:#?}");
    assert!(told(&["--tls-cert", "--tls-key"]), "{problems:#?}");
    assert!(told(&["--listen", "PORT in the environment"]), "{problems:#?}");
    assert!(told(&["JWKSD_ISUER", "did you mean JWKSD_ISSUER?"]), "{problems:#?}");
    assert!(told(&["--encryption-key", "NOT_MY_KEY in the environment"]), "{problems:#?}");
    assert!(told(&["jwks_max_age", "jwksd.toml", "did you mean jwks-max-age?"]), "{problems:#?}");
    assert!(told(&["JWKSD_NONSENSE", ".env"]), "{problems:#?}");
    assert_eq!(problems.len(), 8, "{problems:#?}");
    assert!(!problems.join("\n").contains("hunter2"));
}

#[test]
fn what_does_not_go_together_is_told() {
    let cases: [(&[(&'static str, &str)], &str); 6] = [
        (&[("key-publish-lead", "1m")], "key-publish-lead"),
        (&[("jwks-max-keys", "2")], "jwks-max-keys"),
        (&[("listen", "0.0.0.0:0")], "--allow-remote-dev"),
        (&[("argon2-memory-kib", "4")], "--argon2-memory-kib"),
        (&[("redis-url", "redis://127.0.0.1")], "not supported by this version"),
        (&[("database-url", "postgres://u:p@db/x")], "not supported by this version"),
    ];
    for (flags, word) in cases {
        let problems = problems(flags, &[]);
        assert!(problems.len() == 1 && problems[0].contains(word), "{flags:?}: {problems:#?}");
    }
}

/// The start names the address once it is known; until then the port is none that anybody could reach.
#[test]
fn a_warning_names_no_port_that_is_yet_to_be_found() {
    let config = Place::new().load(&[("listen", "0.0.0.0:0"), ("allow-remote-dev", "true")], &[]).unwrap();
    assert!(config.warnings.iter().any(|warning| warning.contains("--allow-remote-dev")), "{:#?}", config.warnings);
    assert!(!config.warnings.iter().any(|warning| warning.contains(":0")), "{:#?}", config.warnings);
}

#[test]
fn prod_says_what_is_missing_and_how_to_set_it() {
    let missing = problems(&[], &[("APP_ENV", "prod")]);
    assert!(missing.iter().any(|problem| problem.contains("JWKSD_ENCRYPTION_KEY") && problem.contains("openssl rand")));
    assert!(missing.iter().any(|problem| problem.contains("JWKSD_ISSUER")));
    assert_eq!(missing.len(), 2);
    let enough = [("APP_ENV", "prod"), ("ISSUER", "https://auth.example.com"), ("NOT_MY_KEY", KEY)];
    let config = Place::new().load(&[("listen", "0.0.0.0:8080")], &enough).unwrap();
    assert_eq!(config.keys.rotation_period.as_secs(), 30 * 86_400);
    assert!(!config.keys.expired_fixture && config.warnings.is_empty());
}

#[test]
fn sessions_live_as_long_as_is_said() {
    let config = Place::new().load(&[("refresh-grace", "0s")], &[("REFRESH_TOKEN_EXPIRY_MS", "604800000")]).unwrap();
    let SessionPolicy { life, idle, grace } = config.sessions;
    assert_eq!([life, idle, grace].map(|duration| duration.as_secs()), [7 * 86_400, 14 * 86_400, 0]);
    assert!(problems(&[("refresh-token-ttl", "0s")], &[])[0].contains("--refresh-token-ttl"));
}

#[test]
fn a_kubernetes_service_of_our_name_is_no_mistake() {
    let links = [
        ("JWKSD_SERVICE_HOST", "10.0.0.1"),
        ("JWKSD_SERVICE_PORT", "8080"),
        ("JWKSD_PORT", "tcp://10.0.0.1:8080"),
        ("JWKSD_PORT_8080_TCP_ADDR", "10.0.0.1"),
    ];
    assert_eq!(problems(&[], &links), Vec::<String>::new());
    assert!(problems(&[], &[("JWKSD_PORT", "9000")])[0].contains("JWKSD_PORT"));
}

#[test]
fn secrets_are_masked() {
    let config = Place::new().load(&[("encryption-key", KEY), ("encryption-key-previous", KEY)], &[]).unwrap();
    for value in ["encryption-key", "encryption-key-previous"].map(|name| shown(&config, name)) {
        assert!(value.starts_with("********") && !value.contains(KEY), "{value}");
    }
}

#[test]
fn in_prod_codes_are_mailed_where_a_mail_server_is_named() {
    let prod = [("profile", "prod"), ("issuer", "https://auth.example.com"), ("encryption-key", KEY)];
    let with = |more: &[(&'static str, &'static str)]| {
        Place::new().load(&[&prod[..], more].concat(), &[]).map(|config| (config.mail.otp_login, config.warnings))
    };
    let server = [("smtp-url", "smtp://mail.example.com"), ("mail-from", "no-reply@example.com")];
    assert_eq!(with(&[]), Ok((false, vec![])));
    assert_eq!(with(&server), Ok((true, vec![])));
    assert_eq!(with(&[server[0], server[1], ("otp-login", "off")]), Ok((false, vec![])));
    let refused = with(&[("otp-login", "on")]).unwrap_err();
    assert!(refused[0].starts_with("--smtp-url must be set") && refused[0].contains("JWKSD_SMTP_URL"), "{refused:?}");
    for half in server {
        assert!(with(&[half]).unwrap_err()[0].contains("needs --"), "{half:?}");
    }
    let open = with(&[("smtp-url", "smtp://mail.example.com?tls=none"), server[1]]).unwrap().1;
    assert!(open[0].contains("in the clear"), "{open:?}");
}

#[test]
fn the_password_of_the_mail_server_is_not_shown() {
    let flags = [("smtp-url", "smtps://me:topsecret@mail.example.com"), ("mail-from", "me@example.com")];
    let config = Place::new().load(&flags, &[]).unwrap();
    assert_eq!(shown(&config, "smtp-url"), "smtps://********@mail.example.com:465");
    let wrong = problems(&[("smtp-url", "smtp://topsecret@mail.example.com"), flags[1]], &[]);
    assert!(!wrong.join(" ").contains("topsecret"), "{wrong:?}");
}

#[test]
fn the_shortest_password_has_bounds() {
    for length in ["7", "65", "0", "eight", "-8"] {
        assert!(problems(&[("password-min-length", length)], &[])[0].contains("from 8 to 64"), "{length}");
    }
    for length in ["8", "15", "64"] {
        assert_eq!(problems(&[("password-min-length", length)], &[]), Vec::<String>::new());
    }
}
