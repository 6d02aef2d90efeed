//! From the start to the end of a server.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use crate::sandbox::{DATABASE, KEY, Sandbox, first_line};

const LOGIN: &str = r#"{"username":"userABC","password":"password123"}"#;

#[test]
fn the_banner_says_who_serves_what_where() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let log = server.log();
    for part in ["dev", &format!("http://{}", server.address), DATABASE, "/docs", "encryption key"] {
        assert!(log.contains(part), "{part:?} is not in: {log}");
    }
    assert!(log.lines().any(|line| line.contains("warning: The dev profile")), "{log}");
}

#[test]
fn json_logs_are_json_from_the_first_line_to_the_last() {
    let sandbox = Sandbox::new();
    let mut server = sandbox.serve(&["--log-format", "json"]);
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
    let log = server.log();
    assert!(log.lines().count() > 2);
    for line in log.lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok_and(|entry| entry["level"].is_string()),
            "{line}"
        );
    }
}

#[test]
fn both_signals_end_it_with_zero() {
    for signal in ["TERM", "INT"] {
        let sandbox = Sandbox::new();
        let mut server = sandbox.serve(&[]);
        server.signal(signal);
        assert_eq!(server.ended(), Some(0), "{signal}: {}", server.log());
    }
}

#[test]
fn a_client_that_says_nothing_does_not_hold_up_the_end() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--shutdown-grace", "1h"]);
    let silent = server.connect();
    assert_eq!(server.ask("GET", "/health/live", "").0, 200);
    server.stop();
    drop(silent);
}

#[test]
fn an_answer_that_takes_its_time_does_not_hold_up_the_end() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--shutdown-grace", "1h"]);
    let mut slow = server.connect();
    slow.write_all(b"GET /lab/jwks/slow HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let begun = slow.try_clone().unwrap();
    assert_eq!(first_line(begun), "HTTP/1.1 200 OK", "the answer is under way");
    server.stop();
    drop(slow);
}

#[test]
fn a_second_signal_does_not_wait_for_open_requests() {
    let sandbox = Sandbox::new();
    let mut server = sandbox.serve(&["--shutdown-grace", "1h", "--body-timeout", "1h"]);
    let mut half = server.connect();
    half.write_all(b"POST /auth HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
        .unwrap();
    // An answered request behind the half one shows that the half one has been met.
    assert_eq!(server.ask("GET", "/health/live", "").0, 200);
    server.signal("TERM");
    assert!(crate::sandbox::within_patience(|| server.log().contains("stopping")));
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0), "{}", server.log());
}

#[test]
fn a_head_that_does_not_end_is_cut_off() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--header-timeout", "100ms"]);
    let mut slow = server.connect();
    slow.write_all(b"GET / HT").unwrap();
    assert_eq!(first_line(slow), "", "the connection is closed without an answer");
}

/// RFC 9112 section 3.2.
#[test]
fn a_request_names_its_host_once() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    for (head, status) in [
        ("HTTP/1.1\r\nHost: a", "200 OK"),
        ("HTTP/1.1", "400 Bad Request"),
        ("HTTP/1.1\r\nHost: a\r\nHost: b", "400 Bad Request"),
        ("HTTP/1.0", "200 OK"),
    ] {
        for path in ["/health/live", "/.well-known/jwks.json"] {
            let mut stream = server.connect();
            stream.write_all(format!("GET {path} {head}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.lines().next().unwrap().ends_with(status), "{head}: {answer}");
            assert!(answer.contains("x-request-id: "), "{head}: {answer}");
            assert_eq!(answer.contains("one_host_needed"), status.starts_with("400"), "{head}: {answer}");
        }
    }
}

#[test]
fn a_port_in_use_is_told_and_nothing_is_made() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    sandbox.run(&["--listen", &address]).failed(1, 1).saying("in use").saying(&address);
    assert_eq!(sandbox.files(), Vec::<String>::new());
}

#[test]
fn a_database_that_is_deleted_meanwhile_is_noticed() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    assert_eq!(server.ask("GET", "/health/ready", "").0, 200);
    fs::remove_file(sandbox.path(DATABASE)).unwrap();
    let (status, body) = server.ask("GET", "/health/ready", "");
    assert_eq!(status, 503, "{body}");
    assert!(!body.contains(DATABASE), "the log has the path, and no answer: {body}");
}

#[test]
fn what_was_answered_is_there_after_a_kill() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    assert_eq!(server.ask("POST", "/register", r#"{"username":"bob"}"#).0, 201);
    assert_eq!(server.ask("POST", "/auth", LOGIN).0, 200);
    server.kill();
    let listed: serde_json::Value =
        serde_json::from_str(&sandbox.answer(&["users", "list", "--output", "json"])).unwrap();
    let find = |name| listed.as_array().unwrap().iter().find(|user| user["username"] == name).cloned().unwrap();
    assert!(find("bob").is_object());
    assert!(find("userABC")["last_login_at"].is_string());
    assert_eq!(sandbox.serve(&[]).ask("POST", "/auth", LOGIN).0, 200);
}

#[test]
fn a_database_that_is_none_is_told_and_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.write(
        DATABASE,
        "a shopping list, longer than the header of a database: bread, butter, milk, eggs, tea, salt, rice",
    );
    let before = fs::read(sandbox.path(DATABASE)).unwrap();
    sandbox.run(&["--listen", "127.0.0.1:0"]).failed(1, 1).saying("not an SQLite database");
    assert_eq!(fs::read(sandbox.path(DATABASE)).unwrap(), before);
}

#[test]
fn two_servers_that_start_at_once_on_one_database_agree() {
    let sandbox = Sandbox::new();
    let other = sandbox.beside();
    let (first, second) = std::thread::scope(|scope| {
        let starting = scope.spawn(|| other.serve(&[]));
        (sandbox.serve(&[]), starting.join().unwrap())
    });
    let jwks = |server: &crate::sandbox::Server| server.ask("GET", "/.well-known/jwks.json", "").1;
    assert!(crate::sandbox::within_patience(|| jwks(&first) == jwks(&second)));
    assert_eq!(first.ask("POST", "/auth", LOGIN).0, 200);
    assert_eq!(second.ask("POST", "/auth", LOGIN).0, 200);
}

#[test]
fn prod_serves_without_what_only_dev_has() {
    let sandbox = Sandbox::new().with("APP_ENV", "prod").with("NOT_MY_KEY", KEY);
    let server = sandbox.serve(&["--issuer", "https://auth.example.com"]);
    assert_eq!(server.ask("GET", "/.well-known/jwks.json", "").0, 200);
    assert_eq!(server.ask("GET", "/token", "").0, 404);
    assert_eq!(server.ask("POST", "/auth", LOGIN).0, 401);
    assert!(!server.log().contains("warning:"), "{}", server.log());
}

/// Each process counts for itself, and from nothing. What is counted is told in `tests/api`, where the process is shared.
#[test]
fn what_happened_is_at_metrics() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    for body in [LOGIN, LOGIN, r#"{"username":"userABC","password":"wrong"}"#] {
        server.ask("POST", "/auth", body);
    }
    let (status, text) = server.ask("GET", "/metrics", "");
    assert_eq!(status, 200);
    for line in [
        r#"jwksd_logins_total{outcome="success"} 2"#,
        r#"jwksd_logins_total{outcome="bad_credentials"} 1"#,
        r#"jwksd_rate_limited_total{bucket="registration"} 0"#,
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}
