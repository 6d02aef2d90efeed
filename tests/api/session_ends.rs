//! How sessions end before their time: logout, from another device, and by an administrator; and who may not end whose.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use jwksd_domain::usecase::{NewPassword, UserEdit};
use jwksd_domain::user::{Password, UserState};
use serde_json::{Value, json};

use crate::test_app::TestApp;
use crate::wire::{Answer, Call, Tokens};

fn ended() -> (u16, String) {
    (401, "session_ended".into())
}

async fn userinfo(app: &TestApp, tokens: &Tokens) -> u16 {
    app.send(Call::get("/userinfo").bearer(&tokens.access)).await.status
}

async fn list(app: &TestApp, tokens: &Tokens) -> Vec<Value> {
    let answer = app.send(Call::get("/auth/sessions").bearer(&tokens.access)).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    answer.json()["sessions"].as_array().unwrap().clone()
}

async fn end(app: &TestApp, tokens: &Tokens, sid: &str) -> Answer {
    app.send(Call::new("DELETE", &format!("/auth/sessions/{sid}")).bearer(&tokens.access)).await
}

async fn log_out(app: &TestApp, refresh_token: &str) -> Answer {
    app.send(Call::post("/auth/logout").json(&json!({ "refresh_token": refresh_token }))).await
}

#[tokio::test]
async fn a_logout_with_the_access_token_ends_its_session_and_no_other() {
    let app = TestApp::dev().await;
    let (here, there) = (app.open_session("John", "testpass").await, app.open_session("John", "testpass").await);
    let answer = app.send(Call::post("/auth/logout").bearer(&here.access)).await;
    assert_eq!((answer.status, answer.text(), answer.header("cache-control")), (204, "", "no-store"));
    assert_eq!(app.refresh(&here.refresh).await.problem(), ended());
    assert_eq!((userinfo(&app, &here).await, userinfo(&app, &there).await), (401, 200));
    assert_eq!(app.send(Call::get("/auth/sessions").bearer(&here.access)).await.status, 401);
    assert_eq!(
        app.send(Call::post("/auth/logout").bearer(&here.access)).await.problem(),
        (401, "invalid_token".into())
    );
    let log = app.log().await;
    let logout = log.iter().find(|it| it.entry.event == Event::Logout).unwrap();
    assert_eq!((logout.entry.outcome, logout.entry.name.as_deref()), (Outcome::Success, Some("John")));
}

#[tokio::test]
async fn an_administrator_who_has_logged_out_is_none() {
    let app = TestApp::dev().await;
    let admin = app.open_session("admin", "password").await;
    let keys = || Call::get("/admin/keys").bearer(&admin.access);
    assert_eq!(app.send(keys()).await.status, 200);
    assert_eq!(log_out(&app, &admin.refresh).await.status, 204);
    assert_eq!(app.send(keys()).await.status, 401);
}

#[tokio::test]
async fn any_refresh_token_of_the_session_logs_out_as_often_as_one_likes() {
    let app = TestApp::dev().await;
    let first = app.open_session("John", "testpass").await;
    // The answer to this is lost: the client still holds the first token.
    let unseen = app.refresh(&first.refresh).await.tokens();
    for _ in 0..2 {
        assert_eq!(log_out(&app, &first.refresh).await.status, 204);
    }
    assert_eq!(app.refresh(&unseen.refresh).await.problem(), ended());
    assert_eq!(userinfo(&app, &unseen).await, 401);
    let expired = app.open_session("John", "testpass").await;
    app.wait(Duration::from_secs(14 * 86_400));
    assert_eq!(log_out(&app, &expired.refresh).await.status, 204, "there is nothing left to end");
}

#[tokio::test]
async fn a_logout_needs_a_token() {
    let app = TestApp::dev().await;
    let tokens = app.open_session("John", "testpass").await;
    for call in [Call::post("/auth/logout"), Call::post("/auth/logout").json(&json!({ "refresh_token": null }))] {
        assert_eq!(app.send(call.clone()).await.problem(), (401, "token_required".into()));
        assert_eq!(app.send(call.bearer("a.b.c")).await.problem(), (401, "invalid_token".into()));
    }
    let mut forged = tokens.refresh.clone();
    forged.replace_range(40..41, if &forged[40..41] == "A" { "B" } else { "A" });
    let answer = app.send(Call::post("/auth/logout").bearer(&tokens.access).json(&json!({ "refresh_token": forged })));
    assert_eq!(answer.await.problem(), (401, "invalid_refresh_token".into()));
    assert_eq!(app.log().await[0].entry.outcome, Outcome::BadToken);
    assert_eq!(userinfo(&app, &tokens).await, 200);
    let foreign = Call::post("/auth/logout").bearer("a.b.c").json(&json!({ "refresh_token": tokens.refresh }));
    assert_eq!(app.send(foreign).await.status, 204, "a foreign bearer token is in nobody's way");
}

#[tokio::test]
async fn users_see_their_own_sessions() {
    let app = TestApp::dev().await;
    let log_in = Call::post("/auth/login").header("user-agent", "phone/1.0");
    let phone = app.send(log_in.json(&json!({ "username": "John", "password": "testpass" }))).await.tokens();
    app.open_session("Jane", "pass123").await;
    app.wait(Duration::from_secs(100));
    let laptop = app.open_session("John", "testpass").await;
    app.wait(Duration::from_secs(100));
    let phone = app.refresh(&phone.refresh).await.tokens();
    let listed = list(&app, &phone).await;
    let expected = json!([
        {
            "sid": laptop.sid(), "current": false, "created_at": "2027-01-15T08:01:40Z",
            "last_used_at": "2027-01-15T08:01:40Z", "expires_at": "2027-01-29T08:01:40Z", "ip": "127.0.0.1", "amr": ["pwd"],
        },
        {
            "sid": phone.sid(), "current": true, "created_at": "2027-01-15T08:00:00Z",
            "last_used_at": "2027-01-15T08:03:20Z", "expires_at": "2027-01-29T08:03:20Z", "ip": "127.0.0.1",
            "user_agent": "phone/1.0", "amr": ["pwd"],
        },
    ]);
    assert_eq!(Value::from(listed), expected);
}

#[tokio::test]
async fn one_session_is_ended_from_another() {
    let app = TestApp::dev().await;
    let (phone, laptop) = (app.open_session("John", "testpass").await, app.open_session("John", "testpass").await);
    assert_eq!(end(&app, &laptop, &phone.sid()).await.status, 204);
    assert_eq!(app.refresh(&phone.refresh).await.problem(), ended());
    assert_eq!((userinfo(&app, &phone).await, userinfo(&app, &laptop).await), (401, 200));
    assert_eq!(end(&app, &laptop, &phone.sid()).await.problem(), (404, "session_not_found".into()), "over already");
    assert_eq!(list(&app, &laptop).await.len(), 1);
    let entry = app.log().await.remove(2).entry;
    assert_eq!((entry.event, entry.outcome), (Event::SessionsEnded, Outcome::Success));
}

#[tokio::test]
async fn nobody_ends_the_session_of_another_user() {
    let app = TestApp::dev().await;
    let (john, admin) = (app.open_session("John", "testpass").await, app.open_session("admin", "password").await);
    let nobodys = "279ac4e4-d353-4cf8-9e90-5054d1498d71";
    for sid in [john.sid().as_str(), nobodys, "x", "%00", &john.sid().to_uppercase()] {
        assert_eq!(end(&app, &admin, sid).await.problem(), (404, "session_not_found".into()), "{sid}");
    }
    assert_eq!(userinfo(&app, &john).await, 200);
    assert_eq!(app.log().await[0].entry.outcome, Outcome::NotFound);
}

#[tokio::test]
async fn all_sessions_but_this_one_are_ended() {
    let app = TestApp::dev().await;
    let (one, other) = (app.open_session("John", "testpass").await, app.open_session("John", "testpass").await);
    let (own, jane) = (app.open_session("John", "testpass").await, app.open_session("Jane", "pass123").await);
    let others = async || app.send(Call::new("DELETE", "/auth/sessions").bearer(&own.access)).await.json();
    assert_eq!((others().await, others().await), (json!({ "ended": 2 }), json!({ "ended": 0 })));
    for gone in [&one, &other] {
        assert_eq!(app.refresh(&gone.refresh).await.problem(), ended());
    }
    for kept in [&own, &jane] {
        assert_eq!(app.refresh(&kept.refresh).await.status, 200);
    }
}

#[tokio::test]
async fn who_is_disabled_has_no_session_and_gets_none_back() {
    let app = TestApp::dev().await;
    let (jane, john) = (app.open_session("Jane", "pass123").await, app.open_session("John", "testpass").await);
    app.edit("Jane", UserEdit { state: Some(UserState::Disabled), ..UserEdit::default() }).await;
    assert_eq!(app.refresh(&jane.refresh).await.problem(), ended());
    app.edit("Jane", UserEdit { state: Some(UserState::Active), ..UserEdit::default() }).await;
    assert_eq!(app.refresh(&jane.refresh).await.problem(), ended());
    assert_eq!((userinfo(&app, &jane).await, userinfo(&app, &john).await), (401, 200));
}

#[tokio::test]
async fn a_password_that_is_set_anew_ends_all_sessions() {
    let app = TestApp::dev().await;
    let (one, other) = (app.open_session("Jane", "pass123").await, app.open_session("Jane", "pass123").await);
    let password = Some(NewPassword::Chosen(Password::parse("correct horse battery".into()).unwrap()));
    app.edit("Jane", UserEdit { password, ..UserEdit::default() }).await;
    for tokens in [&one, &other] {
        assert_eq!(app.refresh(&tokens.refresh).await.problem(), ended());
        assert_eq!(userinfo(&app, tokens).await, 401);
    }
    let new = app.open_session("Jane", "correct horse battery").await;
    assert_eq!(app.refresh(&new.refresh).await.status, 200);
}
