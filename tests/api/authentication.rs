//! What a login comes to: tokens with their claims, expired ones on request, one refusal for every reason, a line in the log.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use jwksd_domain::usecase::DEMO_USERS;
use serde_json::{Value, json};

use crate::test_app::TestApp;
use crate::wire::{Answer, Call, Token};

fn is_uuid_v4(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    let digits = text.bytes().all(|c| c == b'-' || c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
    groups == [8, 4, 4, 4, 12] && digits && text.as_bytes()[14] == b'4' && b"89ab".contains(&text.as_bytes()[19])
}

/// The answer without what differs from answer to answer.
fn without_id(answer: &Answer) -> Vec<(String, Vec<u8>)> {
    let headers = answer.headers.iter().filter(|(name, _)| !["x-request-id"].contains(&name.as_str()));
    headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

#[tokio::test]
async fn the_answer_names_the_token_for_every_kind_of_client() {
    let app = TestApp::dev().await;
    let answer = app.log_in("John", "testpass").await;
    let body = answer.json();
    assert_eq!(body["token"], body["jwt"]);
    assert_eq!((&body["token_type"], &body["expires_in"]), (&"Bearer".into(), &900.into()));
    assert_eq!((answer.header("cache-control"), answer.header("content-type")), ("no-store", "application/json"));
}

#[tokio::test]
async fn every_claim_is_of_its_type() {
    let app = TestApp::dev().await;
    let token = Token::parse(&app.token_of("Jane", "pass123").await);
    let now = app.now().unix_seconds();
    let claims = &token.claims;
    for name in ["iss", "sub", "aud", "jti", "sid", "sessionId", "username", "role", "scope"] {
        assert!(claims[name].is_string(), "{name} in {claims}");
    }
    assert_eq!((&claims["iat"], &claims["nbf"], &claims["exp"]), (&now.into(), &now.into(), &(now + 900).into()));
    assert_eq!((&claims["iss"], &claims["aud"]), (&"http://127.0.0.1:8080".into(), &claims["iss"]));
    assert_eq!((&claims["username"], &claims["role"]), (&"Jane".into(), &"write".into()));
    assert_eq!(claims["sid"], claims["sessionId"]);
    assert!(is_uuid_v4(&claims["jti"]) && is_uuid_v4(&claims["sid"]) && claims["jti"] != claims["sid"]);
    let kid = app.jwks().await.kids()[0].clone();
    assert_eq!(token.header, json!({ "alg": "ES256", "typ": "JWT", "kid": kid }));
    assert!(app.verifies(&token));
}

#[tokio::test]
async fn two_tokens_are_never_the_same() {
    let app = TestApp::dev().await;
    let (one, other) = (app.token_of("John", "testpass").await, app.token_of("John", "testpass").await);
    let (one, other) = (Token::parse(&one), Token::parse(&other));
    assert_ne!(one.claims["jti"], other.claims["jti"]);
    assert_ne!(one.claims["sid"], other.claims["sid"]);
    assert_eq!(one.claims["sub"], other.claims["sub"]);
}

#[tokio::test]
async fn expired_tokens_are_given_where_they_are_asked_for() {
    let app = TestApp::dev().await;
    let now = app.now().unix_seconds();
    for path in ["/auth?expired", "/auth?expired=", "/auth?expired=true", "/auth?expired=1"] {
        let answer = app.send(Call::post(path)).await;
        let token = Token::parse(&answer.token());
        assert!(token.exp() < now, "{path}");
        assert_eq!(answer.json()["expires_in"], 0, "{path}");
        assert!(app.verifies(&token), "only its time is over");
        assert!(!app.jwks().await.kids().contains(&token.kid()), "{path}");
    }
    for path in ["/auth", "/auth?expired=false", "/auth?expired=0", "/auth?other=1"] {
        assert!(Token::parse(&app.send(Call::post(path)).await.token()).exp() > now, "{path}");
    }
}

#[tokio::test]
async fn an_expired_token_can_be_had_for_a_user_too() {
    let app = TestApp::dev().await;
    let call = Call::post("/auth?expired").json(&json!({ "username": "John", "password": "testpass" }));
    let token = Token::parse(&app.send(call).await.token());
    assert_eq!(token.claims["username"], "John");
    assert!(token.exp() < app.now().unix_seconds());
}

#[tokio::test]
async fn a_doubtful_expired_is_refused_by_name() {
    let app = TestApp::dev().await;
    for query in ["expired=maybe", "expired=perhaps", "expired=2", "expired&expired", "expired=%00"] {
        let answer = app.send(Call::post(&format!("/auth?{query}"))).await;
        assert_eq!(answer.problem(), (400, "invalid_parameter".into()), "{query}");
        assert_eq!(answer.field(), "expired", "{query}");
    }
}

#[tokio::test]
async fn nobody_learns_whether_the_user_or_the_password_is_wrong() {
    let app = TestApp::dev().await;
    app.disable("Jane").await;
    let mut answers = Vec::new();
    for (name, password) in [("nobody", "testpass"), ("John", "wrong"), ("john", "testpass"), ("Jane", "pass123")] {
        answers.push(app.log_in(name, password).await);
        app.wait(Duration::from_secs(60));
    }
    for answer in &answers {
        assert_eq!(answer.problem(), (401, "bad_credentials".into()));
        assert_eq!(answer.body, answers[0].body);
        assert_eq!(without_id(answer), without_id(&answers[0]));
    }
}

#[tokio::test]
async fn every_attempt_is_in_the_log_before_it_is_answered() {
    let app = TestApp::dev().await;
    let agent = |call: Call| call.header("user-agent", "tester/1.0");
    let token = Token::parse(&app.send(agent(Call::post("/auth").basic("John", "testpass"))).await.token());
    app.send(agent(Call::post("/auth").basic("nobody", "x"))).await;
    app.send(agent(Call::post("/auth"))).await;
    app.get("/token").await;
    let log = app.log().await;
    let summary: Vec<_> = log.iter().take(4).map(|it| (it.entry.event, it.entry.outcome)).collect();
    let expected = [
        (Event::FixtureToken, Outcome::Success),
        (Event::FixtureToken, Outcome::Success),
        (Event::Login, Outcome::BadCredentials),
        (Event::Login, Outcome::Success),
    ];
    assert_eq!(summary, expected);
    let (refused, let_in) = (&log[2].entry, &log[3].entry);
    assert_eq!((refused.name.as_deref(), refused.user_id, &refused.jti), (Some("nobody"), None, &None));
    assert_eq!(let_in.jti.as_deref(), token.claims["jti"].as_str());
    assert_eq!(let_in.kid.as_ref().map(ToString::to_string), Some(token.kid()));
    assert_eq!(let_in.user_id.map(|id| id.0.to_string()).as_deref(), token.claims["sub"].as_str());
    assert_eq!(let_in.origin.user_agent.as_deref(), Some("tester/1.0"));
    assert_eq!(let_in.at, app.now());
}

#[tokio::test]
async fn the_demo_token_lives_two_hours() {
    let app = TestApp::dev().await;
    let answer = app.get("/token").await;
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "token and nothing else: {body}");
    let token = Token::parse(body["token"].as_str().unwrap());
    assert_eq!(token.exp() - app.now().unix_seconds(), 7200);
    assert_eq!(token.claims["username"], "userABC");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_token_never_outlives_its_key() {
    let app = TestApp::dev().await;
    app.wait(Duration::from_secs(3599));
    let token = Token::parse(app.get("/token").await.json()["token"].as_str().unwrap());
    let ring = app.app().use_cases().keyring.current();
    let key = ring.keys.iter().find(|key| key.kid().to_string() == token.kid()).unwrap();
    assert!(token.exp() <= key.schedule.published_until.unix_seconds());
}

/// An unknown name is compared with somebody's hash, for the sake of its cost.
#[tokio::test]
async fn the_password_of_whose_hash_is_a_decoy_lets_nobody_in() {
    let app = TestApp::with(&[("auth-rate-limit", "burst=1000,every=1s")]).await;
    app.app().use_cases().decoys.refresh().await.unwrap();
    for number in 0..10 {
        for (_, password, _) in DEMO_USERS {
            let answer = app.log_in(&format!("nobody{number}"), password).await;
            assert_eq!(answer.problem(), (401, "bad_credentials".into()), "nobody{number}, {password}");
        }
    }
    app.disable("John").await;
    for (_, password, _) in DEMO_USERS {
        assert_eq!(app.log_in("John", password).await.status, 401, "{password}");
    }
}
