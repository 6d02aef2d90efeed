//! Sessions over the death of the server, and what administrators do to them from the command line.

use std::io::Write;
use std::time::{Duration, Instant};

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use crate::sandbox::{DATABASE, KEY, OTHER_KEY, Sandbox, Server};

/// What a client is told where something is down, whatever it is.
const UNAVAILABLE: &str = "Something that the server depends on is down. Try again after Retry-After.";

const LOGIN: &str = r#"{"username":"John","password":"testpass"}"#;

/// The refresh token of a new session.
fn log_in(server: &Server) -> String {
    let (status, body) = server.ask("POST", "/auth/login", LOGIN);
    assert_eq!(status, 200, "{body}");
    refresh_token(&body)
}

fn refresh(server: &Server, token: &str) -> (u16, String) {
    server.ask("POST", "/auth/refresh", &json!({ "refresh_token": token }).to_string())
}

fn refreshed(server: &Server, token: &str) -> String {
    let (status, body) = refresh(server, token);
    assert_eq!(status, 200, "{body}");
    refresh_token(&body)
}

fn refresh_token(body: &str) -> String {
    serde_json::from_str::<Value>(body).unwrap()["refresh_token"].as_str().unwrap().to_owned()
}

#[test]
fn an_answered_refresh_is_answered_alike_after_a_kill() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let token = log_in(&server);
    let successor = refreshed(&server, &token);
    server.kill();
    let server = sandbox.serve(&[]);
    assert_eq!(refreshed(&server, &token), successor);
    assert_eq!(refreshed(&server, &successor).len(), successor.len());
}

/// The server dies at another moment of the refresh each time: before it, between commit and answer, behind it.
#[test]
fn a_kill_in_the_middle_of_a_refresh_logs_nobody_out() {
    let sandbox = Sandbox::new();
    let mut server = sandbox.serve(&[]);
    let mut token = log_in(&server);
    for round in 0..6_u32 {
        let body = json!({ "refresh_token": token }).to_string();
        let mut unheard = server.connect();
        let head = format!("POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
        unheard.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let sent = Instant::now();
        while sent.elapsed() < Duration::from_micros(700) * round {
            std::hint::spin_loop();
        }
        server.kill();
        server = sandbox.serve(&[]);
        let successor = refreshed(&server, &token);
        assert_eq!(refreshed(&server, &token), successor, "round {round}");
        token = successor;
    }
}

#[test]
fn the_database_holds_neither_tokens_nor_what_they_are_made_of() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let token = log_in(&server);
    let successor = refreshed(&server, &token);
    server.stop();
    let stored = std::fs::read(sandbox.path(DATABASE)).unwrap();
    for secret in [&token, &successor] {
        let decoded = Base64UrlUnpadded::decode_vec(secret).unwrap();
        for proof in [&secret.as_bytes()[27..], &decoded[20..]] {
            assert!(!stored.windows(proof.len()).any(|bytes| bytes == proof));
        }
    }
}

#[test]
fn a_user_who_is_disabled_on_the_command_line_is_logged_out_of_the_running_server() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let token = log_in(&server);
    sandbox.answer(&["users", "disable", "John"]);
    sandbox.answer(&["users", "enable", "John"]);
    let (status, body) = refresh(&server, &token);
    assert_eq!(status, 401);
    assert!(body.contains("\"session_ended\""), "{body}");
}

/// While servers are given a new encryption key one after the other, nobody is logged out by one that has the other key only.
#[test]
fn a_server_that_lacks_the_encryption_key_of_a_session_sends_nobody_away() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--encryption-key", KEY]);
    let both = ["--encryption-key", OTHER_KEY, "--encryption-key-previous", KEY];
    sandbox.answer(&[&["keys", "rewrap"], &both[..]].concat());
    let token = log_in(&server);
    server.stop();
    let server = sandbox.serve(&["--encryption-key", OTHER_KEY]);
    let (status, body) = refresh(&server, &token);
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &problem["code"]), (503, &json!("unavailable")));
    assert_eq!(problem["detail"], json!(UNAVAILABLE), "the key is the log's business");
    let lines = server.log().lines().filter(|line| line.contains("which is not configured")).count();
    assert_eq!(lines, 1, "once, where it was met: {}", server.log());
    let logout = json!({ "refresh_token": token }).to_string();
    assert_eq!(server.ask("POST", "/auth/logout", &logout).0, 503, "nor is it told to have been ended");
    server.stop();
    assert_eq!(refresh(&sandbox.serve(&both), &token).0, 200, "nothing was ended");
}
