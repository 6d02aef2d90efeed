//! What administrators do to keys: revoking one, taking one in, looking at one.

use std::time::Duration;

use jwksd_domain::audit::Event;
use jwksd_domain::key::Algorithm;
use jwksd_domain::usecase::TokenLife;
use jwksd_domain::user::LoginName;
use serde_json::{Value, json};

use crate::test_app::{Signatures, TestApp};
use crate::wire::{Answer, Call, Token};

async fn revoke(app: &TestApp, kid: &str, reason: &str) -> Answer {
    let call = Call::post(&format!("/admin/keys/{kid}/revoke")).bearer(&app.admin().await);
    app.send(call.json(&json!({ "reason": reason }))).await
}

async fn import(app: &TestApp, pem: &str) -> Answer {
    let call = Call::post("/admin/keys/import").bearer(&app.admin().await);
    app.send(call.json(&json!({ "pem": pem }))).await
}

/// The private half of a key that another server made, as PEM.
async fn foreign_pem(algorithm: Algorithm) -> String {
    let other = TestApp::with(&[("signing-algorithm", algorithm.as_str()), ("encryption-key", &"k".repeat(32))]).await;
    let ports = other.app().ports();
    let order = jwksd_domain::key::KeyOrder {
        algorithm,
        purpose: jwksd_domain::key::KeyPurpose::Signing,
        schedule: other.app().use_cases().keyring.current().keys[0].schedule,
    };
    // Its entropy is seeded as ours: the tenth key is one that we never make.
    for _ in 0..10 {
        ports.signer.generate(algorithm).await.unwrap();
    }
    let key = order.fill(ports.signer.generate(algorithm).await.unwrap(), other.now());
    let pair = ports.custody.export(&key).await;
    pair.unwrap_or_else(|error| panic!("{error}")).private.to_string()
}

#[tokio::test]
async fn a_revoked_signer_leaves_at_once_and_the_stand_by_signs() {
    let app = TestApp::dev().await;
    let before = app.jwks().await.kids();
    let old = app.token_of("Jane", "pass123").await;
    app.token_of("Jane", "pass123").await;
    app.token_of("John", "testpass").await;
    let answer = revoke(&app, &before[0], " the laptop was stolen ").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!((&told["kid"], &told["already_revoked"]), (&json!(before[0]), &json!(false)));
    assert_eq!(told["signer"], json!(before[1]), "the stand-by");
    // Jane twice, John once, and the administrator who asked.
    assert_eq!((&told["live_tokens"], &told["live_users"]), (&json!(4), &json!(3)));
    assert_eq!(told["signed_since"], json!(app.now().to_string()));
    let forgotten = app.now().plus(Duration::from_secs(300 + 4));
    assert_eq!(
        told["forgotten_at"],
        json!(forgotten.to_string()),
        "the max-age, and what replicas need to learn of it"
    );

    let after = app.jwks().await.kids();
    assert!(!after.contains(&before[0]) && after[0] == before[1] && after.len() == 2, "{after:?}");
    assert_eq!(app.send(Call::get("/userinfo").bearer(&old)).await.problem(), (401, "invalid_token".into()));
    let new = app.token_of("Jane", "pass123").await;
    assert_eq!(Token::parse(&new).kid(), before[1]);
    assert_eq!(app.send(Call::get("/userinfo").bearer(&new)).await.status, 200);
    let listed = app.read_as_admin("/admin/keys").await;
    let entry = listed["keys"].as_array().unwrap().iter().find(|key| key["kid"] == json!(before[0])).unwrap();
    assert_eq!((&entry["state"], &entry["revocation_reason"]), (&json!("revoked"), &json!("the laptop was stolen")));
    let logged = app.log().await;
    let entry = logged.iter().find(|stored| stored.entry.event == Event::KeyRevoked).unwrap();
    assert_eq!(entry.entry.kid.as_ref().unwrap().as_str(), before[0]);
    let entries = app.read_as_admin("/admin/auth-logs").await["entries"].as_array().unwrap().clone();
    let entry = entries.iter().find(|entry| entry["event"] == "key_revoked").unwrap();
    let login = entries.iter().find(|entry| entry["username"] == "admin").unwrap();
    assert_eq!(entry["administrator_id"], login["user_id"], "the log says who did it");
    assert_eq!((&entry["outcome"], &entry["detail"]), (&json!("success"), &json!("the laptop was stolen")), "and why");
}

#[tokio::test]
async fn to_revoke_again_changes_nothing_and_tells_the_same() {
    let app = TestApp::dev().await;
    let kid = app.jwks().await.kids()[0].clone();
    let first = revoke(&app, &kid, "first").await.json();
    app.wait(Duration::from_secs(60));
    let kids = app.jwks().await.kids();
    let again = revoke(&app, &kid, "second").await.json();
    assert_eq!((&again["already_revoked"], &again["revoked_at"]), (&json!(true), &first["revoked_at"]));
    assert_eq!(app.jwks().await.kids(), kids);
    let key = app.read_as_admin(&format!("/admin/keys/{kid}")).await;
    assert_eq!(key["key"]["revocation_reason"], "first");
    let entries = app.read_as_admin("/admin/auth-logs").await["entries"].as_array().unwrap().clone();
    let told = entries.iter().filter(|entry| entry["event"] == "key_revoked");
    let told: Vec<_> = told.map(|entry| (entry["outcome"].clone(), entry["detail"].clone())).collect();
    let expected = [("already_done", "second"), ("success", "first")];
    assert_eq!(told, expected.map(|(outcome, detail)| (json!(outcome), json!(detail))), "which of them did it");
}

#[tokio::test]
async fn a_revoked_stand_by_is_replaced_and_the_signer_signs_on() {
    let app = TestApp::dev().await;
    let before = app.jwks().await.kids();
    let told = revoke(&app, &before[1], "its file was copied").await.json();
    assert_eq!(
        (&told["signer"], &told["signed_since"], &told["live_tokens"]),
        (&json!(before[0]), &Value::Null, &json!(0))
    );
    let after = app.jwks().await.kids();
    assert!(after[0] == before[0] && after.len() == 2 && !after.contains(&before[1]), "{after:?}");
}

#[tokio::test]
async fn tokens_that_are_over_do_not_count() {
    let app = TestApp::dev().await;
    let kid = app.jwks().await.kids()[0].clone();
    app.token_of("Jane", "pass123").await;
    let mint = &app.app().use_cases().mint_token;
    let jane = LoginName::parse("Jane").unwrap();
    mint.run(&jane, TokenLife::Of(Duration::from_secs(1800))).await.unwrap();
    app.wait(Duration::from_secs(1000));
    let told = revoke(&app, &kid, "test").await.json();
    assert_eq!((&told["live_tokens"], &told["live_users"]), (&json!(2), &json!(2)), "the minted one, and ours");
}

#[tokio::test]
async fn what_cannot_be_revoked_is_told() {
    let app = TestApp::with(&[("auth-rate-limit", "burst=100,every=1s")]).await;
    let kid = app.jwks().await.kids()[0].clone();
    let stranger = "A".repeat(43);
    for unknown in [stranger.as_str(), "x", "..%2F..", "%00", "'%20OR%201=1"] {
        assert_eq!(revoke(&app, unknown, "test").await.problem(), (404, "unknown_key".into()), "{unknown}");
    }
    let listed = app.read_as_admin("/admin/keys").await;
    let fixture = listed["keys"].as_array().unwrap().iter().find(|key| key["purpose"] == "expired_fixture").unwrap();
    let refused = revoke(&app, fixture["kid"].as_str().unwrap(), "test").await;
    assert_eq!(refused.problem(), (409, "fixture_key".into()));
    for reason in ["", "  ", "a\nb", &"x".repeat(201)] {
        let answer = revoke(&app, &kid, reason).await;
        assert_eq!((answer.problem(), answer.field()), ((400, "invalid_field".into()), "reason".into()), "{reason:?}");
    }
    let call = Call::post(&format!("/admin/keys/{kid}/revoke")).bearer(&app.admin().await);
    assert_eq!(app.send(call.clone().json(&json!({}))).await.field(), "reason");
    assert_eq!(app.send(call).await.status, 400, "no body");
    assert_eq!(app.jwks().await.kids()[0], kid);
}

#[tokio::test]
async fn an_imported_key_is_the_stand_by_and_signs_when_every_cache_knows_it() {
    let app = TestApp::dev().await;
    let before = app.jwks().await.kids();
    app.wait(Duration::from_secs(3500));
    let answer = import(&app, &foreign_pem(Algorithm::Es256).await).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let kid = answer.json()["kid"].as_str().unwrap().to_owned();
    let after = app.jwks().await.kids();
    assert_eq!(after, [before[0].clone(), kid.clone()], "in the place of the stand-by, which never signed");
    let signs_from = app.now().plus(Duration::from_secs(304));
    assert_eq!(answer.json()["activated_at"], json!(signs_from.to_string()), "not at the hour, but after the lead");
    app.wait(Duration::from_secs(303));
    app.tick().await;
    assert_eq!(Token::parse(&app.admin().await).kid(), before[0]);
    app.wait(Duration::from_secs(1));
    app.tick().await;
    let token = app.admin().await;
    assert_eq!(Token::parse(&token).kid(), kid);
    assert!(app.verifies(&Token::parse(&token)));
    assert!(app.log().await.iter().any(|stored| stored.entry.event == Event::KeyImported));
}

#[tokio::test]
async fn a_key_is_not_taken_in_twice_and_never_after_its_revocation() {
    let app = TestApp::dev().await;
    let pem = foreign_pem(Algorithm::Es256).await;
    let kid = import(&app, &pem).await.json()["kid"].as_str().unwrap().to_owned();
    assert_eq!(import(&app, &pem).await.problem(), (409, "key_known".into()));
    revoke(&app, &kid, "test").await;
    assert_eq!(import(&app, &pem).await.problem(), (409, "key_revoked".into()));
    app.wait(Duration::from_secs(90 * 24 * 3600));
    app.tick().await;
    let listed = app.read_as_admin("/admin/keys").await;
    assert!(!listed["keys"].to_string().contains(&kid), "it is erased by now");
    assert_eq!(import(&app, &pem).await.problem(), (409, "key_revoked".into()), "and still revoked");
}

#[tokio::test]
async fn what_is_no_key_is_not_taken_in() {
    let app = TestApp::signing(Signatures::Real, &[]).await;
    let (rsa, public) =
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n", "-----BEGIN PUBLIC KEY-----\n");
    for pem in ["nonsense", rsa, public, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        let answer = import(&app, pem).await;
        assert_eq!((answer.problem(), answer.field()), ((400, "invalid_field".into()), "pem".into()), "{pem}");
        assert!(!answer.text().contains("MIIB"), "what was given is not repeated");
    }
}

#[tokio::test]
async fn one_key_is_shown_with_its_public_half_only() {
    let app = TestApp::signing(Signatures::Real, &[]).await;
    let published = app.jwks().await.json()["keys"][0].clone();
    let shown = app.read_as_admin(&format!("/admin/keys/{}", published["kid"].as_str().unwrap())).await;
    assert_eq!(shown["jwk"], published);
    assert_eq!(shown["key"]["state"], "active");
    let unknown = app.send(Call::get("/admin/keys/nonsense").bearer(&app.admin().await)).await;
    assert_eq!(unknown.problem(), (404, "unknown_key".into()));
}
