//! Tokens for machines: what a client is granted for itself, and each way in which it is refused (RFC 6749 sections 4.4, 5.2).

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use serde_json::json;

use crate::clients::{API, Machine, access_token, oauth_error};
use crate::test_app::{Signatures, TestApp};
use crate::wire::{Call, Token};

const OWN: &str = "grant_type=client_credentials";

#[tokio::test]
async fn a_client_is_granted_a_token_by_rfc_9068() {
    let app = TestApp::signing(Signatures::Real, &[("issuer", "https://auth.example.com")]).await;
    let machine = Machine::reports(&app).await;
    let answer = machine.ask(&app, OWN).await;
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let body = answer.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["scope"]),
        (&json!("Bearer"), &json!(900), &json!("read write"))
    );
    assert!(body.get("refresh_token").is_none());
    let token = Token::parse(&access_token(&answer));
    assert!(app.verifies(&token));
    assert_eq!(token.header["typ"], "at+jwt");
    let claims = token.claims.as_object().unwrap();
    let mut names: Vec<_> = claims.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "client_id", "exp", "iat", "iss", "jti", "scope", "status", "sub"]);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("https://auth.example.com"), &json!(API)));
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("reports"), &json!("reports")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert!(app.jwks().await.kids().contains(&token.kid()));
}

#[tokio::test]
async fn the_body_takes_credentials_as_well_as_the_header() {
    let app = TestApp::dev().await;
    let Machine { id, secret } = Machine::reports(&app).await;
    let posted = format!("{OWN}&client_id={id}&client_secret={secret}");
    access_token(&app.send(Call::post("/oauth/token").form(&posted)).await);
    let encoded: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    access_token(&app.send(Call::post("/oauth/token").basic(&id, &encoded).form(OWN)).await);
    access_token(
        &app.send(Call::post("/oauth/token").basic(&id, &secret).form(&format!("{OWN}&client_id={id}"))).await,
    );
    let both = Call::post("/oauth/token").basic(&id, &secret).form(&posted);
    assert_eq!(oauth_error(&app.send(both).await), (400, "invalid_request".into()));
    let another = Call::post("/oauth/token").basic(&id, &secret).form(&format!("{OWN}&client_id=other"));
    assert_eq!(oauth_error(&app.send(another).await), (400, "invalid_request".into()));
}

#[tokio::test]
async fn a_token_is_for_the_scope_and_the_audience_that_was_asked_for() {
    let app = TestApp::dev().await;
    let machine = Machine::reports(&app).await;
    let claims = |form: &'static str| {
        let (app, machine) = (&app, &machine);
        async move { Token::parse(&access_token(&machine.ask(app, &format!("{OWN}&{form}")).await)).claims }
    };
    assert_eq!(claims("scope=write").await["scope"], "write");
    assert_eq!(claims("scope=write+read").await["scope"], "read write");
    for name in ["resource", "audience", "resource=https://other.example.com&audience"] {
        let form = format!("{OWN}&{name}=https://other.example.com");
        let token = Token::parse(&access_token(&machine.ask(&app, &form).await));
        assert_eq!(token.claims["aud"], "https://other.example.com", "{name}");
    }
    for form in ["scope=admin", "scope=read+admin", "scope=read++write", "scope=%22"] {
        let answer = machine.ask(&app, &format!("{OWN}&{form}")).await;
        assert_eq!(oauth_error(&answer), (400, "invalid_scope".into()), "{form}");
    }
    for form in ["resource=https://evil.example", "audience=x", "resource=https://api.example.com&audience=x"] {
        let answer = machine.ask(&app, &format!("{OWN}&{form}")).await;
        assert_eq!(oauth_error(&answer), (400, "invalid_target".into()), "{form}");
    }
}

#[tokio::test]
async fn a_client_without_audiences_has_tokens_for_the_usual_one() {
    let app = TestApp::with(&[("audience", "https://everybody.example.com")]).await;
    let machine = Machine::of(&app, &json!({ "client_id": "plain" })).await;
    let token = Token::parse(&machine.token(&app).await);
    assert_eq!((&token.claims["aud"], &token.claims["scope"]), (&json!("https://everybody.example.com"), &json!("")));
}

#[tokio::test]
async fn a_request_that_is_not_well_formed_says_so() {
    let app = TestApp::dev().await;
    let machine = Machine::reports(&app).await;
    let cases = [
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("scope=read", "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=client_credentials&scope=read&scope=read", "invalid_request"),
        ("grant_type=client_credentials&resource=a&resource=b", "invalid_request"),
        ("grant_type=client_credentials&x=%ff", "invalid_request"),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=authorization_code", "unsupported_grant_type"),
        ("grant_type=Client_Credentials", "unsupported_grant_type"),
    ];
    for (form, code) in cases {
        assert_eq!(oauth_error(&machine.ask(&app, form).await), (400, code.into()), "{form}");
    }
    access_token(&machine.ask(&app, &format!("{OWN}&scope=&unknown=1&unknown2=&&")).await);
    let json = Call::post("/oauth/token")
        .basic(&machine.id, &machine.secret)
        .json(&json!({ "grant_type": "client_credentials" }));
    assert_eq!(app.send(json).await.problem(), (415, "unsupported_media_type".into()));
}

#[tokio::test]
async fn who_is_no_client_is_not_let_in_and_nobody_learns_why() {
    let app = TestApp::with(&[("auth-rate-limit", "burst=100,every=1s")]).await;
    let machine = Machine::reports(&app).await;
    let other = Machine::web_app(&app).await;
    let form = |text: &str| Call::post("/oauth/token").form(&format!("{OWN}{text}"));
    let calls = [
        form(""),
        form("&client_id=reports"),
        form("&client_secret=x"),
        form("&client_id=reports&client_secret=x"),
        form(&format!("&client_id=nobody&client_secret={}", machine.secret)),
        form(&format!("&client_id=1&client_secret={}", machine.secret)),
        form(&format!("&client_id=reports&client_secret={}", "x".repeat(600))),
        form("").basic(&machine.id, &other.secret),
        form("").basic("Reports", &machine.secret),
        form("").basic("%ff", &machine.secret),
        form("").basic("userABC", "password123"),
        form("").header("authorization", "Basic !!!"),
        form("").bearer(&app.admin().await),
    ];
    let mut bodies = Vec::new();
    for call in calls {
        let answer = app.send(call).await;
        assert_eq!(oauth_error(&answer), (401, "invalid_client".into()), "{}", answer.text());
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    access_token(&machine.ask(&app, OWN).await);
}

#[tokio::test]
async fn a_client_that_may_not_have_tokens_of_its_own_is_told_so() {
    let app = TestApp::dev().await;
    let machine = Machine::web_app(&app).await;
    assert_eq!(oauth_error(&machine.ask(&app, OWN).await), (400, "unauthorized_client".into()));
}

#[tokio::test]
async fn failures_are_limited_by_address_and_successes_are_not() {
    let app = TestApp::with(&[("auth-rate-limit", "burst=3,every=1s")]).await;
    let machine = Machine::reports(&app).await;
    app.wait(Duration::from_secs(60));
    for _ in 0..20 {
        access_token(&machine.ask(&app, OWN).await);
    }
    let wrong = || Call::post("/oauth/token").basic("reports", "x").form(OWN);
    for _ in 0..3 {
        assert_eq!(app.send(wrong()).await.status, 401);
    }
    for path in ["/oauth/token", "/introspect", "/revoke"] {
        let refused = app.send(machine.call(path, &format!("{OWN}&token=a"))).await;
        assert_eq!(refused.problem(), (429, "address_limited".into()), "the right secret does not help now");
        assert_eq!(refused.seconds("retry-after"), 1);
    }
    app.wait(Duration::from_secs(1));
    access_token(&machine.ask(&app, OWN).await);
}

#[tokio::test]
async fn every_attempt_is_in_the_log() {
    let app = TestApp::dev().await;
    let machine = Machine::reports(&app).await;
    let token = Token::parse(&machine.token(&app).await);
    machine.ask(&app, &format!("{OWN}&scope=admin")).await;
    app.send(Call::post("/oauth/token").basic("nobody", "x").form(OWN)).await;
    let log = app.log().await;
    let told = |i: usize| (log[i].entry.event, log[i].entry.outcome, log[i].entry.name.as_deref());
    assert_eq!(told(0), (Event::ClientToken, Outcome::BadCredentials, Some("nobody")));
    assert_eq!(told(1), (Event::ClientToken, Outcome::Refused, Some("reports")));
    assert_eq!(told(2), (Event::ClientToken, Outcome::Success, Some("reports")));
    let entry = &log[2].entry;
    assert_eq!((entry.jti.as_deref(), entry.user_id), (token.claims["jti"].as_str(), None));
    assert_eq!(entry.expires_at.map(|at| at.unix_seconds()), Some(token.exp()));
}

#[tokio::test]
async fn a_client_is_never_taken_for_a_user() {
    let app = TestApp::dev().await;
    let own = Machine::of(&app, &json!({ "client_id": "admin", "scopes": ["admin", "read", "write"] })).await;
    let token = own.token(&app).await;
    let calls = [
        Call::get("/userinfo"),
        Call::get("/admin/keys"),
        Call::get("/admin/clients"),
        Call::post("/admin/users").json(&json!({ "username": "x" })),
        Call::get("/auth/sessions"),
        Call::post("/auth/logout"),
    ];
    for call in calls {
        let path = call.path.clone();
        let answer = app.send(call.bearer(&token)).await;
        assert_eq!(answer.problem(), (403, "user_required".into()), "{path}");
        assert!(answer.header("www-authenticate").contains("insufficient_scope"), "{path}");
    }
    let elsewhere = Machine::reports(&app).await.token(&app).await;
    assert_eq!(app.send(Call::get("/userinfo").bearer(&elsewhere)).await.problem(), (401, "invalid_token".into()));
    app.wait(Duration::from_secs(900));
    assert_eq!(app.send(Call::get("/userinfo").bearer(&token)).await.problem(), (401, "invalid_token".into()));
}
