//! What the edge does by itself: bodies that do not arrive in time, and scripts of other origins.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::document::operations;
use crate::test_app::TestApp;
use crate::wire::Call;

const OURS: &str = "https://app.example.com";
const FOREIGN: &str = "https://app.example.com.evil.example";

async fn with_origins() -> TestApp {
    TestApp::with(&[("cors-origins", "https://app.example.com, http://localhost:3000")]).await
}

fn preflight(path: &str, origin: &str) -> Call {
    Call::new("OPTIONS", path).header("origin", origin).header("access-control-request-method", "POST")
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_408_and_nothing_is_done() {
    let app = TestApp::with(&[("body-timeout", "3s")]).await;
    let admin = app.admin().await;
    let count = app.log().await.len();
    let document = app.get("/openapi.json").await.json();
    for (method, path, _) in operations(&document).into_iter().filter(|(method, ..)| method != "GET") {
        for begun in ["", "{\"username\":\"John\",\"password\":\"testpass\""] {
            let since = Instant::now();
            let answer = app.send(Call::new(&method, &path).bearer(&admin).body(begun).stalling()).await;
            assert_eq!(answer.problem(), (408, "body_timeout".into()), "{method} {path}");
            let waited = since.elapsed();
            assert!((3000..3100).contains(&waited.as_millis()), "{method} {path}: {waited:?}");
        }
    }
    assert_eq!(app.log().await.len(), count);
    assert_eq!(app.log_in("John", "testpass").await.seconds("ratelimit-remaining"), 8, "nor does it count");
}

#[tokio::test(start_paused = true)]
async fn what_needs_no_body_waits_for_none() {
    let app = TestApp::dev().await;
    let since = Instant::now();
    assert_eq!(app.send(Call::get("/health/live").stalling()).await.status, 200);
    assert_eq!(app.send(Call::new("PUT", "/auth").stalling()).await.status, 405);
    assert_eq!(app.send(Call::post("/nothing").stalling()).await.status, 404);
    assert_eq!(since.elapsed(), Duration::ZERO);
}

/// What names no host at all is sent to the program in `tests/cli`.
#[tokio::test]
async fn a_request_with_two_hosts_is_a_problem_like_any_other() {
    let app = TestApp::dev().await;
    for call in [Call::post("/auth"), Call::get("/nothing"), Call::new("TRACE", "/auth")] {
        let answer = app.send(call.header("host", "other.example").header("x-request-id", "of-two")).await;
        assert_eq!(answer.problem(), (400, "one_host_needed".into()));
        assert_eq!(answer.header("x-request-id"), "of-two");
    }
}

#[tokio::test]
async fn a_configured_origin_may_ask_and_read() {
    let app = with_origins().await;
    for origin in [OURS, "http://localhost:3000"] {
        let allowed = app.send(preflight("/auth", origin)).await;
        assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (204, origin));
        assert_eq!(allowed.header("access-control-allow-methods"), "POST");
        assert!(allowed.header("access-control-allow-headers").contains("Authorization"));
        assert_eq!((allowed.header("access-control-max-age"), allowed.header("vary")), ("600", "Origin"));
        let login = Call::post("/auth").header("origin", origin).json(&json!({ "username": "John", "password": "x" }));
        let answer = app.send(login).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, origin), "problems too");
        assert!(answer.header("access-control-expose-headers").contains("Retry-After"));
        assert_eq!(answer.header("access-control-allow-credentials"), "", "no cookies are used");
    }
    let methods = app.send(preflight("/admin/users/3", OURS)).await;
    assert_eq!(methods.header("access-control-allow-methods"), "DELETE, GET, HEAD, PATCH");
}

#[tokio::test]
async fn a_foreign_origin_may_not() {
    let (app, closed) = (with_origins().await, TestApp::dev().await);
    for origin in [FOREIGN, "null", "http://app.example.com", "https://app.example.com:8443", "*"] {
        let refused = app.send(preflight("/auth", origin)).await;
        assert_eq!((refused.status, refused.header("access-control-allow-origin")), (405, ""), "{origin}");
        let answer = app.send(Call::get("/health/live").header("origin", origin)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ""), "{origin}");
        assert_eq!(answer.header("vary"), "Origin", "so that no cache mixes the answers up");
    }
    assert_eq!(closed.send(preflight("/auth", OURS)).await.status, 405, "where no origins are configured");
    let answer = closed.send(Call::get("/health/live").header("origin", OURS)).await;
    assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), ("", ""));
}

#[tokio::test]
async fn the_jwks_is_everybodys() {
    for app in [with_origins().await, TestApp::dev().await] {
        for path in ["/.well-known/jwks.json", "/auth/jwks", "/jwks.json"] {
            for origin in [OURS, FOREIGN, "null"] {
                let allowed = app.send(preflight(path, origin)).await;
                assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (204, "*"), "{path}");
                let answer = app.send(Call::get(path).header("origin", origin)).await;
                assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn options_that_is_no_preflight_is_a_wrong_method() {
    let app = with_origins().await;
    for call in [Call::new("OPTIONS", "/auth"), Call::new("OPTIONS", "/auth").header("origin", OURS)] {
        let answer = app.send(call).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    }
    assert_eq!(app.send(preflight("/nothing", OURS)).await.status, 404);
}
