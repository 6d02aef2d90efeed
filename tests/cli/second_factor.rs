//! Second factors over the death of the server, under another encryption key, and where the phone is lost.

use jwksd_domain::second_factor::{Step, TotpSecret};
use jwksd_domain::time::Timestamp;
use serde_json::{Value, json};

use crate::sandbox::{KEY, OTHER_KEY, Sandbox, Server};

/// The code of the step that is so many after the present one by the clock of the machine, which the server goes by.
fn code(secret: &TotpSecret, later: u64) -> String {
    #[expect(clippy::disallowed_methods, reason = "the server that runs has no clock that tests could move")]
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let Step(present) = Step::at(Timestamp::from_unix_millis(i64::try_from(since.as_millis()).unwrap()));
    secret.code(Step(present + later)).expose().to_owned()
}

fn bytes_of(base32: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = base32.chars().map(|digit| format!("{:05b}", alphabet.find(digit).unwrap())).collect();
    (0..20).map(|i| u8::from_str_radix(&bits[8 * i..8 * i + 8], 2).unwrap()).collect()
}

fn log_in(server: &Server, beside: &Value) -> (u16, Value) {
    let mut body = json!({ "username": "John", "password": "testpass" });
    body.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
    let (status, answer) = server.ask("POST", "/auth/login", &body.to_string());
    (status, serde_json::from_str(&answer).unwrap())
}

/// John's second factor, confirmed with the code of the present step, and his recovery codes.
fn enrol(server: &Server) -> (TotpSecret, Vec<String>) {
    let (status, session) = log_in(server, &json!({}));
    assert_eq!(status, 200, "{session}");
    let ask = |path, body: &Value| {
        let token = session["access_token"].as_str().unwrap();
        let (status, answer) = server.ask_as(token, "POST", path, &body.to_string());
        assert_eq!(status, 200, "{answer}");
        serde_json::from_str::<Value>(&answer).unwrap()
    };
    let enrolled = ask("/auth/totp", &json!({ "password": "testpass" }));
    let secret = TotpSecret::from_slice(&bytes_of(enrolled["secret"].as_str().unwrap())).unwrap();
    let confirmed = ask("/auth/totp/confirm", &json!({ "code": code(&secret, 0) }));
    let codes = confirmed["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (secret, codes.collect())
}

fn bad() -> (u16, Value) {
    (401, json!("bad_second_factor"))
}

fn refused(server: &Server, beside: &Value) -> (u16, Value) {
    let (status, answer) = log_in(server, beside);
    (status, answer["code"].clone())
}

#[test]
fn what_was_used_is_used_after_a_kill_too() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let (secret, codes) = enrol(&server);
    let shown = [json!({ "totp": code(&secret, 1) }), json!({ "recovery_code": codes[0] })];
    for beside in &shown {
        assert_eq!(log_in(&server, beside).0, 200);
    }
    server.kill();
    let server = sandbox.serve(&[]);
    for beside in &shown {
        assert_eq!(refused(&server, beside), bad());
    }
    assert_eq!(refused(&server, &json!({})), (401, json!("second_factor_required")));
    assert_eq!(log_in(&server, &json!({ "recovery_code": codes[1] })).0, 200);
}

#[test]
fn it_moves_to_another_encryption_key_with_the_signing_keys() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--encryption-key", KEY]);
    let (secret, _) = enrol(&server);
    server.stop();
    let both = ["--encryption-key", OTHER_KEY, "--encryption-key-previous", KEY];
    let rewrap = |keys: &[&str], more: &[&str]| sandbox.run(&[&["keys", "rewrap"], keys, more].concat());
    let blind = rewrap(&both[..2], &["--dry-run"]);
    blind.failed(1, 1).saying("3 key(s) and 2 other secret(s) do not open");
    assert!(
        blind.out.lines().any(|row| row.contains("second factor") && row.contains("does not open")),
        "{}",
        blind.out
    );
    assert_eq!(rewrap(&both, &[]).code, Some(0));
    let all = "all 3 key(s) and 2 other secret(s) are sealed with the present encryption key\n";
    assert_eq!(rewrap(&both[..2], &[]).out, all, "the session and the second factor");
    let server = sandbox.serve(&["--encryption-key", OTHER_KEY]);
    assert_eq!(log_in(&server, &json!({ "totp": code(&secret, 1) })).0, 200);
}

#[test]
fn it_is_removed_for_who_has_lost_the_phone() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let (_, codes) = enrol(&server);
    assert_eq!(sandbox.answer(&["users", "reset-totp", "John"]), "");
    assert_eq!(log_in(&server, &json!({})).0, 200, "a running server knows at once");
    sandbox.run(&["users", "reset-totp", "John"]).failed(1, 1).saying("the user has no second factor");
    sandbox.run(&["users", "reset-totp", "nobody"]).failed(1, 1).saying("there is no such user");
    enrol(&server);
    assert_eq!(refused(&server, &json!({ "recovery_code": codes[0] })), bad());
}
