//! The prod profile has nothing of what dev has for learning.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::mailbox::prod_with_mail;
use crate::test_app::TestApp;
use crate::wire::{Call, Token};

#[tokio::test]
async fn there_are_no_demo_users_and_no_fixture_key() {
    let app = TestApp::prod().await;
    for (name, password) in
        [("admin", "password"), ("John", "testpass"), ("Jane", "pass123"), ("userABC", "password123")]
    {
        assert_eq!(app.log_in(name, password).await.problem(), (401, "bad_credentials".into()), "{name}");
    }
    let ring = app.app().use_cases().keyring.current();
    assert!(ring.expired_fixture().is_none());
    assert_eq!(ring.keys.len(), 2);
}

#[tokio::test]
async fn there_is_no_anonymous_token() {
    let app = TestApp::prod().await;
    for method in ["GET", "HEAD", "POST"] {
        assert_eq!(app.send(Call::new(method, "/token")).await.status, 404, "{method}");
    }
    assert_eq!(app.send(Call::post("/auth")).await.status, 400);
}

#[tokio::test]
async fn an_expired_token_cannot_be_had() {
    let app = TestApp::prod().await;
    app.send(Call::post("/register").json(&json!({ "username": "someone", "password": "correct horse" }))).await;
    let credentials = json!({ "username": "someone", "password": "correct horse" });
    let answer = app.send(Call::post("/auth?expired").json(&credentials)).await;
    assert!(Token::parse(&answer.token()).exp() > app.now().unix_seconds(), "the parameter is not known");
}

#[tokio::test]
async fn its_document_is_without_them() {
    let (dev, prod) = (TestApp::dev().await, TestApp::with(&prod_with_mail()).await);
    let (dev, prod) = (dev.get("/openapi.json").await.json(), prod.get("/openapi.json").await.json());
    assert!(dev["paths"].get("/token").is_some() && prod["paths"].get("/token").is_none());
    assert!(dev["paths"]["/auth"]["post"].to_string().contains("expired"));
    assert!(!prod["paths"]["/auth"]["post"].to_string().contains("expired"));
    let paths = |document: &Value| document["paths"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let only_in_dev: Vec<_> = paths(&dev).difference(&paths(&prod)).cloned().collect();
    assert_eq!(
        only_in_dev,
        [
            "/dev/outbox",
            "/lab/jwks",
            "/lab/jwks/{misbehaviour}",
            "/lab/tokens",
            "/lab/tokens/{flaw}",
            "/lab/x5u",
            "/token"
        ]
    );
    assert!(paths(&prod).is_subset(&paths(&dev)));
}
