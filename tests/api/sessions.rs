//! The life of a session: what a login opens, what a refresh answers, whom a lost answer or a second tab logs out (nobody), and
//! who is found out.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use jwksd_domain::usecase::UserEdit;
use jwksd_domain::user::Role;
use serde_json::json;

use crate::test_app::TestApp;
use crate::wire::{Answer, Call, Token};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

impl TestApp {
    /// What a refresh is answered with.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.send(Call::post("/auth/refresh").json(&json!({ "refresh_token": refresh_token }))).await
    }
}

fn reused() -> (u16, String) {
    (401, "refresh_token_reused".into())
}

#[tokio::test]
async fn a_login_opens_a_session() {
    let app = TestApp::dev().await;
    let call = Call::post("/auth/login").json(&json!({ "username": "John", "password": "testpass" }));
    let answer = app.send(call).await;
    let (body, tokens) = (answer.json(), answer.tokens());
    assert_eq!(body.as_object().unwrap().len(), 5, "{body}");
    assert_eq!((&body["token_type"], &body["expires_in"]), (&"Bearer".into(), &900.into()));
    assert_eq!(body["refresh_expires_in"], 14 * 86_400);
    assert_eq!((answer.header("cache-control"), answer.seconds("ratelimit-remaining")), ("no-store", 9));
    let token = Token::parse(&tokens.access);
    assert!(app.verifies(&token));
    assert_eq!(token.claims["sid"], token.claims["sessionId"]);
    assert_eq!((&token.claims["username"], &token.claims["amr"]), (&"John".into(), &json!(["pwd"])));
    let known = app.send(Call::get("/userinfo").bearer(&tokens.access)).await;
    assert_eq!(known.json(), token.claims);
    assert_eq!(Token::parse(&app.token_of("John", "testpass").await).claims.get("amr"), None, "of no session");
}

#[tokio::test]
async fn a_refresh_goes_on_in_the_same_session() {
    let app = TestApp::dev().await;
    let first = app.open_session("John", "testpass").await;
    app.wait(10 * MINUTE);
    let answer = app.refresh(&first.refresh).await;
    let next = answer.tokens();
    assert_eq!(
        (answer.json()["refresh_expires_in"].as_u64(), answer.header("cache-control")),
        (Some(14 * 86_400), "no-store")
    );
    assert_ne!(next.refresh, first.refresh);
    assert_eq!(next.sid(), first.sid());
    let (before, after) = (Token::parse(&first.access), Token::parse(&next.access));
    assert_ne!(before.claims["jti"], after.claims["jti"]);
    assert_eq!(after.exp() - before.exp(), 600);
    assert_eq!(app.send(Call::get("/userinfo").bearer(&next.access)).await.status, 200);
}

#[tokio::test]
async fn a_role_that_was_changed_is_in_the_next_token() {
    let app = TestApp::dev().await;
    let tokens = app.open_session("Jane", "pass123").await;
    app.edit("Jane", UserEdit { role: Some(Role::Read), ..UserEdit::default() }).await;
    let next = Token::parse(&app.refresh(&tokens.refresh).await.tokens().access);
    assert_eq!((&next.claims["role"], &next.claims["scope"]), (&"read".into(), &"read".into()));
}

#[tokio::test]
async fn a_lost_answer_logs_nobody_out_however_late_it_is_noticed() {
    let app = TestApp::dev().await;
    let lost = app.open_session("John", "testpass").await.refresh;
    let successor = app.refresh(&lost).await.tokens().refresh;
    for pause in [Duration::ZERO, MINUTE, DAY, 12 * DAY] {
        app.wait(pause);
        assert_eq!(app.refresh(&lost).await.tokens().refresh, successor, "the same, byte for byte");
    }
    assert_eq!(app.refresh(&successor).await.status, 200);
}

#[tokio::test]
async fn ten_tabs_that_wake_together_share_one_successor() {
    let app = TestApp::dev().await;
    let stored = app.open_session("John", "testpass").await.refresh;
    let mut successors = Vec::new();
    for _ in 0..10 {
        successors.push(app.refresh(&stored).await.tokens().refresh);
        app.wait(Duration::from_millis(900));
    }
    assert!(successors.iter().all(|successor| *successor == successors[0]));
    // The first tab goes on while the slowest still comes with the old token, within the grace.
    let next = app.refresh(&successors[0]).await.tokens().refresh;
    app.wait(Duration::from_millis(999));
    assert_eq!(app.refresh(&stored).await.tokens().refresh, successors[0]);
    assert_eq!(app.refresh(&successors[0]).await.tokens().refresh, next);
    assert_eq!(app.refresh(&next).await.status, 200);
}

#[tokio::test]
async fn a_spent_token_is_a_theft_once_its_successor_was_used_and_the_grace_is_over() {
    let app = TestApp::dev().await;
    let stolen = app.open_session("John", "testpass").await;
    let second = app.refresh(&stolen.refresh).await.tokens();
    let third = app.refresh(&second.refresh).await.tokens();
    app.wait(Duration::from_secs(10));
    assert_eq!(app.refresh(&stolen.refresh).await.problem(), reused());
    let entry = app.log().await.remove(0).entry;
    assert_eq!((entry.event, entry.outcome, entry.name.as_deref()), (Event::TokenTheft, Outcome::Theft, Some("John")));
    for token in [&third.refresh, &second.refresh, &stolen.refresh] {
        assert_eq!(app.refresh(token).await.problem(), (401, "session_ended".into()), "nobody goes on in it");
    }
    for token in [&stolen.access, &second.access, &third.access] {
        assert_eq!(app.send(Call::get("/userinfo").bearer(token)).await.problem(), (401, "invalid_token".into()));
    }
    app.open_session("John", "testpass").await;
}

#[tokio::test]
async fn the_grace_can_be_none() {
    let app = TestApp::with(&[("refresh-grace", "0s")]).await;
    let first = app.open_session("John", "testpass").await.refresh;
    let second = app.refresh(&first).await.tokens().refresh;
    assert_eq!(app.refresh(&first).await.tokens().refresh, second, "an unused successor needs no grace");
    app.refresh(&second).await.tokens();
    assert_eq!(app.refresh(&first).await.problem(), reused());
}

#[tokio::test]
async fn a_session_that_nobody_uses_is_over_and_one_in_use_is_not() {
    let app = TestApp::with(&[("refresh-idle-ttl", "2d"), ("refresh-token-ttl", "7d")]).await;
    let idle = app.open_session("John", "testpass").await.refresh;
    let mut used = app.open_session("Jane", "pass123").await.refresh;
    for day in 1..=6 {
        app.wait(DAY);
        let answer = app.refresh(&used).await;
        let left = 86_400 * u64::from(7_u32 - day).min(2);
        assert_eq!(answer.json()["refresh_expires_in"], left, "day {day}");
        used = answer.tokens().refresh;
    }
    assert_eq!(app.refresh(&idle).await.problem(), (401, "refresh_token_expired".into()));
    app.wait(DAY - Duration::from_millis(1));
    let last = app.refresh(&used).await;
    assert_eq!(last.json()["expires_in"], 1, "a token outlives neither its key nor its session");
    app.wait(Duration::from_millis(1));
    assert_eq!(app.refresh(&last.tokens().refresh).await.problem(), (401, "refresh_token_expired".into()));
}

#[tokio::test]
async fn what_was_never_given_out_is_not_known() {
    let app = TestApp::dev().await;
    let (mine, other) = (app.open_session("John", "testpass").await, app.open_session("Jane", "pass123").await);
    let mixed = format!("{}{}", &mine.refresh[..30], &other.refresh[30..]);
    let mut changed = mine.refresh.clone();
    changed.replace_range(40..41, if &mine.refresh[40..41] == "A" { "B" } else { "A" });
    for token in ["", "x", "a.b.c", &mine.access, &mixed, &changed, &mine.refresh[1..], &"A".repeat(70)] {
        assert_eq!(app.refresh(token).await.problem(), (401, "invalid_refresh_token".into()), "{token}");
    }
    assert_eq!(app.log().await[0].entry.outcome, Outcome::BadToken);
    assert_eq!(app.refresh(&mine.refresh).await.status, 200, "guessing ends nothing");
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let app = TestApp::dev().await;
    let cases = [
        ("/auth/login", json!({ "password": "testpass" }), "username"),
        ("/auth/login", json!({ "username": "John" }), "password"),
        ("/auth/login", json!({ "username": "John", "password": 1 }), "password"),
        ("/auth/login", json!({ "username": "", "password": "testpass" }), "username"),
        ("/auth/refresh", json!({}), "refresh_token"),
        ("/auth/refresh", json!({ "refresh_token": null }), "refresh_token"),
        ("/auth/logout", json!({ "refresh_token": 1 }), "refresh_token"),
    ];
    for (path, body, field) in cases {
        let answer = app.send(Call::post(path).json(&body)).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, field), "{path} {body}");
    }
    for path in ["/auth/login", "/auth/refresh"] {
        assert_eq!(app.send(Call::post(path)).await.status, 400, "{path}");
        assert_eq!(app.send(Call::post(path).form("username=John&password=testpass")).await.status, 415, "{path}");
    }
}

#[tokio::test]
async fn a_login_is_refused_and_limited_like_any_other() {
    let app = TestApp::dev().await;
    let log_in = async |name: &str, password: &str| {
        app.send(Call::post("/auth/login").json(&json!({ "username": name, "password": password }))).await
    };
    let (unknown, wrong) = (log_in("nobody", "testpass").await, log_in("John", "wrong").await);
    assert_eq!(unknown.problem(), (401, "bad_credentials".into()));
    assert_eq!(wrong.body, unknown.body, "nobody learns whether the user or the password is wrong");
    let names: Vec<_> = app.log().await.into_iter().map(|it| (it.entry.name, it.entry.outcome)).take(2).collect();
    let expected = ["John", "nobody"].map(|name| (Some(name.to_owned()), Outcome::BadCredentials));
    assert_eq!(names, expected);
    for left in (0..8).rev() {
        assert_eq!(app.log_in("John", "testpass").await.seconds("ratelimit-remaining"), left, "one bucket for all");
    }
    let limited = log_in("John", "testpass").await;
    assert_eq!((limited.problem(), limited.seconds("retry-after")), ((429, "address_limited".into()), 1));
}
