//! `jwksd token verify --jwks`: the same rules as in the services that verify with the crate, from the outside.

use serde_json::{Value, json};

use crate::sandbox::{Ended, Sandbox};

/// Tokens of the RFCs with their keys, and what must come of them.
const VECTORS: &str = include_str!("../../verifier/tests/vectors/rfc.json");

fn vectors() -> Vec<Value> {
    serde_json::from_str(VECTORS).unwrap()
}

/// The vector whose name begins so.
fn vector(name: &str) -> Value {
    vectors().into_iter().find(|vector| vector["name"].as_str().unwrap().starts_with(name)).unwrap()
}

/// Verifies the token of `vector`, read from standard input, with its keys in a file.
fn verify(sandbox: &Sandbox, vector: &Value, arguments: &[&str]) -> Ended {
    sandbox.write("jwks.json", &json!({ "keys": vector["keys"] }).to_string());
    let all = [&["token", "verify", "--jwks", "jwks.json"], arguments].concat();
    sandbox.run_with_input(&all, vector["token"].as_str().unwrap())
}

#[test]
fn the_payload_of_every_good_vector_is_printed_and_every_other_one_is_refused() {
    let sandbox = Sandbox::new();
    for vector in vectors() {
        let ended = verify(&sandbox, &vector, &["--signature-only"]);
        match vector["payload"].as_str() {
            Some(payload) => assert_eq!((ended.code, ended.out.as_str()), (Some(0), payload), "{}", vector["name"]),
            None => assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", vector["name"]),
        }
    }
}

#[test]
fn the_rule_that_is_broken_is_named() {
    let sandbox = Sandbox::new();
    let rs256 = vector("RFC 7515 appendix A.2");
    verify(&sandbox, &rs256, &["--signature-only", "--alg", "PS256"]).failed(1, 1).saying("RFC 8725 section 3.1");
    sandbox.run(&["token", "verify", "x.y.z", "--jwks", "jwks.json", "--alg", "HS256"]).failed(2, 1).saying("--alg");
    sandbox.run(&["token", "verify", "x.y.z", "--signature-only"]).failed(2, 1).saying("--jwks");
    let unsecured = vector("RFC 7515 appendix A.5");
    verify(&sandbox, &unsecured, &["--signature-only"]).failed(1, 1).saying("the alg is not accepted here");
    let mut other = vector("RFC 7515 appendix A.3");
    let token = other["token"].as_str().unwrap().replace(".DtEh", ".DtEi");
    other["token"] = token.into();
    verify(&sandbox, &other, &["--signature-only"]).failed(1, 1).saying("signature").saying("RFC 7515 section 5.2");
}

#[test]
fn claims_are_looked_at_unless_the_signature_alone_is_asked_for() {
    let sandbox = Sandbox::new();
    // Its issuer is joe, it has no audience, and it is over since 2011.
    let rs256 = vector("RFC 7515 appendix A.2");
    verify(&sandbox, &rs256, &["--issuer", "http://a.example"]).failed(1, 1).saying("the issuer is another");
    verify(&sandbox, &rs256, &[]).failed(1, 2).saying("required here: aud");
    let no_object = vector("RFC 8037 appendix A.4");
    verify(&sandbox, &no_object, &[]).failed(1, 2).saying("the claims are no JSON object");
}

#[test]
fn keys_that_cannot_be_used_are_told() {
    let sandbox = Sandbox::new();
    let mut weak = vector("RFC 7515 appendix A.2");
    let mut second = weak["keys"][0].clone();
    second["d"] = "AA".into();
    weak["keys"].as_array_mut().unwrap().push(second);
    let ended = verify(&sandbox, &weak, &["--signature-only"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    ended.saying("key 2 of the JWKS is passed over: it has private members");
    for keys in [json!([]), json!([{ "kty": "oct", "k": "AA" }])] {
        weak["keys"] = keys;
        let ended = verify(&sandbox, &weak, &["--signature-only"]);
        assert_eq!(ended.code, Some(1));
        ended.saying("the JWKS holds no key that can be used");
    }
    sandbox.write("jwks.json", r#"{"keys":[],"keys":[]}"#);
    sandbox.run(&["token", "verify", "x.y.z", "--jwks", "jwks.json"]).failed(1, 1).saying("a member stands twice");
}

#[test]
fn the_jwks_of_a_running_server_is_fetched() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let (_, answer) = server.ask("POST", "/auth", r#"{"username":"userABC","password":"password123"}"#);
    let token = serde_json::from_str::<Value>(&answer).unwrap()["token"].as_str().unwrap().to_owned();
    let url = format!("{}/.well-known/jwks.json", server.url());
    let ended = sandbox.run(&["token", "verify", &token, "--jwks", &url, "--alg", "RS256"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let claims: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(claims["username"], "userABC");
    let elsewhere = format!("{}/nothing", server.url());
    sandbox.run(&["token", "verify", &token, "--jwks", &elsewhere]).failed(1, 1).saying("answered with status 404");
    sandbox.run(&["token", "verify", &token, "--jwks", "http://192.0.2.1/"]).failed(1, 1).saying("plain http");
}
