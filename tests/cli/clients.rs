//! Clients as an administrator handles them at the database.

use serde_json::Value;

use crate::sandbox::{DATABASE, Sandbox, Server};

fn client(sandbox: &Sandbox, id: &str) -> Value {
    let listed: Value = serde_json::from_str(&sandbox.answer(&["clients", "list", "--output", "json"])).unwrap();
    listed.as_array().unwrap().iter().find(|client| client["client_id"] == id).unwrap().clone()
}

/// How an attempt with that secret ends, and the body of its answer.
fn token(server: &Server, secret: &str) -> (u16, String) {
    let form = format!("grant_type=client_credentials&client_id=reports&client_secret={}", secret.trim_end());
    server.ask_with_form("/oauth/token", &form)
}

#[test]
fn a_client_is_added_and_its_secret_is_rolled() {
    let sandbox = Sandbox::new();
    let older = sandbox.answer(&["clients", "add", "reports", "--scope", "read", "--scope", "write"]);
    assert_eq!(older.trim_end().len(), 43, "the secret that was made is shown");
    let added = client(&sandbox, "reports");
    assert_eq!((&added["scopes"], &added["grants"]), (&"read write".into(), &"client_credentials".into()));
    assert_eq!((&added["name"], &added["state"]), (&"reports".into(), &"active".into()));
    let older_id = added["secrets"].as_str().unwrap().to_owned();
    sandbox.run(&["clients", "retire-secret", "reports", &older_id]).failed(1, 1).saying("no other secret");
    let rolled = sandbox.answer(&["clients", "roll-secret", "reports", "--output", "json"]);
    let rolled: Value = serde_json::from_str(&rolled).unwrap();
    let newer = rolled["client_secret"].as_str().unwrap();
    sandbox.run(&["clients", "roll-secret", "reports"]).failed(1, 1).saying("two secrets");
    let server = sandbox.serve(&[]);
    assert_eq!((token(&server, &older).0, token(&server, newer).0), (200, 200));
    assert_eq!(sandbox.answer(&["clients", "retire-secret", "reports", &older_id]), "");
    assert_eq!((token(&server, &older).0, token(&server, newer).0), (401, 200));
    assert_eq!(client(&sandbox, "reports")["secrets"], rolled["secret_id"]);
}

#[test]
fn a_running_server_and_a_verifier_know_at_once() {
    let sandbox = Sandbox::new();
    let secret = sandbox.answer(&["clients", "add", "reports", "--token-audience", "https://api.example.com"]);
    let server = sandbox.serve(&[]);
    let (status, body) = token(&server, &secret);
    assert_eq!(status, 200, "{body}");
    let granted: Value = serde_json::from_str(&body).unwrap();
    let verified = sandbox.answer(&["token", "verify", granted["access_token"].as_str().unwrap()]);
    let claims: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!((&claims["client_id"], &claims["aud"]), (&"reports".into(), &"https://api.example.com".into()));
    assert_eq!(sandbox.answer(&["clients", "disable", "reports"]), "");
    assert_eq!((token(&server, &secret).0, client(&sandbox, "reports")["state"].as_str()), (401, Some("disabled")));
    assert_eq!(sandbox.answer(&["clients", "enable", "reports"]), "");
    assert_eq!(token(&server, &secret).0, 200);
    server.stop();
}

#[test]
fn what_cannot_be_is_refused_in_a_line() {
    let sandbox = Sandbox::new();
    sandbox.run(&["clients", "list"]).failed(1, 1).saying("there is no database");
    sandbox.answer(&["clients", "add", "reports"]);
    sandbox.run(&["clients", "add", "reports"]).failed(1, 1).saying("client_id is taken");
    sandbox.run(&["clients", "add", "7"]).failed(1, 1).saying("client_id");
    sandbox.run(&["clients", "add", "other", "--scope", "a b"]).failed(1, 1).saying("scopes");
    sandbox.run(&["clients", "add", "other", "--grant", "password"]).failed(2, 1).saying("client_credentials");
    sandbox.run(&["clients", "disable", "nobody"]).failed(1, 1).saying("there is no such client");
    sandbox.run(&["clients", "retire-secret", "reports", "x"]).failed(1, 1).saying("no such secret");
    assert!(sandbox.path(DATABASE).exists());
}
