//! How many attempts pass: ten at once from an address, then one more each second; failures at an account are counted beside.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use serde_json::json;

use crate::test_app::TestApp;
use crate::wire::Call;

/// Trusts the peer of the tests, so that they may come from any address.
const BEHIND_PROXY: [(&str, &str); 1] = [("trusted-proxies", "127.0.0.1/32")];

#[tokio::test]
async fn the_eleventh_attempt_is_refused_and_passes_a_second_later() {
    let app = TestApp::dev().await;
    for left in (0..10).rev() {
        let answer = app.log_in("John", "testpass").await;
        assert_eq!((answer.status, answer.seconds("ratelimit-remaining")), (200, left));
        assert_eq!(answer.seconds("ratelimit-limit"), 10);
    }
    let refused = app.log_in("John", "testpass").await;
    assert_eq!(refused.problem(), (429, "address_limited".into()));
    assert_eq!((refused.seconds("retry-after"), refused.seconds("ratelimit-remaining")), (1, 0));
    assert_eq!((refused.seconds("ratelimit-limit"), refused.seconds("ratelimit-reset")), (10, 10));
    app.wait(Duration::from_millis(999));
    assert_eq!(app.log_in("John", "testpass").await.status, 429);
    app.wait(Duration::from_millis(1));
    assert_eq!(app.log_in("John", "testpass").await.status, 200);
    assert_eq!(app.log_in("John", "testpass").await.status, 429);
}

#[tokio::test]
async fn ten_a_tenth_of_a_second_apart_pass_also_after_an_earlier_one() {
    let app = TestApp::dev().await;
    assert_eq!(app.send(Call::post("/auth")).await.status, 200);
    app.wait(Duration::from_secs(1));
    for _ in 0..10 {
        assert_eq!(app.send(Call::post("/auth")).await.status, 200);
        app.wait(Duration::from_millis(98));
    }
    assert_eq!(app.send(Call::post("/auth")).await.status, 429);
}

#[tokio::test]
async fn every_way_in_spends_from_one_bucket() {
    let app = TestApp::dev().await;
    for _ in 0..3 {
        app.send(Call::post("/auth")).await;
        app.send(Call::post("/auth?expired").basic("John", "testpass")).await;
        app.send(Call::post("/api/v1/auth").basic("John", "wrong")).await;
    }
    assert_eq!(app.send(Call::post("/auth").form("username=nobody&password=x")).await.status, 401);
    for path in ["/auth", "/auth?expired"] {
        assert_eq!(app.send(Call::post(path)).await.status, 429, "{path}");
    }
    assert_eq!(app.send(Call::post("/api/v1/auth").basic("John", "testpass")).await.status, 429);
}

#[tokio::test]
async fn a_wrong_method_does_not_count() {
    let app = TestApp::dev().await;
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"].iter().cycle().take(30) {
        let answer = app.send(Call::new(method, "/auth").basic("John", "wrong").body("{")).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method}");
    }
    assert_eq!(app.log_in("John", "testpass").await.seconds("ratelimit-remaining"), 9);
}

#[tokio::test]
async fn what_is_malformed_does_not_count() {
    let app = TestApp::dev().await;
    for _ in 0..20 {
        assert_eq!(app.send(Call::post("/auth").body("{")).await.status, 400);
    }
    assert_eq!(app.log_in("John", "testpass").await.seconds("ratelimit-remaining"), 9);
}

#[tokio::test]
async fn refused_attempts_are_logged() {
    let app = TestApp::dev().await;
    for _ in 0..11 {
        app.log_in("John", "testpass").await;
    }
    let newest = app.log().await.remove(0).entry;
    assert_eq!((newest.outcome, newest.name.as_deref(), newest.jti), (Outcome::AddressLimited, Some("John"), None));
}

#[tokio::test]
async fn failures_at_an_account_are_limited_whatever_addresses_they_come_from() {
    let app = TestApp::with(&BEHIND_PROXY).await;
    let from = |number: usize, password: &str| {
        Call::post("/auth").basic("John", password).header("x-forwarded-for", &format!("198.51.100.{number}"))
    };
    let mut failures = 0;
    let refused = loop {
        let answer = app.send(from(failures, "wrong")).await;
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.status, 401);
        failures += 1;
        assert!(failures < 200, "failures at an account are never limited");
    };
    assert_eq!(refused.problem(), (429, "account_limited".into()));
    assert_eq!(app.send(from(240, "testpass")).await.status, 429, "the right password does not pass either");
    let other = Call::post("/auth").basic("Jane", "pass123").header("x-forwarded-for", "198.51.100.241");
    assert_eq!(app.send(other).await.status, 200, "other accounts are not touched");
    assert_eq!(app.log().await[1].entry.outcome, Outcome::AccountLimited);
    app.wait(Duration::from_secs(refused.seconds("retry-after")));
    assert_eq!(app.send(from(242, "testpass")).await.status, 200, "nobody is locked out for good");
    assert_eq!(app.send(from(243, "wrong")).await.status, 401, "a success clears it");
    assert_eq!(app.send(from(244, "testpass")).await.status, 200);
}

#[tokio::test]
async fn a_forged_address_is_believed_from_trusted_proxies_only() {
    let alone = TestApp::dev().await;
    let behind = TestApp::with(&BEHIND_PROXY).await;
    let from = |number: usize| Call::post("/auth").header("x-forwarded-for", &format!("198.51.100.{number}"));
    for number in 0..10 {
        assert_eq!(alone.send(from(number)).await.status, 200);
        assert_eq!(behind.send(from(number)).await.status, 200);
    }
    assert_eq!(alone.send(from(10)).await.status, 429);
    assert_eq!(behind.send(from(10)).await.status, 200);
    assert_eq!(alone.log().await[0].entry.origin.ip.to_string(), "127.0.0.1");
    assert_eq!(behind.log().await[0].entry.origin.ip.to_string(), "198.51.100.10");
    let chain = Call::post("/auth").header("x-forwarded-for", "203.0.113.9, 198.51.100.77");
    behind.send(chain).await;
    assert_eq!(behind.log().await[0].entry.origin.ip.to_string(), "198.51.100.77", "the last hop is the client");
}

#[tokio::test]
async fn registrations_are_limited_by_address_and_not_by_logins() {
    let app = TestApp::with(&[BEHIND_PROXY[0], ("registration-rate-limit", "burst=2,every=10s")]).await;
    let register = |name: &str, address: &str| {
        Call::post("/register").json(&json!({ "username": name })).header("x-forwarded-for", address)
    };
    let first = app.send(register("one", "198.51.100.1")).await;
    assert_eq!((first.status, first.seconds("ratelimit-limit"), first.seconds("ratelimit-remaining")), (201, 2, 1));
    let taken = app.send(register("one", "198.51.100.1")).await;
    assert_eq!((taken.status, taken.seconds("ratelimit-remaining")), (409, 0));
    let refused = app.send(register("two", "198.51.100.1")).await;
    assert_eq!(refused.problem(), (429, "address_limited".into()));
    assert_eq!((refused.seconds("retry-after"), refused.seconds("ratelimit-remaining")), (10, 0));
    let newest = app.log().await.remove(0).entry;
    assert_eq!((newest.event, newest.outcome), (Event::Registration, Outcome::AddressLimited));
    assert_eq!((newest.name.as_deref(), newest.origin.ip.to_string()), (Some("two"), "198.51.100.1".to_owned()));
    let login = Call::post("/auth").basic("John", "testpass").header("x-forwarded-for", "198.51.100.1");
    assert_eq!(app.send(login).await.seconds("ratelimit-remaining"), 9, "logins have a bucket of their own");
    assert_eq!(app.send(register("two", "198.51.100.2")).await.status, 201, "other addresses are not touched");
    app.wait(Duration::from_secs(10));
    assert_eq!(app.send(register("three", "198.51.100.1")).await.status, 201);
}

#[tokio::test]
async fn a_hundred_registrations_pass_at_once_and_logins_do_not_count() {
    let app = TestApp::dev().await;
    for _ in 0..11 {
        app.log_in("John", "testpass").await;
    }
    for number in 0..100 {
        let body = json!({ "username": format!("user{number}") });
        assert_eq!(app.send(Call::post("/register").json(&body)).await.status, 201, "{number}");
    }
    assert_eq!(app.send(Call::post("/register").json(&json!({ "username": "late" }))).await.status, 429);
}

#[tokio::test]
async fn administrators_add_users_without_limit() {
    let app = TestApp::with(&[("registration-rate-limit", "burst=1,every=1h")]).await;
    let admin = app.admin().await;
    for number in 0..5 {
        let body = json!({ "username": format!("user{number}") });
        assert_eq!(app.send(Call::post("/admin/users").bearer(&admin).json(&body)).await.status, 201, "{number}");
    }
    assert_eq!(app.send(Call::post("/register").json(&json!({ "username": "someone" }))).await.status, 201);
}
