//! The prod profile has nothing of what dev has for learning.

use std::collections::BTreeSet;
use std::sync::Arc;

use jwksd::compose::Stores;
use jwksd_domain::client::{DEMO_CLIENT, DEMO_CLIENT_SECRET};
use jwksd_domain::usecase::UserEdit;
use jwksd_domain::user::Role;
use serde_json::{Value, json};

use crate::mailbox::prod_with_mail;
use crate::test_app::{Around, ENCRYPTION_KEY, PROD, Signatures, TestApp};
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
    for known in ["password123", "testpass", "demo-client", "PRIVATE KEY", "`admin` and"] {
        let holds = |document: &Value| document.to_string().contains(known);
        assert!(holds(&dev) && !holds(&prod), "{known}");
    }
}

/// In a database that dev has used, the demo client is there.
#[tokio::test]
async fn the_demo_client_is_not_let_in() {
    let stores = Stores::memory();
    let token = Call::post("/oauth/token").basic(DEMO_CLIENT, DEMO_CLIENT_SECRET);
    let token = token.form("grant_type=client_credentials");
    for (flags, status, seed) in [(&[][..], 200, 1), (&PROD, 401, 2), (&[], 200, 3)] {
        let around = Around { stores: stores.clone(), clock: Arc::default(), seed };
        let app = TestApp::among(around, Signatures::Fake, flags).await.unwrap();
        assert_eq!(app.send(token.clone()).await.status, status, "{flags:?}");
    }
}

/// Of the example of the document everybody can read the private half.
#[tokio::test]
async fn the_key_of_the_document_signs_in_dev_only() {
    let document = TestApp::dev().await.get("/openapi.json").await.json();
    let import = Call::post("/admin/keys/import").json(&document["components"]["schemas"]["KeyImport"]["example"]);
    let prod = [&PROD[..], &[("signing-algorithm", "RS256")]].concat();
    let app = TestApp::signing(Signatures::Real, &prod).await;
    app.send(Call::post("/register").json(&json!({ "username": "ada", "password": "correct horse" }))).await;
    app.edit("ada", UserEdit { role: Some(Role::Admin), state: None, password: None }).await;
    let admin = app.token_of("ada", "correct horse").await;
    assert_eq!(app.send(import.clone().bearer(&admin)).await.problem(), (409, "key_known_to_all".into()));

    let stores = Stores::memory();
    let among = async |flags: &[(&'static str, &str)]| {
        let around = Around { stores: stores.clone(), clock: Arc::default(), seed: 7 };
        TestApp::among(around, Signatures::Real, flags).await
    };
    let dev = among(&[("signing-algorithm", "RS256"), ("encryption-key", ENCRYPTION_KEY)]).await.unwrap();
    let admin = dev.admin().await;
    let kid = dev.send(import.bearer(&admin)).await.json()["kid"].as_str().unwrap().to_owned();
    let refused = among(&prod).await.err().unwrap().to_string();
    assert!(refused.contains(&format!("jwksd keys revoke {kid}")), "{refused}");
    let revoke = Call::post(&format!("/admin/keys/{kid}/revoke")).bearer(&admin).json(&json!({ "reason": "example" }));
    assert_eq!(dev.send(revoke).await.status, 200);
    assert!(among(&prod).await.is_ok());
}
