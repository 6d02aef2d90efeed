//! Changing a password, and setting it anew with what a mail tells; each way in which that is refused.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use serde_json::{Value, json};

use crate::mailbox::prod_with_mail;
use crate::test_app::TestApp;
use crate::wire::{Answer, Call};

const ADA: &str = "ada@example.com";
const OLD: &str = "correct horse battery";
const NEW: &str = "staple of the battery";
const QUOTAS: [(&str, &str); 2] =
    [("auth-rate-limit", "burst=1000,every=1ms"), ("mail-rate-limit", "burst=1000,every=1ms")];

async fn registered(flags: &[(&'static str, &str)]) -> TestApp {
    let app = TestApp::with(flags).await;
    let account = json!({ "username": "ada", "email": ADA, "password": OLD });
    assert_eq!(app.send(Call::post("/register").json(&account)).await.status, 201);
    app
}

async fn change(app: &TestApp, token: &str, current: &str, new: &str) -> Answer {
    let body = json!({ "current_password": current, "new_password": new });
    app.send(Call::post("/auth/password").bearer(token).json(&body)).await
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "new_password": password });
    app.send(Call::post("/auth/reset-password").json(&body)).await
}

/// A token that was just mailed, which the outbox shows.
async fn mailed_token(app: &TestApp) -> String {
    assert_eq!(app.request_reset(ADA).await.status, 202);
    app.newest_secret(ADA).await
}

fn not_good(answer: &Answer) -> bool {
    answer.problem() == (400, "invalid_reset_token".to_owned())
}

#[tokio::test]
async fn a_changed_password_ends_all_sessions_but_the_one_it_was_changed_in() {
    let app = registered(&QUOTAS).await;
    let (here, elsewhere) = (app.open_session("ada", OLD).await, app.open_session("ada", OLD).await);
    let answer = change(&app, &here.access, OLD, NEW).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(app.log_in("ada", OLD).await.status, 401);
    assert_eq!(app.log_in("ada", NEW).await.status, 200);
    assert_eq!(app.refresh(&here.refresh).await.status, 200);
    assert_eq!(app.refresh(&elsewhere.refresh).await.problem(), (401, "session_ended".into()));
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let app = registered(&QUOTAS).await;
    let token = app.token_of("ada", OLD).await;
    assert_eq!(change(&app, &token, "another horse", NEW).await.problem(), (403, "wrong_password".into()));
    let body = json!({ "current_password": OLD, "new_password": NEW });
    assert_eq!(app.send(Call::post("/auth/password").json(&body)).await.problem(), (401, "token_required".into()));
    assert_eq!(app.log_in("ada", OLD).await.status, 200, "nothing was changed");
    let entry = app.log().await.into_iter().find(|stored| stored.entry.event == Event::PasswordChanged).unwrap().entry;
    assert_eq!((entry.outcome, entry.name.as_deref()), (Outcome::BadCredentials, Some("ada")));
}

#[tokio::test]
async fn guesses_at_the_current_password_are_limited_like_logins() {
    let app = registered(&[QUOTAS[0], ("account-failure-limit", "burst=3,every=30s")]).await;
    let token = app.token_of("ada", OLD).await;
    for _ in 0..3 {
        assert_eq!(change(&app, &token, "another horse", NEW).await.status, 403);
    }
    assert_eq!(change(&app, &token, OLD, NEW).await.problem(), (429, "account_limited".into()));
    let app = registered(&[]).await;
    let token = app.token_of("ada", OLD).await;
    for _ in 0..9 {
        change(&app, &token, "another horse", NEW).await;
    }
    assert_eq!(change(&app, &token, OLD, NEW).await.problem(), (429, "address_limited".into()));
}

#[tokio::test]
async fn a_password_that_may_not_be_chosen_is_named() {
    let app = registered(&QUOTAS).await;
    let token = app.token_of("ada", OLD).await;
    let cases: [(Value, &str); 6] = [
        (json!({ "new_password": NEW }), "current_password"),
        (json!({ "current_password": OLD }), "new_password"),
        (json!({ "current_password": "", "new_password": NEW }), "current_password"),
        (json!({ "current_password": OLD, "new_password": "" }), "new_password"),
        (json!({ "current_password": OLD, "new_password": "short" }), "new_password"),
        (json!({ "current_password": OLD, "new_password": "password" }), "new_password"),
    ];
    for (body, field) in cases {
        let answer = app.send(Call::post("/auth/password").bearer(&token).json(&body)).await;
        assert_eq!((answer.problem(), answer.field().as_str()), ((400, "invalid_field".into()), field), "{body}");
    }
    assert_eq!(app.log_in("ada", OLD).await.status, 200);
}

#[tokio::test]
async fn the_shortest_password_is_as_long_as_it_is_configured() {
    let app = TestApp::with(&[("password-min-length", "15"), QUOTAS[0]]).await;
    let admin = app.admin().await;
    let fourteen = json!({ "username": "ada", "password": "fourteen chars" });
    for call in [
        Call::post("/register").json(&fourteen),
        Call::post("/admin/users").bearer(&admin).json(&fourteen),
        Call::new("PATCH", "/admin/users/3").bearer(&admin).json(&json!({ "password": "fourteen chars" })),
    ] {
        let path = call.path.clone();
        let answer = app.send(call).await;
        assert_eq!(answer.problem(), (400, "invalid_field".into()), "{path}");
        assert!(answer.text().contains("at least 15 characters"), "{}", answer.text());
    }
    let answer = change(&app, &admin, "password", "fourteen chars").await;
    assert_eq!(answer.field(), "new_password");
    assert_eq!(
        app.send(Call::post("/register").json(&json!({ "username": "ada" }))).await.status,
        201,
        "a made one is"
    );
}

#[tokio::test]
async fn a_reset_sets_the_password_and_ends_every_session() {
    let app = registered(&QUOTAS).await;
    let session = app.open_session("ada", OLD).await;
    let token = mailed_token(&app).await;
    let answer = reset(&app, &token, NEW).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(app.log_in("ada", OLD).await.status, 401);
    assert_eq!(app.log_in("ada", NEW).await.status, 200);
    assert_eq!(app.refresh(&session.refresh).await.problem(), (401, "session_ended".into()));
    assert_eq!(app.send(Call::get("/userinfo").bearer(&session.access)).await.status, 401);
    let code = app.code_for(ADA).await;
    assert_eq!(app.log_in_with_code(ADA, &code).await.status, 200);
    assert_eq!(app.log_in("ada", NEW).await.status, 200, "the mail has proved whose address it is");
}

#[tokio::test]
async fn a_token_is_good_once_for_an_hour_and_until_the_next() {
    let app = registered(&QUOTAS).await;
    let (first, second) = (mailed_token(&app).await, mailed_token(&app).await);
    assert!(not_good(&reset(&app, &first, NEW).await), "another one was asked for");
    assert_eq!(reset(&app, &second, NEW).await.status, 204);
    assert!(not_good(&reset(&app, &second, OLD).await), "it was used");
    let late = mailed_token(&app).await;
    app.wait(Duration::from_secs(3600));
    assert!(not_good(&reset(&app, &late, OLD).await), "it is over");
    let last = mailed_token(&app).await;
    app.wait(Duration::from_millis(3_599_999));
    assert_eq!(reset(&app, &last, OLD).await.status, 204);
}

#[tokio::test]
async fn of_many_resets_with_one_token_at_once_one_is_done() {
    let app = registered(&QUOTAS).await;
    let token = mailed_token(&app).await;
    let (a, b, c) = tokio::join!(reset(&app, &token, NEW), reset(&app, &token, NEW), reset(&app, &token, NEW));
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400, 400]);
}

#[tokio::test]
async fn what_is_no_token_is_told_what_a_used_one_is_told() {
    let app = registered(&QUOTAS).await;
    let token = mailed_token(&app).await;
    let code = app.code_for(ADA).await;
    let swapped = if token.ends_with('A') { 'B' } else { 'A' };
    let forged = format!("{}{swapped}", &token[..token.len() - 1]);
    let mut answers = vec![];
    for other in [forged.as_str(), code.as_str(), "x", &"A".repeat(64), &"A".repeat(5000)] {
        let answer = reset(&app, other, NEW).await;
        assert!(not_good(&answer), "{other:.70}");
        answers.push(answer.body);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(reset(&app, &token, NEW).await.status, 204, "wrong ones use up nothing");
}

#[tokio::test]
async fn a_password_that_may_not_be_chosen_leaves_the_token_good() {
    let app = registered(&QUOTAS).await;
    let token = mailed_token(&app).await;
    for password in ["", "short", "password"] {
        let answer = reset(&app, &token, password).await;
        assert_eq!((answer.problem(), answer.field()), ((400, "invalid_field".into()), "new_password".to_owned()));
    }
    assert_eq!(reset(&app, &token, NEW).await.status, 204);
}

#[tokio::test]
async fn only_who_is_known_is_mailed_and_nobody_else_learns_it() {
    let app = registered(&prod_with_mail()).await;
    let (known, unknown) = (app.request_reset("ADA@example.com").await, app.request_reset("nobody@example.com").await);
    assert_eq!((known.status, known.text()), (unknown.status, unknown.text()));
    assert_eq!(known.status, 202);
    assert_eq!((app.mailbox.count(), app.mailbox.last_to("nobody@example.com")), (1, None));
    app.disable("ada").await;
    assert_eq!(app.request_reset(ADA).await.status, 202);
    assert_eq!(app.mailbox.count(), 1, "who is disabled is not mailed");
    let outcomes: Vec<_> = app.log().await.into_iter().map(|stored| stored.entry.outcome).take(3).collect();
    assert_eq!(outcomes, [Outcome::NotFound, Outcome::NotFound, Outcome::Success]);
}

#[tokio::test]
async fn a_disabled_user_resets_nothing() {
    let app = registered(&QUOTAS).await;
    let token = mailed_token(&app).await;
    app.disable("ada").await;
    assert!(not_good(&reset(&app, &token, NEW).await));
}

#[tokio::test]
async fn resets_are_limited_for_each_address_that_they_come_from() {
    let app = TestApp::dev().await;
    for _ in 0..10 {
        assert!(not_good(&reset(&app, "x", NEW).await));
    }
    assert_eq!(reset(&app, "x", NEW).await.problem(), (429, "address_limited".into()));
    assert_eq!(app.request_reset(ADA).await.problem(), (429, "address_limited".into()));
}

#[tokio::test]
async fn the_mail_has_the_link_of_the_page_that_is_configured() {
    let mut flags = prod_with_mail();
    flags.push(("password-reset-url", "https://app.example.com/reset?token={token}"));
    let app = registered(&flags).await;
    app.request_reset(ADA).await;
    let link = app.mailbox.last_to(ADA).unwrap();
    let token = link.strip_prefix("https://app.example.com/reset?token=").unwrap();
    assert_eq!(reset(&app, token, NEW).await.status, 204);
}

#[tokio::test]
async fn where_nothing_can_be_mailed_nothing_is_reset() {
    let app = TestApp::prod().await;
    assert_eq!(app.request_reset(ADA).await.status, 404);
    assert_eq!(reset(&app, "x", NEW).await.status, 404);
    let document = app.get("/openapi.json").await.json();
    assert!(document["paths"].get("/auth/reset-password").is_none());
    assert!(document["paths"].get("/auth/password").is_some(), "a password can be changed without a mail");
    let without_codes = TestApp::with(&[("otp-login", "off")]).await;
    assert_eq!(without_codes.request_reset(ADA).await.status, 202, "a reset needs mails, and no logins with codes");
}
