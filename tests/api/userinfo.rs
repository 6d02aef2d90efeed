//! Who the caller is: which tokens are taken, and which are not.

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwksd_domain::token::compact;

use crate::test_app::{Signatures, TestApp};
use crate::wire::{Call, Token};

async fn status(app: &TestApp, token: &str) -> (u16, String) {
    let answer = app.send(Call::get("/userinfo").bearer(token)).await;
    if answer.status == 401 {
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
    }
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn invalid() -> (u16, String) {
    (401, "invalid_token".into())
}

#[tokio::test]
async fn the_claims_of_the_token_are_told() {
    let app = TestApp::dev().await;
    let token = app.token_of("John", "testpass").await;
    let answer = app.send(Call::get("/userinfo").bearer(&token)).await;
    assert_eq!((answer.status, answer.json()), (200, Token::parse(&token).claims));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn without_a_token_one_is_asked_for() {
    let app = TestApp::dev().await;
    let calls = [
        Call::get("/userinfo"),
        Call::get("/userinfo").basic("John", "testpass"),
        Call::get("/userinfo").header("authorization", "Bearer"),
    ];
    for call in calls {
        let answer = app.send(call).await;
        assert_eq!(answer.problem(), (401, "token_required".into()));
        assert!(answer.header("www-authenticate").starts_with("Bearer "));
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let app = TestApp::dev().await;
    let long = "a".repeat(20_000);
    for text in ["x", "a.b.c", "..", "e30.e30.", "null", "' OR 1=1--", &long] {
        assert_eq!(status(&app, text).await, invalid(), "{text}");
    }
}

#[tokio::test]
async fn a_token_is_taken_until_it_expires() {
    let app = TestApp::with(&[("clock-skew", "0s")]).await;
    let token = app.token_of("John", "testpass").await;
    app.wait(Duration::from_secs(899));
    assert_eq!(status(&app, &token).await.0, 200);
    app.wait(Duration::from_secs(1));
    assert_eq!(status(&app, &token).await, invalid());
}

#[tokio::test]
async fn a_token_of_the_expired_fixture_is_never_taken() {
    let app = TestApp::dev().await;
    let token = app.send(Call::post("/auth?expired")).await.token();
    assert_eq!(status(&app, &token).await, invalid());
}

#[tokio::test]
async fn a_tampered_token_is_refused() {
    let app = TestApp::signing(Signatures::Real, &[("signing-algorithm", "EdDSA")]).await;
    let text = app.token_of("John", "testpass").await;
    assert_eq!(status(&app, &text).await.0, 200);
    let token = Token::parse(&text);
    let encode = |value: &serde_json::Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let mut claims = token.claims.clone();
    claims["role"] = "admin".into();
    let promoted = format!("{}.{}", encode(&token.header), encode(&claims));
    assert_eq!(status(&app, &compact(&promoted, &token.signature)).await, invalid());
    for algorithm in ["none", "HS256", "None", "RS256"] {
        let mut header = token.header.clone();
        header["alg"] = algorithm.into();
        let other = format!("{}.{}", encode(&header), encode(&token.claims));
        assert_eq!(status(&app, &compact(&other, &token.signature)).await, invalid(), "{algorithm}");
        assert_eq!(status(&app, &format!("{other}.")).await, invalid(), "{algorithm}");
    }
    let mut signature = token.signature.clone();
    signature[0] ^= 1;
    assert_eq!(status(&app, &compact(&token.signed, &signature)).await, invalid());
}

#[tokio::test]
async fn a_token_of_another_server_is_refused() {
    let (app, other) = (TestApp::dev().await, TestApp::with(&[("issuer", "http://other.example")]).await);
    let token = other.token_of("John", "testpass").await;
    assert_eq!(status(&other, &token).await.0, 200);
    assert_eq!(status(&app, &token).await, invalid());
}

#[tokio::test]
async fn a_disabled_user_is_known_no_more() {
    let app = TestApp::dev().await;
    let token = app.token_of("Jane", "pass123").await;
    assert_eq!(status(&app, &token).await.0, 200);
    app.disable("Jane").await;
    assert_eq!(status(&app, &token).await, invalid());
    assert_eq!(app.log_in("Jane", "pass123").await.status, 401);
}
