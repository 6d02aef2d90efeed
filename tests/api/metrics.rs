//! What is counted, and that it is what happened.
//!
//! The counters of a process are everyone's, and other tests run beside these. So each test here has a recorder of its own, which
//! counts what its own thread does; that the program's recorder is rendered at `/metrics` is told in `tests/cli`.

use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use serde_json::json;
use tokio::time::timeout;

use crate::test_app::TestApp;
use crate::wire::{Call, Token};

fn recorder() -> PrometheusRecorder {
    PrometheusBuilder::new().build_recorder()
}

/// What is at `/metrics` under that name with these labels, in whatever order they are written.
async fn value(app: &TestApp, name: &str, labels: &[(&str, &str)]) -> f64 {
    let answer = app.get("/metrics").await;
    let wanted: Vec<_> = labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
    let line = answer.text().lines().find(|line| {
        let is_named = line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
        is_named && wanted.iter().all(|label| line.contains(label))
    });
    let line = line.unwrap_or_else(|| panic!("no {name} {labels:?} in\n{}", answer.text()));
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

async fn logins(app: &TestApp, outcome: &str) -> f64 {
    value(app, "jwksd_logins_total", &[("outcome", outcome)]).await
}

async fn refusals(app: &TestApp, bucket: &str) -> f64 {
    value(app, "jwksd_rate_limited_total", &[("bucket", bucket)]).await
}

/// One tick of the ticker, which then sleeps.
async fn tick(app: &TestApp) {
    assert!(timeout(Duration::from_millis(1), app.app().ticking().run()).await.is_err(), "it ticks for ever");
}

#[tokio::test]
async fn logins_are_counted_by_outcome() {
    let recorder = recorder();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let flags = [("auth-rate-limit", "burst=8,every=1h"), ("account-failure-limit", "burst=2,every=1h")];
    let app = TestApp::measured(&recorder.handle(), &flags).await;
    for outcome in ["success", "bad_credentials", "address_limited", "account_limited", "busy", "failed"] {
        assert_eq!(logins(&app, outcome).await, 0.0, "{outcome} is there before it happens");
    }
    app.log_in("John", "testpass").await;
    app.send(Call::post("/auth")).await;
    app.send(Call::post("/api/v1/auth").basic("Jane", "pass123")).await;
    for _ in 0..4 {
        app.log_in("John", "wrong").await;
    }
    app.log_in("nobody", "wrong").await;
    for _ in 0..5 {
        app.log_in("John", "testpass").await;
    }
    assert_eq!(logins(&app, "success").await, 3.0);
    assert_eq!(logins(&app, "bad_credentials").await, 3.0);
    assert_eq!(logins(&app, "account_limited").await, 2.0);
    assert_eq!(logins(&app, "address_limited").await, 5.0);
    assert_eq!((logins(&app, "busy").await, logins(&app, "failed").await), (0.0, 0.0));
}

#[tokio::test]
async fn refusals_are_counted_by_what_was_limited() {
    let recorder = recorder();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let flags = [
        ("auth-rate-limit", "burst=4,every=1h"),
        ("registration-rate-limit", "burst=1,every=1h"),
        ("account-failure-limit", "burst=1,every=1h"),
    ];
    let app = TestApp::measured(&recorder.handle(), &flags).await;
    for bucket in ["address", "registration", "account"] {
        assert_eq!(refusals(&app, bucket).await, 0.0, "{bucket} is there before it happens");
    }
    for _ in 0..7 {
        app.log_in("John", "wrong").await;
    }
    for name in ["one", "two", "three"] {
        app.send(Call::post("/register").json(&json!({ "username": name }))).await;
    }
    assert_eq!(refusals(&app, "account").await, 3.0);
    assert_eq!(refusals(&app, "address").await, 3.0);
    assert_eq!(refusals(&app, "registration").await, 2.0);
}

#[tokio::test]
async fn signatures_are_counted_by_key() {
    let recorder = recorder();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let app = TestApp::measured(&recorder.handle(), &[]).await;
    let signed = async |kid: &str| value(&app, "jwksd_signatures_total", &[("kid", kid), ("alg", "ES256")]).await;
    let kids = app.jwks().await.kids();
    let (active, standby) = (kids[0].as_str(), kids[1].as_str());
    let before = signed(active).await;
    for _ in 0..3 {
        assert_eq!(Token::parse(&app.log_in("John", "testpass").await.token()).kid(), active);
    }
    app.log_in("John", "wrong").await;
    let admin = app.admin().await;
    assert_eq!((signed(active).await - before, signed(standby).await), (4.0, 0.0));
    app.wait(Duration::from_secs(300));
    assert_eq!(app.send(Call::post("/admin/keys/rotate").bearer(&admin)).await.status, 200);
    assert_eq!(Token::parse(&app.log_in("John", "testpass").await.token()).kid(), standby);
    assert_eq!((signed(active).await - before, signed(standby).await), (4.0, 1.0));
}

#[tokio::test(start_paused = true)]
async fn keys_are_counted_by_state_at_each_tick() {
    let recorder = recorder();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let app = TestApp::measured(&recorder.handle(), &[]).await;
    let states = async || {
        let mut counts = Vec::new();
        for state in ["pending", "standby", "active", "retired", "expired", "revoked"] {
            counts.push(value(&app, "jwksd_keys", &[("state", state)]).await);
        }
        counts
    };
    tick(&app).await;
    assert_eq!(states().await, [0.0, 1.0, 1.0, 0.0, 1.0, 0.0], "the fixture of dev has expired");
    // The stand-by takes over after an hour, and a new one is published.
    app.wait(Duration::from_secs(3600));
    tick(&app).await;
    assert_eq!(states().await, [0.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
}

#[tokio::test]
async fn requests_are_counted_by_routes_that_there_are() {
    let recorder = recorder();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let app = TestApp::measured(&recorder.handle(), &[]).await;
    let admin = app.admin().await;
    let jwks = app.jwks().await;
    for etag in [jwks.header("etag"), "\"other\""] {
        app.send(Call::get("/.well-known/jwks.json").header("if-none-match", etag)).await;
    }
    for id in 1..=6 {
        app.send(Call::get(&format!("/admin/users/{id}")).bearer(&admin)).await;
        app.send(Call::get(&format!("/nothing/{id}"))).await;
        app.send(Call::new("BREW", "/auth")).await;
    }
    let counted = async |route: &str, method: &str, status: &str| {
        let labels = [("route", route), ("method", method), ("status", status)];
        value(&app, "jwksd_http_requests_total", &labels).await
    };
    assert_eq!(counted("/.well-known/jwks.json", "GET", "200").await, 2.0);
    assert_eq!(counted("/.well-known/jwks.json", "GET", "304").await, 1.0);
    assert_eq!(counted("/admin/users/{id}", "GET", "200").await, 4.0);
    assert_eq!(counted("/admin/users/{id}", "GET", "404").await, 2.0);
    assert_eq!(counted("none", "GET", "404").await, 6.0);
    assert_eq!(counted("wrong_method", "OTHER", "405").await, 6.0);
    let durations = [("route", "/auth")];
    assert_eq!(value(&app, "jwksd_http_request_duration_seconds_count", &durations).await, 1.0);
}
