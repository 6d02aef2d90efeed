//! Bad input to every path: never a 5xx, always a problem (`TestApp::send` checks both), and never anything done.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::document::operations;
use crate::test_app::TestApp;
use crate::wire::Call;

/// The methods that a path is tried with.
const METHODS: [&str; 12] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW", "get"];

/// Strings that have broken programs before.
const STRINGS: [&str; 12] = [
    "",
    " ",
    "\0",
    "ad\0min",
    "аdmin",
    "ａdmin",
    "a\u{202e}nimda",
    "'; DROP TABLE users;--",
    "\" OR \"\"=\"",
    "${jndi:ldap://x}",
    "../../etc/passwd",
    "a\r\nSet-Cookie: x=y",
];

/// Bodies that are no JSON object of the right shape.
fn broken_bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = [
        "{",
        "}",
        "null",
        "1",
        "[]",
        "\"text\"",
        "[[]]",
        "{\"username\"}",
        "{username:1}",
        "<a/>",
        "\0",
        " ",
        "{}x",
        "{\"username\":\"a\",}",
        "\u{feff}{}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    bodies.push(b"{\"username\":\"\xff\xfe\",\"password\":\"x\"}".to_vec());
    bodies.push(format!("{}{}", "[".repeat(30_000), "]".repeat(30_000)).into_bytes());
    bodies
}

/// The calls that take a body, by method and path.
async fn calls_with_bodies(app: &TestApp) -> Vec<(String, String)> {
    let document = app.get("/openapi.json").await.json();
    let takes = |operation: &Value| operation.get("requestBody").is_some();
    let calls = operations(&document).into_iter().filter(|(_, _, operation)| takes(operation));
    calls.map(|(method, path, _)| (method, path)).collect()
}

/// An app with no limit to speak of, and the token of its administrator.
async fn unlimited() -> (TestApp, String) {
    let app = TestApp::with(&[("auth-rate-limit", "burst=100000,every=1ms")]).await;
    let admin = app.admin().await;
    (app, admin)
}

#[tokio::test]
async fn broken_bodies_are_400() {
    let (app, admin) = unlimited().await;
    for (method, path) in calls_with_bodies(&app).await {
        for body in broken_bodies() {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let answer = app.send(Call::new(&method, &path).bearer(&admin).body(body)).await;
            assert_eq!(answer.status, 400, "{method} {path}: {shown}");
        }
    }
}

#[tokio::test]
async fn deep_json_breaks_nothing() {
    let (app, _) = unlimited().await;
    let deep = format!("{}1{}", "{\"username\":".repeat(4000), "}".repeat(4000));
    for (method, path) in calls_with_bodies(&app).await {
        // A logout calls the token back.
        let admin = app.admin().await;
        let answer = app.send(Call::new(&method, &path).bearer(&admin).body(deep.clone())).await;
        // Whoever has no such member ignores it.
        let expected = match path.as_str() {
            "/admin/keys/rotate" => 200,
            "/auth/logout" => 204,
            "/admin/clients/1" => 404,
            _ if method == "PATCH" => 200,
            _ => 400,
        };
        assert_eq!(answer.status, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_member_that_is_given_twice_is_refused_by_name() {
    let app = TestApp::dev().await;
    let twice = r#"{"username":"userABC","username":"admin","password":"password123","password":"x"}"#;
    for path in ["/auth", "/register"] {
        let answer = app.send(Call::post(path).body(twice)).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, "username"), "{path}");
    }
}

#[tokio::test]
async fn members_that_nobody_knows_are_ignored() {
    let app = TestApp::dev().await;
    let deep = serde_json::from_str::<serde_json::Value>(&format!("{}{}", "[".repeat(100), "]".repeat(100))).unwrap();
    let body = json!({ "username": "John", "password": "testpass", "other": deep, "__proto__": {} });
    assert_eq!(app.send(Call::post("/auth").json(&body)).await.status, 200);
}

#[tokio::test]
async fn a_large_body_is_413() {
    let (app, admin) = unlimited().await;
    let large = vec![b'a'; 1024 * 1024];
    let document = app.get("/openapi.json").await.json();
    for (method, path, _) in operations(&document).into_iter().filter(|(method, ..)| method != "GET") {
        let call = || Call::new(&method, &path).bearer(&admin);
        assert_eq!(app.send(call().body(large.clone())).await.problem(), (413, "body_too_large".into()), "{path}");
        let announced = call().header("content-length", "1048576").body(large.clone());
        assert_eq!(app.send(announced).await.status, 413, "{path}");
    }
    let fits = format!("{{\"username\":\"John\",\"password\":\"testpass\"}}{}", " ".repeat(64 * 1024 - 43));
    assert!(fits.len() <= 64 * 1024);
    assert_eq!(app.send(Call::post("/auth").body(fits)).await.status, 200);
}

#[tokio::test]
async fn strings_that_have_broken_programs_let_nobody_in() {
    let (app, admin) = unlimited().await;
    let long = "a".repeat(300);
    for text in STRINGS.iter().copied().chain([long.as_str()]) {
        for name in ["admin", text] {
            for body in [json!({ "username": name, "password": text }), json!({ "userName": name, "password": text })] {
                for path in ["/auth", "/api/v1/auth"] {
                    let status = app.send(Call::post(path).json(&body)).await.status;
                    assert!([400, 401, 429].contains(&status), "{path} {body}: {status}");
                }
            }
        }
        let query: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for parameter in ["user", "ip", "since", "until", "outcome", "cursor", "limit"] {
            let path = format!("/admin/auth-logs?{parameter}={query}");
            let status = app.send(Call::get(&path).bearer(&admin)).await.status;
            assert!([200, 400].contains(&status), "{path}: {status}");
        }
    }
    let users = app.send(Call::get("/admin/users").bearer(&admin)).await.json();
    assert_eq!(users["users"].as_array().unwrap().len(), 4, "nothing was dropped");
}

#[tokio::test]
async fn wrong_types_are_400() {
    let (app, admin) = unlimited().await;
    let values = [json!(null), json!(1), json!(1.5e300), json!(true), json!([]), json!({ "a": 1 })];
    for value in values {
        let credentials = json!({ "username": value, "userName": value, "password": value });
        for path in ["/auth", "/api/v1/auth", "/register"] {
            assert_eq!(app.send(Call::post(path).json(&credentials)).await.status, 400, "{path} {value}");
        }
        if !(value.is_null() || value.is_boolean()) {
            let call = Call::post("/admin/keys/rotate").bearer(&admin).json(&json!({ "force": value }));
            assert_eq!(app.send(call).await.status, 400, "{value}");
        }
    }
}

#[tokio::test]
async fn every_other_method_of_every_path_is_405_before_anything_else() {
    let app = TestApp::dev().await;
    let document = app.get("/openapi.json").await.json();
    let mut methods: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (method, path, _) in operations(&document) {
        methods.entry(path).or_default().push(method);
    }
    for (path, known) in &methods {
        let allowed = |method: &str| {
            known.iter().any(|name| name == method) || (method == "HEAD" && known.iter().any(|name| name == "GET"))
        };
        for method in METHODS.into_iter().filter(|method| !allowed(method)) {
            let call = Call::new(method, path).header("content-type", "text/x").body("{").basic("admin", "x");
            let answer = app.send(call).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            let allow: Vec<_> = answer.header("allow").split(", ").collect();
            assert!(known.iter().all(|name| allow.contains(&name.as_str())), "{method} {path}: {allow:?}");
            assert!(allow.iter().all(|name| allowed(name)), "{method} {path}: {allow:?}");
        }
    }
    assert!(
        app.log().await.iter().all(|it| it.entry.origin.user_agent.as_deref() == Some("jwksd")),
        "nothing was tried"
    );
}

#[tokio::test]
async fn unknown_paths_are_404() {
    let app = TestApp::dev().await;
    let paths = [
        "/nothing",
        "/auth/",
        "//auth",
        "/Auth",
        "/auth/nothing",
        "/.well-known",
        "/.well-known/",
        "/admin",
        "/admin/keys/",
        "/%61uth",
        "/auth%00",
        "/auth/../admin/keys",
        "/.env",
        "/docs/../../etc/passwd",
        "/docs/nothing.js",
        "/docs/%2e%2e/%2e%2e/etc/passwd",
    ];
    for path in paths {
        for method in ["GET", "HEAD"] {
            assert_eq!(app.send(Call::new(method, path)).await.status, 404, "{method} {path}");
        }
    }
    assert_eq!(app.send(Call::post("/nothing").body("{")).await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn a_request_id_is_kept_where_it_is_well_formed() {
    let app = TestApp::dev().await;
    let long = "a".repeat(129);
    for (given, kept) in [("abc-DEF_1.2", true), ("a b", false), ("a;b", false), ("<script>", false), (&long, false)] {
        for path in ["/health/live", "/jwks.json", "/nothing"] {
            let answer = app.send(Call::get(path).header("x-request-id", given)).await;
            assert_eq!(answer.header("x-request-id") == given, kept, "{path} {given}");
        }
    }
    for bytes in [&b"\xff\xfe"[..], b"a\tb"] {
        assert!(app.send(Call::get("/health/live").raw_header("x-request-id", bytes)).await.headers.len() > 1);
    }
}

#[tokio::test]
async fn a_user_agent_is_cut_and_cleaned() {
    let app = TestApp::dev().await;
    app.send(Call::post("/auth").header("user-agent", &"a".repeat(5000))).await;
    assert_eq!(app.log().await[0].entry.origin.user_agent.as_ref().map(String::len), Some(256));
    app.send(Call::post("/auth").raw_header("user-agent", b"a\tb")).await;
    assert_eq!(app.log().await[0].entry.origin.user_agent.as_deref(), Some("ab"));
    app.send(Call::post("/auth").raw_header("user-agent", b"\xff\xfe")).await;
    assert_eq!(app.log().await[0].entry.origin.user_agent, None);
}

#[tokio::test]
async fn odd_headers_break_nothing() {
    let (app, admin) = unlimited().await;
    let names =
        ["authorization", "accept", "if-none-match", "content-type", "origin", "x-forwarded-for", "content-length"];
    let values: [&[u8]; 7] = [b"", b"\xff\xfe", b",,,;;;", b"\"", b"Bearer \xff", b"-1", b"99999999999999999999"];
    let document = app.get("/openapi.json").await.json();
    for (method, path, _) in operations(&document) {
        for name in names {
            for value in values {
                app.send(Call::new(&method, &path).raw_header(name, value)).await;
                if name != "authorization" {
                    app.send(Call::new(&method, &path).bearer(&admin).raw_header(name, value)).await;
                }
            }
        }
    }
}
