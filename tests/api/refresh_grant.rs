//! The grant `refresh_token`: the next tokens of a session for a client that was entrusted with it (RFC 6749 section 6).

use std::time::Duration;

use serde_json::json;

use crate::clients::{Machine, access_token, oauth_error};
use crate::test_app::TestApp;
use crate::wire::Token;

fn form(refresh_token: &str) -> String {
    format!("grant_type=refresh_token&refresh_token={refresh_token}")
}

#[tokio::test]
async fn the_next_tokens_of_a_session_are_those_of_the_other_way() {
    let app = TestApp::dev().await;
    let (machine, session) = (Machine::web_app(&app).await, app.open_session("Jane", "pass123").await);
    let granted = machine.ask(&app, &form(&session.refresh)).await;
    assert_eq!((granted.status, granted.header("pragma")), (200, "no-cache"), "{}", granted.text());
    let body = granted.json();
    assert_eq!((&body["token_type"], &body["scope"]), (&json!("Bearer"), &json!("read write")));
    assert!(body["refresh_expires_in"].as_u64().unwrap() > 900);
    let token = Token::parse(&access_token(&granted));
    assert_eq!((&token.header["typ"], &token.claims["username"]), (&json!("JWT"), &json!("Jane")));
    let again = app.refresh(&session.refresh).await.tokens();
    assert_eq!(body["refresh_token"], again.refresh, "the same successor, whichever way is taken");
    let next = machine.ask(&app, &form(&again.refresh)).await;
    assert_ne!(next.json()["refresh_token"], again.refresh);
}

#[tokio::test]
async fn a_refresh_token_that_is_of_no_use_is_an_invalid_grant() {
    let app = TestApp::dev().await;
    let machine = Machine::web_app(&app).await;
    let refused = |token: String| {
        let (app, machine) = (&app, &machine);
        async move { oauth_error(&machine.ask(app, &form(&token)).await) }
    };
    let invalid = || (400, "invalid_grant".to_owned());
    let session = app.open_session("Jane", "pass123").await;
    assert_eq!(refused("x".to_owned()).await, invalid());
    assert_eq!(refused(session.access.clone()).await, invalid());
    let ended = app.open_session("Jane", "pass123").await;
    machine.revoke(&app, &ended.refresh).await;
    assert_eq!(refused(ended.refresh).await, invalid());
    let spent = session.refresh.clone();
    let next = app.refresh(&spent).await.tokens();
    app.refresh(&next.refresh).await.tokens();
    app.wait(Duration::from_secs(11));
    assert_eq!(refused(spent).await, invalid(), "a copy");
    assert_eq!(refused(next.refresh).await, invalid(), "which has ended the session");
}

#[tokio::test]
async fn only_a_client_that_was_entrusted_with_sessions_may() {
    let app = TestApp::dev().await;
    let (machine, session) = (Machine::reports(&app).await, app.open_session("Jane", "pass123").await);
    assert_eq!(oauth_error(&machine.ask(&app, &form(&session.refresh)).await), (400, "unauthorized_client".into()));
    let stranger = Machine { secret: "x".to_owned(), ..machine };
    assert_eq!(oauth_error(&stranger.ask(&app, &form(&session.refresh)).await), (401, "invalid_client".into()));
    let spent = app.refresh(&session.refresh).await;
    assert_eq!(spent.status, 200, "nothing was spent by those who may not");
}
