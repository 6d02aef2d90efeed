//! Asking whether a token is active (RFC 7662): everything about one that is, nothing about one that is not.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use jwksd_domain::usecase::UserEdit;
use jwksd_domain::user::Role;
use serde_json::{Value, json};

use crate::clients::{API, Machine, oauth_error};
use crate::test_app::TestApp;
use crate::wire::{Call, Token};

/// The whole of what is told of a token that is not active.
fn inactive() -> Value {
    json!({ "active": false })
}

#[tokio::test]
async fn the_token_of_a_user_is_told_about() {
    let app = TestApp::dev().await;
    let (machine, token) = (Machine::reports(&app).await, app.token_of("Jane", "pass123").await);
    let (told, claims) = (machine.introspect(&app, &token).await, Token::parse(&token).claims);
    assert_eq!((&told["active"], &told["token_type"]), (&json!(true), &json!("Bearer")));
    for name in ["iss", "sub", "aud", "iat", "nbf", "exp", "jti", "sid", "username", "role", "scope"] {
        assert_eq!(told[name], claims[name], "{name}");
    }
    assert!(told.get("client_id").is_none());
}

#[tokio::test]
async fn the_token_of_a_client_is_told_about_whomever_it_is_for() {
    let app = TestApp::dev().await;
    let (reports, web) = (Machine::reports(&app).await, Machine::web_app(&app).await);
    let told = web.introspect(&app, &reports.token(&app).await).await;
    assert_eq!(
        (&told["active"], &told["client_id"], &told["sub"]),
        (&json!(true), &json!("reports"), &json!("reports"))
    );
    assert_eq!((&told["aud"], &told["scope"]), (&json!(API), &json!("read write")));
    assert!(told.get("username").is_none() && told.get("sid").is_none());
}

#[tokio::test]
async fn a_refresh_token_is_active_as_long_as_a_refresh_would_succeed() {
    let app = TestApp::dev().await;
    let (machine, session) = (Machine::reports(&app).await, app.open_session("Jane", "pass123").await);
    let told = machine.introspect(&app, &session.refresh).await;
    assert_eq!(
        (&told["active"], &told["username"], &told["scope"]),
        (&json!(true), &json!("Jane"), &json!("read write"))
    );
    assert_eq!(told["sid"], Token::parse(&session.access).claims["sid"]);
    assert!(told["exp"].as_i64().unwrap() > told["iat"].as_i64().unwrap() && told.get("token_type").is_none());
    let next = app.refresh(&session.refresh).await.tokens();
    assert_eq!(machine.introspect(&app, &session.refresh).await["active"], true, "its answer may have been lost");
    app.refresh(&next.refresh).await.tokens();
    app.wait(Duration::from_secs(11));
    assert_eq!(machine.introspect(&app, &session.refresh).await, inactive(), "spent");
    assert_eq!(app.refresh(&next.refresh).await.status, 200, "asking about a spent token ends nothing");
}

#[tokio::test]
async fn nothing_is_told_of_what_is_not_active() {
    let app = TestApp::dev().await;
    let machine = Machine::reports(&app).await;
    let token = app.token_of("Jane", "pass123").await;
    let expired = app.send(Call::post("/auth?expired")).await.token();
    let [header, claims, _] = token.split('.').collect::<Vec<_>>()[..] else { panic!("not compact") };
    for token in ["x", "a.b.c", &format!("{header}.{claims}.AAAA"), &expired, &"a".repeat(20_000)] {
        assert_eq!(machine.introspect(&app, token).await, inactive(), "{token:.40}");
    }
    app.wait(Duration::from_secs(900));
    assert_eq!(machine.introspect(&app, &token).await, inactive());
}

#[tokio::test]
async fn tokens_of_sessions_that_ended_are_not_active() {
    let app = TestApp::dev().await;
    let machine = Machine::reports(&app).await;
    let session = app.open_session("Jane", "pass123").await;
    assert_eq!(machine.introspect(&app, &session.access).await["active"], true);
    app.send(Call::post("/auth/logout").bearer(&session.access)).await;
    for token in [&session.access, &session.refresh] {
        assert_eq!(machine.introspect(&app, token).await, inactive());
    }
}

#[tokio::test]
async fn tokens_of_who_is_not_let_in_any_more_are_not_active() {
    let app = TestApp::dev().await;
    let (reports, web) = (Machine::reports(&app).await, Machine::web_app(&app).await);
    let (token, session) = (app.token_of("Jane", "pass123").await, app.open_session("Jane", "pass123").await);
    let own = reports.token(&app).await;
    app.disable("Jane").await;
    for token in [&token, &session.access, &session.refresh] {
        assert_eq!(web.introspect(&app, token).await, inactive());
    }
    let admin = app.admin().await;
    app.send(Call::new("DELETE", "/admin/clients/reports").bearer(&admin)).await;
    assert_eq!(web.introspect(&app, &own).await, inactive());
    let active = json!({ "state": "active" });
    app.send(Call::new("PATCH", "/admin/clients/reports").bearer(&admin).json(&active)).await;
    assert_eq!(web.introspect(&app, &own).await["active"], true);
}

/// What is changed behind the back of this process, as by another one, is known a second later.
#[tokio::test]
async fn an_answer_is_at_most_a_second_old() {
    let app = TestApp::dev().await;
    let (machine, token) = (Machine::reports(&app).await, app.token_of("Jane", "pass123").await);
    assert_eq!(machine.introspect(&app, &token).await["active"], true);
    app.disable("Jane").await;
    app.wait(Duration::from_secs(1));
    assert_eq!(machine.introspect(&app, &token).await, inactive());
    let stranger = Machine { secret: "x".to_owned(), ..machine.clone() };
    let refused = app.send(stranger.call("/introspect", &format!("token={token}"))).await;
    assert_eq!(oauth_error(&refused), (401, "invalid_client".into()), "whoever was told what");
}

/// What this process changes itself is known at once: the clock stands still here.
#[tokio::test]
async fn an_answer_that_was_given_before_is_not_given_when_it_is_not_true_any_more() {
    let app = TestApp::dev().await;
    let (asking, holding) = (Machine::reports(&app).await, Machine::web_app(&app).await);
    let admin = app.admin().await;
    let (jane, john) = (app.open_session("Jane", "pass123").await, app.open_session("John", "testpass").await);
    let (lone, own) = (
        app.token_of("Jane", "pass123").await,
        Machine::of(&app, &json!({ "client_id": "other" })).await.token(&app).await,
    );
    let tokens = [&jane.access, &john.access, &lone, &own];
    for token in tokens {
        assert_eq!(asking.introspect(&app, token).await["active"], true);
    }
    app.send(Call::post("/auth/logout").bearer(&jane.access)).await;
    let disabling = Call::new("PATCH", "/admin/users/3").bearer(&admin).json(&json!({ "state": "disabled" }));
    assert_eq!(app.send(disabling).await.json()["username"], "John");
    holding.revoke(&app, &lone).await;
    app.send(Call::new("DELETE", "/admin/clients/other").bearer(&admin)).await;
    for token in tokens {
        assert_eq!(asking.introspect(&app, token).await, inactive());
    }
    app.send(Call::new("DELETE", "/admin/clients/reports").bearer(&admin)).await;
    assert_eq!(app.send(asking.call("/introspect", &format!("token={lone}"))).await.status, 401);
}

#[tokio::test]
async fn tokens_of_a_revoked_key_are_not_active() {
    let app = TestApp::dev().await;
    let (machine, token) = (Machine::reports(&app).await, app.token_of("Jane", "pass123").await);
    assert_eq!(machine.introspect(&app, &token).await["active"], true);
    let path = format!("/admin/keys/{}/revoke", Token::parse(&token).kid());
    let reason = json!({ "reason": "lost" });
    assert_eq!(app.send(Call::post(&path).bearer(&app.admin().await).json(&reason)).await.status, 200);
    assert_eq!(machine.introspect(&app, &token).await, inactive());
}

#[tokio::test]
async fn a_user_who_was_demoted_may_no_more_than_that() {
    let app = TestApp::dev().await;
    let (machine, token) = (Machine::reports(&app).await, app.token_of("Jane", "pass123").await);
    app.edit("Jane", UserEdit { role: Some(Role::Read), ..UserEdit::default() }).await;
    let told = machine.introspect(&app, &token).await;
    assert_eq!((&told["role"], &told["scope"]), (&json!("read"), &json!("read")));
    app.edit("Jane", UserEdit { role: Some(Role::Admin), ..UserEdit::default() }).await;
    assert_eq!(machine.introspect(&app, &token).await["role"], "write", "and a token never grows");
}

#[tokio::test]
async fn only_clients_are_told() {
    let app = TestApp::dev().await;
    let token = app.token_of("Jane", "pass123").await;
    let form = || Call::post("/introspect").form(&format!("token={token}"));
    for call in [form(), form().basic("nobody", "x"), form().basic("Jane", "pass123"), form().bearer(&token)] {
        assert_eq!(oauth_error(&app.send(call).await), (401, "invalid_client".into()));
    }
    let log = app.log().await;
    assert_eq!((log[0].entry.event, log[0].entry.outcome), (Event::Introspection, Outcome::BadCredentials));
    let (machine, before) = (Machine::reports(&app).await, app.log().await.len());
    assert_eq!(oauth_error(&app.send(machine.call("/introspect", "")).await), (400, "invalid_request".into()));
    let twice = format!("token={token}&token={token}");
    assert_eq!(oauth_error(&app.send(machine.call("/introspect", &twice)).await), (400, "invalid_request".into()));
    machine.introspect(&app, &token).await;
    assert_eq!(app.log().await.len(), before, "an answer to a client changes nothing");
}
