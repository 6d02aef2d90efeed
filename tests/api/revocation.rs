//! Calling tokens back (RFC 7009): what goes with them, and who may.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use serde_json::json;

use crate::clients::{Machine, oauth_error};
use crate::test_app::TestApp;
use crate::wire::Call;

#[tokio::test]
async fn a_refresh_token_takes_its_session_along() {
    let app = TestApp::dev().await;
    let (machine, session) = (Machine::web_app(&app).await, app.open_session("Jane", "pass123").await);
    let other = app.open_session("Jane", "pass123").await;
    assert_eq!(machine.revoke(&app, &session.refresh).await.status, 200);
    assert_eq!(app.refresh(&session.refresh).await.problem(), (401, "session_ended".into()));
    assert_eq!(app.send(Call::get("/userinfo").bearer(&session.access)).await.status, 401);
    assert_eq!(app.send(Call::get("/userinfo").bearer(&other.access)).await.status, 200);
    let entry = app.log().await.into_iter().find(|stored| stored.entry.event == Event::TokenRevoked).unwrap().entry;
    assert_eq!((entry.outcome, entry.name.as_deref()), (Outcome::Success, Some("web-app")));
    assert!(entry.user_id.is_some());
}

#[tokio::test]
async fn an_access_token_goes_alone() {
    let app = TestApp::dev().await;
    let (machine, session) = (Machine::web_app(&app).await, app.open_session("Jane", "pass123").await);
    let alone = app.token_of("Jane", "pass123").await;
    for token in [&session.access, &alone] {
        assert_eq!(machine.revoke(&app, token).await.status, 200);
        assert_eq!(machine.introspect(&app, token).await, json!({ "active": false }));
        let refused = app.send(Call::get("/userinfo").bearer(token)).await;
        assert_eq!(refused.problem(), (401, "invalid_token".into()));
    }
    let next = app.refresh(&session.refresh).await.tokens();
    assert_eq!(app.send(Call::get("/userinfo").bearer(&next.access)).await.status, 200);
}

#[tokio::test]
async fn a_client_calls_its_own_tokens_back() {
    let app = TestApp::dev().await;
    let (reports, web) = (Machine::reports(&app).await, Machine::web_app(&app).await);
    let (one, other) = (reports.token(&app).await, reports.token(&app).await);
    assert_eq!(oauth_error(&web.revoke(&app, &one).await), (400, "unauthorized_client".into()));
    assert_eq!(reports.introspect(&app, &one).await["active"], true);
    assert_eq!(reports.revoke(&app, &one).await.status, 200);
    assert_eq!(reports.introspect(&app, &one).await["active"], false);
    assert_eq!(reports.introspect(&app, &other).await["active"], true);
}

#[tokio::test]
async fn what_is_not_active_is_no_error() {
    let app = TestApp::dev().await;
    let (machine, session) = (Machine::web_app(&app).await, app.open_session("Jane", "pass123").await);
    for token in ["x", "a.b.c", &session.refresh, &session.refresh, &session.access] {
        let answer = machine.revoke(&app, token).await;
        assert_eq!((answer.status, answer.header("pragma")), (200, "no-cache"), "{token}");
    }
    let expired = app.token_of("Jane", "pass123").await;
    app.wait(Duration::from_secs(900));
    assert_eq!(machine.revoke(&app, &expired).await.status, 200);
    assert_eq!(app.log().await[0].entry.outcome, Outcome::NotFound);
}

#[tokio::test]
async fn the_hint_changes_nothing() {
    let app = TestApp::dev().await;
    let machine = Machine::web_app(&app).await;
    for hint in ["access_token", "refresh_token", "unknown"] {
        let session = app.open_session("Jane", "pass123").await;
        let form = format!("token={}&token_type_hint={hint}", session.refresh);
        assert_eq!(app.send(machine.call("/revoke", &form)).await.status, 200);
        assert_eq!(app.refresh(&session.refresh).await.status, 401, "{hint}");
    }
}

#[tokio::test]
async fn who_was_not_entrusted_with_sessions_ends_none() {
    let app = TestApp::dev().await;
    let (machine, session) = (Machine::reports(&app).await, app.open_session("Jane", "pass123").await);
    for token in [&session.refresh, &session.access] {
        assert_eq!(oauth_error(&machine.revoke(&app, token).await), (400, "unauthorized_client".into()));
        let stranger = Call::post("/revoke").basic("reports", "x").form(&format!("token={token}"));
        assert_eq!(oauth_error(&app.send(stranger).await), (401, "invalid_client".into()));
    }
    assert_eq!(oauth_error(&app.send(machine.call("/revoke", "")).await), (400, "invalid_request".into()));
    assert_eq!(app.send(Call::get("/userinfo").bearer(&session.access)).await.status, 200);
    let outcomes: Vec<_> = app.log().await.iter().take(2).map(|stored| stored.entry.outcome).collect();
    assert_eq!(outcomes, [Outcome::BadCredentials, Outcome::Refused]);
}
