//! Where the program takes its configuration from, and what it says of a wrong one. The details are tested beside the code.

use serde_json::Value;

use crate::sandbox::{KEY, Sandbox};

/// What an option came to, and where from.
fn effective(sandbox: &Sandbox, arguments: &[&str], name: &str) -> (String, String) {
    let listed = sandbox.answer(&[&["config", "--output", "json"], arguments].concat());
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let setting = listed.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap();
    (setting["value"].as_str().unwrap().to_owned(), setting["source"].as_str().unwrap().to_owned())
}

fn pair(value: &str, source: &str) -> (String, String) {
    (value.to_owned(), source.to_owned())
}

#[test]
fn a_flag_wins_over_the_environment_over_dot_env_over_the_file_over_the_default() {
    let sandbox = Sandbox::new().with("JWKSD_CLOCK_SKEW", "2s");
    assert_eq!(effective(&sandbox, &[], "jwks-max-age"), pair("5m", "default"));
    sandbox.write("jwksd.toml", "clock-skew = \"4s\"\njwks-max-age = \"4s\"\njwks-max-keys = 6\n");
    assert_eq!(effective(&sandbox, &[], "jwks-max-age"), pair("4s", "jwksd.toml"));
    assert_eq!(effective(&sandbox, &[], "jwks-max-keys"), pair("6", "jwksd.toml"));
    sandbox.write(".env", "JWKSD_CLOCK_SKEW=3s\nexport JWKSD_JWKS_MAX_AGE='3s'\n# a comment\nNODE_ENV=test\n");
    assert_eq!(effective(&sandbox, &[], "jwks-max-age"), pair("3s", "JWKSD_JWKS_MAX_AGE in .env"));
    assert_eq!(effective(&sandbox, &[], "clock-skew"), pair("2s", "JWKSD_CLOCK_SKEW in the environment"));
    assert_eq!(effective(&sandbox, &["--clock-skew", "1s"], "clock-skew"), pair("1s", "a flag"));
}

#[test]
fn an_option_is_taken_before_and_after_the_subcommand() {
    let sandbox = Sandbox::new();
    for arguments in [["--clock-skew", "9s", "config"], ["config", "--clock-skew", "9s"]] {
        assert!(sandbox.answer(&arguments).lines().any(|line| line.starts_with("clock-skew ") && line.contains("9s")));
    }
}

#[test]
fn secrets_are_masked() {
    let sandbox = Sandbox::new().with("NOT_MY_KEY", KEY);
    for arguments in [&["config"][..], &["config", "--output", "json"]] {
        let listed = sandbox.answer(arguments);
        assert!(listed.contains("********") && !listed.contains(KEY), "{listed}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_in_a_line_each() {
    let sandbox = Sandbox::new().with("JWKSD_ACESS_TOKEN_TTL", "15m").with("NOT_MY_KEY", "too short");
    sandbox.write("jwksd.toml", "audiense = \"me\"\n");
    let ended = sandbox.run(&["serve", "--key-rotation-period", "often"]);
    ended.failed(2, 4).saying("did you mean JWKSD_ACCESS_TOKEN_TTL?").saying("did you mean audience?");
    ended.saying("--key-rotation-period").saying("NOT_MY_KEY in the environment");
    assert!(!ended.err.contains("too short"), "a secret is not repeated: {}", ended.err);
    assert_eq!(sandbox.files(), ["jwksd.toml"]);
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    let sandbox = Sandbox::new();
    sandbox.write("jwksd.toml", "listen = \"127.0.0.1:0\"\nissuer = \n");
    sandbox.run(&["config"]).failed(2, 1).saying("jwksd.toml, line 2");
}

#[test]
fn prod_starts_with_nothing_missing_only() {
    let sandbox = Sandbox::new().with("APP_ENV", "prod");
    sandbox.run(&[]).failed(2, 2).saying("JWKSD_ENCRYPTION_KEY").saying("JWKSD_ISSUER");
    assert_eq!(sandbox.files(), Vec::<String>::new());
}

#[test]
fn dev_listens_on_loopback_unless_told_otherwise() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--listen", "0.0.0.0:0"]).failed(2, 1).saying("--allow-remote-dev");
    sandbox.answer(&["config", "--listen", "0.0.0.0:0", "--allow-remote-dev"]);
}
