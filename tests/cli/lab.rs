//! `jwksd lab check` from the outside: who may be asked, what is said of an API that does not trust the issuer, and the exit codes.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use crate::sandbox::{Ended, Sandbox};

/// The issuer on a free port, without RSA keys to wait for.
const ISSUER: [&str; 4] = ["--listen", "127.0.0.1:0", "--signing-algorithm", "ES256"];

/// An API that answers each request with that status, whatever it is.
fn answering(status: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            let answer = format!("HTTP/1.1 {status} As Always\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}/protected")
}

/// Where nobody listens any more.
fn nobody() -> String {
    format!("http://{}/", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

fn check(sandbox: &Sandbox, url: &str, arguments: &[&str]) -> Ended {
    sandbox.run(&[&["lab", "check", url], &ISSUER[..], arguments].concat())
}

#[test]
fn an_api_that_lets_everything_in_is_told_what_and_how_to_mend_it() {
    let sandbox = Sandbox::new();
    let ended = check(&sandbox, &answering(200), &["--report", "card.html"]);
    ended.failed(1, 1).saying("answers are not as they must be");
    for part in [
        "alg-none: let in, and must be refused (200)",
        "RFC 8725 section 3.2",
        "Name what you accept: jwtVerify(token, keys, { algorithms: [\"RS256\"] }).",
        "left to the verifier, and not counted:",
        "revoked-after-use",
    ] {
        assert!(ended.out.contains(part), "{part:?} is not in: {}", ended.out);
    }
    let page = std::fs::read_to_string(sandbox.path("card.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("hs256-public-pem"), "{page}");
    assert_eq!(sandbox.files(), ["card.html"], "the issuer is in memory");
}

#[test]
fn the_card_for_machines_has_every_check() {
    let ended = check(&Sandbox::new(), &answering(200), &["--output", "json"]);
    let card: Value = serde_json::from_str(&ended.out).unwrap();
    let checks = card["checks"].as_array().unwrap();
    assert_eq!(checks[0]["name"], "sound");
    assert_eq!((card["trusted"].as_bool(), card["right"].as_u64()), (Some(true), Some(3)));
    let none = checks.iter().find(|check| check["name"] == "alg-none").unwrap();
    assert_eq!((none["mark"].as_str(), none["status"].as_u64()), (Some("accepted"), Some(200)));
    assert_eq!(none["mend"].as_array().unwrap().len(), 4);
}

#[test]
fn an_api_that_does_not_trust_the_issuer_is_told_what_to_configure() {
    let sandbox = Sandbox::new();
    let ended = check(&sandbox, &answering(401), &[]);
    ended.failed(1, 1).saying("does not let in a good token").saying("/.well-known/jwks.json").saying("ES256");
    // It goes nowhere else, whatever it is told.
    check(&sandbox, &answering(302), &[]).failed(1, 1).saying("it answers 302");
    check(&sandbox, &nobody(), &[]).failed(1, 1).saying("nobody answers");
}

#[test]
fn an_api_of_somebody_else_is_left_alone() {
    let sandbox = Sandbox::new();
    for (url, arguments) in [
        ("http://192.0.2.1/protected", &[][..]),
        ("http://192.0.2.1/protected", &["--i-own-this", "192.0.2.2"]),
        ("http://api.example.com/protected", &["--i-own-this", "example.com"]),
    ] {
        check(&sandbox, url, arguments).failed(2, 1).saying("--i-own-this");
    }
}

#[test]
fn bad_usage_is_told_before_anything_is_asked() {
    let sandbox = Sandbox::new();
    let url = &nobody();
    check(&sandbox, "nowhere", &[]).failed(2, 1).saying("http://127.0.0.1:3000/protected");
    check(&sandbox, url, &["--patience", "soon"]).failed(2, 1).saying("--patience");
    check(&sandbox, url, &["--report", "card.pdf"]).failed(2, 1).saying(".html or .json");
    check(&sandbox, url, &["--output", "pdf"]).failed(2, 1).saying("--output");
    let key = crate::sandbox::KEY;
    let prod =
        ["--profile", "prod", "--issuer", "https://auth.example.com", "--encryption-key", key, "--otp-login", "off"];
    sandbox.run(&[&["lab", "check", url], &prod[..]].concat()).failed(2, 1).saying("dev profile");
    sandbox.run(&["lab"]).failed(2, 1).saying("check");
    assert_eq!(sandbox.files(), Vec::<String>::new());
}
