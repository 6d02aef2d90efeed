//! Tokens that are minted, looked at and verified without a server.

use serde_json::Value;

use crate::sandbox::Sandbox;

/// A folder with a database in which there is a user called bob.
fn with_bob() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.answer(&["users", "add", "bob", "--role", "write"]);
    sandbox
}

fn mint(sandbox: &Sandbox, arguments: &[&str]) -> String {
    sandbox.answer(&[&["token", "mint", "--user", "bob"], arguments].concat()).trim_end().to_owned()
}

#[test]
fn a_minted_token_verifies_and_lives_as_long_as_was_asked() {
    let sandbox = with_bob();
    let minted = mint(&sandbox, &["--ttl", "10m", "--output", "json"]);
    let minted: Value = serde_json::from_str(&minted).unwrap();
    assert_eq!(minted["expires_in"], 600);
    let token = minted["token"].as_str().unwrap();
    let claims: Value = serde_json::from_str(&sandbox.answer(&["token", "verify", token])).unwrap();
    assert_eq!((claims["username"].as_str(), claims["role"].as_str()), (Some("bob"), Some("write")));
    assert_eq!(claims["jti"], minted["jti"]);
    let read = sandbox.run_with_input(&["token", "verify"], token);
    assert_eq!(read.code, Some(0), "{}", read.err);
}

#[test]
fn the_rule_that_a_token_breaks_is_named() {
    let sandbox = with_bob();
    let token = mint(&sandbox, &["--issuer", "https://a.example"]);
    let verify = |arguments: &[&str]| sandbox.run(&[&["token", "verify"], arguments].concat());
    verify(&[&token, "--issuer", "https://b.example"]).failed(1, 1).saying("issuer");
    verify(&[&token, "--issuer", "https://a.example", "--audience", "else"]).failed(1, 1).saying("audience");
    verify(&["nonsense"]).failed(1, 1).saying("malformed");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other_end = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{other_end}{}", &signature[1..]);
    verify(&[&forged, "--issuer", "https://a.example"]).failed(1, 1).saying("signature");
}

#[test]
fn a_token_of_another_database_is_not_known_here_but_by_its_jwks() {
    let (here, there) = (with_bob(), with_bob());
    let token = mint(&there, &["--issuer", "https://a.example"]);
    let issuer = ["--issuer", "https://a.example"];
    here.answer(&["token", "mint", "--user", "bob"]);
    here.run(&[&["token", "verify", &token], &issuer[..]].concat()).failed(1, 1).saying("no published key");
    let server = there.serve(&[]);
    let (status, jwks) = server.ask("GET", "/.well-known/jwks.json", "");
    assert_eq!(status, 200);
    here.write("jwks.json", &jwks);
    here.answer(&[&["token", "verify", &token, "--jwks", "jwks.json"], &issuer[..]].concat());
    let read = here.run_with_input(&[&["token", "verify", &token, "--jwks", "-"], &issuer[..]].concat(), &jwks);
    assert_eq!(read.code, Some(0), "{}", read.err);
}

#[test]
fn inspecting_shows_what_a_token_says_and_that_it_is_not_verified() {
    let sandbox = Sandbox::new();
    let token = "eyJhbGciOiJub25lIiwieCI6MX0.eyJzdWIiOiJhbnlvbmUifQ.";
    let ended = sandbox.run(&["token", "inspect", token]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    ended.saying("NOT verified");
    let shown: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(shown, serde_json::json!({ "header": { "alg": "none", "x": 1 }, "claims": { "sub": "anyone" } }));
}

#[test]
fn nobody_gets_a_token_for_who_is_not_there() {
    with_bob().run(&["token", "mint", "--user", "eve"]).failed(1, 1).saying("there is no such user");
}
