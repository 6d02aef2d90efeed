//! Logging in with a code that is mailed, and each way in which it is refused.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use serde_json::json;

use crate::mailbox::prod_with_mail;
use crate::test_app::TestApp;
use crate::wire::{Answer, Call, Token};

const JANE: &str = "jane.doe@example.com";

fn unlimited() -> [(&'static str, &'static str); 2] {
    [("auth-rate-limit", "burst=1000,every=1ms"), ("mail-rate-limit", "burst=1000,every=1ms")]
}

/// Another code than `code`.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

fn refused(answer: &Answer) -> bool {
    answer.problem() == (401, "bad_credentials".to_owned())
}

#[tokio::test]
async fn the_first_login_of_an_address_makes_a_user_who_may_read() {
    let app = TestApp::dev().await;
    let code = app.code_for("Jane.Doe@example.com").await;
    let answer = app.log_in_with_code(JANE, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let session = answer.json();
    assert_eq!((&session["token_type"], &session["expires_in"]), (&json!("Bearer"), &json!(900)));
    let access = session["access_token"].as_str().unwrap();
    let info = app.send(Call::get("/userinfo").bearer(access)).await.json();
    assert_eq!((&info["username"], &info["role"], &info["amr"]), (&json!(JANE), &json!("read"), &json!(["otp"])));
    let refresh = json!({ "refresh_token": session["refresh_token"] });
    assert_eq!(app.send(Call::post("/auth/refresh").json(&refresh)).await.status, 200);
    let again = app.code_for(JANE).await;
    let second = app.log_in_with_code("JANE.DOE@EXAMPLE.COM", &again).await;
    let id = |token: &str| Token::parse(token).claims["sub"].clone();
    assert_eq!(id(second.json()["access_token"].as_str().unwrap()), id(access), "the same user");
    assert!(refused(&app.send(Call::post("/auth/login").json(&json!({ "username": JANE, "password": "!" }))).await));
}

#[tokio::test]
async fn a_code_is_good_once() {
    let app = TestApp::dev().await;
    let code = app.code_for(JANE).await;
    assert_eq!(app.log_in_with_code(JANE, &code).await.status, 200);
    assert!(refused(&app.log_in_with_code(JANE, &code).await));
}

#[tokio::test]
async fn of_many_logins_with_one_code_at_once_one_is_let_in() {
    let app = TestApp::with(&unlimited()).await;
    let code = app.code_for(JANE).await;
    let (a, b, c, d) = tokio::join!(
        app.log_in_with_code(JANE, &code),
        app.log_in_with_code(JANE, &code),
        app.log_in_with_code(JANE, &code),
        app.log_in_with_code(JANE, &code),
    );
    let mut statuses = [a.status, b.status, c.status, d.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401]);
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let app = TestApp::dev().await;
    let code = app.code_for(JANE).await;
    app.wait(Duration::from_millis(599_999));
    assert_eq!(app.log_in_with_code(JANE, &code).await.status, 200);
    let code = app.code_for(JANE).await;
    app.wait(Duration::from_secs(600));
    assert!(refused(&app.log_in_with_code(JANE, &code).await));
}

#[tokio::test]
async fn a_code_may_be_tried_five_times() {
    let app = TestApp::with(&unlimited()).await;
    for (tries, status) in [(4, 200), (5, 401)] {
        let code = app.code_for(JANE).await;
        for _ in 0..tries {
            assert!(refused(&app.log_in_with_code(JANE, &wrong(&code)).await));
        }
        assert_eq!(app.log_in_with_code(JANE, &code).await.status, status, "after {tries} wrong ones");
    }
}

#[tokio::test]
async fn a_new_code_takes_the_place_of_the_one_before() {
    let app = TestApp::dev().await;
    let (first, second) = (app.code_for(JANE).await, app.code_for(JANE).await);
    assert_ne!(first, second);
    assert!(refused(&app.log_in_with_code(JANE, &first).await));
    assert_eq!(app.log_in_with_code(JANE, &second).await.status, 200);
}

#[tokio::test]
async fn a_code_is_of_one_address() {
    let app = TestApp::dev().await;
    let code = app.code_for(JANE).await;
    assert!(refused(&app.log_in_with_code("john.doe@example.com", &code).await));
    assert_eq!(app.log_in_with_code(JANE, &code).await.status, 200);
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answer() {
    let app = TestApp::with(&prod_with_mail()).await;
    let account = json!({ "username": "jane", "email": JANE, "password": "correct horse battery" });
    assert_eq!(app.send(Call::post("/register").json(&account)).await.status, 201);
    let (known, unknown) = (app.request_otp(JANE).await, app.request_otp("nobody@example.com").await);
    assert_eq!((known.status, unknown.status), (202, 202));
    assert_eq!((known.text(), unknown.text()), ("", ""));
    assert_eq!(known.header("cache-control"), "no-store");
    assert_eq!(app.mailbox.count(), 2, "both are mailed a code");
    let code = wrong(&app.mailbox.last_to(JANE).unwrap());
    let answers = [app.log_in_with_code(JANE, &code).await, app.log_in_with_code("nobody@example.com", &code).await];
    assert_eq!(answers[0].json(), answers[1].json());
    assert!(refused(&answers[0]));
}

#[tokio::test]
async fn a_disabled_user_is_told_what_a_wrong_code_is_told() {
    let app = TestApp::dev().await;
    let code = app.code_for(JANE).await;
    app.log_in_with_code(JANE, &code).await;
    app.disable(JANE).await;
    let code = app.code_for(JANE).await;
    assert!(refused(&app.log_in_with_code(JANE, &code).await));
}

/// Who registers with the address of somebody else must not be left a way into the account that the owner then uses.
#[tokio::test]
async fn whoever_took_an_address_before_its_owner_is_out() {
    let app = TestApp::with(&unlimited()).await;
    let account = json!({ "username": "squatter", "email": JANE, "password": "correct horse battery" });
    assert_eq!(app.send(Call::post("/register").json(&account)).await.status, 201);
    let squatter = app.open_session("squatter", "correct horse battery").await;
    let code = app.code_for(JANE).await;
    assert_eq!(app.log_in_with_code(JANE, &code).await.status, 200);
    assert_eq!(app.log_in("squatter", "correct horse battery").await.status, 401);
    let refresh = json!({ "refresh_token": squatter.refresh });
    assert_eq!(app.send(Call::post("/auth/refresh").json(&refresh)).await.problem(), (401, "session_ended".into()));
    let set = json!({ "reset_password": true });
    let reset = app.send(Call::new("PATCH", "/admin/users/5").bearer(&app.admin().await).json(&set)).await;
    let password = reset.json()["password"].as_str().unwrap().to_owned();
    let code = app.code_for(JANE).await;
    assert_eq!(app.log_in_with_code(JANE, &code).await.status, 200);
    assert_eq!(app.log_in("squatter", &password).await.status, 200, "from then on the address is the user's");
}

#[tokio::test]
async fn an_address_that_cannot_be_a_name_gets_one_that_is_made() {
    let app = TestApp::dev().await;
    let odd = "o'neil/x@example.com";
    let code = app.code_for(odd).await;
    let session = app.log_in_with_code(odd, &code).await.json();
    let info = app.send(Call::get("/userinfo").bearer(session["access_token"].as_str().unwrap())).await.json();
    assert!(info["username"].as_str().unwrap().starts_with("user-"), "{info}");
    app.send(Call::post("/register").json(&json!({ "username": "Bob@example.com" }))).await;
    let code = app.code_for("bob@example.com").await;
    let session = app.log_in_with_code("bob@example.com", &code).await.json();
    let info = app.send(Call::get("/userinfo").bearer(session["access_token"].as_str().unwrap())).await.json();
    assert!(info["username"].as_str().unwrap().starts_with("user-"), "the name of the address is taken: {info}");
}

#[tokio::test]
async fn mails_are_limited_for_each_address_known_or_not() {
    let app = TestApp::dev().await;
    for _ in 0..3 {
        assert_eq!(app.request_otp(JANE).await.status, 202);
    }
    let limited = app.request_otp("JANE.DOE@example.com").await;
    assert_eq!(limited.problem(), (429, "mail_limited".into()));
    assert_eq!(limited.seconds("retry-after"), 60);
    assert_eq!(app.request_reset(JANE).await.status, 429, "whatever is mailed");
    assert_eq!(app.request_otp("john.doe@example.com").await.status, 202);
    app.wait(Duration::from_secs(60));
    assert_eq!(app.request_otp(JANE).await.status, 202);
}

#[tokio::test]
async fn attempts_are_limited_for_each_address_that_they_come_from() {
    let app = TestApp::dev().await;
    for number in 0..5 {
        assert_eq!(app.request_otp(&format!("jane{number}@example.com")).await.status, 202);
        assert!(refused(&app.log_in_with_code("nobody@example.com", "000000").await));
    }
    assert_eq!(app.request_otp(JANE).await.problem(), (429, "address_limited".into()));
    assert_eq!(app.log_in_with_code(JANE, "000000").await.problem(), (429, "address_limited".into()));
}

#[tokio::test]
async fn failures_are_limited_for_each_account_and_a_success_clears_them() {
    let limits = [unlimited()[0], unlimited()[1], ("account-failure-limit", "burst=3,every=30s")];
    let app = TestApp::with(&limits).await;
    for round in 0..2 {
        let code = app.code_for(JANE).await;
        for _ in 0..2 {
            assert!(refused(&app.log_in_with_code(JANE, &wrong(&code)).await), "round {round}");
        }
        assert_eq!(app.log_in_with_code(JANE, &code).await.status, 200);
    }
    for _ in 0..3 {
        assert!(refused(&app.log_in_with_code(JANE, "000000").await));
    }
    let code = app.code_for(JANE).await;
    assert_eq!(app.log_in_with_code(JANE, &code).await.problem(), (429, "account_limited".into()));
    app.wait(Duration::from_secs(30));
    assert_eq!(app.log_in_with_code(JANE, &code).await.status, 200);
}

#[tokio::test]
async fn what_is_no_address_or_no_code_is_named() {
    let app = TestApp::with(&unlimited()).await;
    let logins = [
        (json!({ "email": JANE }), "otp"),
        (json!({ "username": "jane", "password": "given-too", "otp": null }), "otp"),
        (json!({ "otp": "123456" }), "email"),
        (json!({ "otp": "123456", "username": "jane" }), "email"),
        (json!({ "email": JANE, "otp": "12345" }), "otp"),
        (json!({ "email": JANE, "otp": "12345x" }), "otp"),
        (json!({ "email": JANE, "otp": 123_456 }), "otp"),
        (json!({ "email": "jane", "otp": "123456" }), "email"),
        (json!({ "username": "jane", "password": "given-too", "email": "jane" }), "email"),
        (json!({ "email": JANE, "otp": "123456", "username": "" }), "username"),
        (json!({ "email": JANE, "username": "jane" }), "password"),
        (json!({}), "username"),
    ];
    for (body, field) in logins {
        let answer = app.send(Call::post("/auth/login").json(&body)).await;
        assert_eq!((answer.problem(), answer.field().as_str()), ((400, "invalid_field".into()), field), "{body}");
    }
    for body in [json!({}), json!({ "email": "" }), json!({ "email": "a\r\nBcc: b@c" }), json!({ "email": ["a@b"] })] {
        for path in ["/auth/request-otp", "/auth/request-password-reset"] {
            let answer = app.send(Call::post(path).json(&body)).await;
            assert_eq!((answer.problem(), answer.field().as_str()), ((400, "invalid_field".into()), "email"), "{body}");
        }
    }
    assert_eq!(app.get("/dev/outbox").await.json()["mails"], json!([]));
}

#[tokio::test]
async fn every_request_and_every_login_is_in_the_log() {
    let app = TestApp::dev().await;
    let code = app.code_for(JANE).await;
    app.log_in_with_code(JANE, &wrong(&code)).await;
    app.log_in_with_code(JANE, &code).await;
    let entries: Vec<_> = app.log().await.into_iter().map(|stored| stored.entry).take(3).collect();
    let told: Vec<_> = entries.iter().map(|entry| (entry.event, entry.outcome, entry.name.as_deref())).collect();
    assert_eq!(
        told,
        [
            (Event::OtpLogin, Outcome::Success, Some(JANE)),
            (Event::OtpLogin, Outcome::BadCredentials, Some(JANE)),
            (Event::OtpRequested, Outcome::Success, Some(JANE)),
        ]
    );
    assert!(entries[0].jti.is_some() && entries[0].user_id.is_some());
}

#[tokio::test]
async fn the_outbox_is_of_the_dev_profile() {
    let app = TestApp::with(&prod_with_mail()).await;
    assert_eq!(app.send(Call::get("/dev/outbox")).await.status, 404);
    let document = app.get("/openapi.json").await.json();
    assert!(document["paths"].get("/dev/outbox").is_none());
    assert!(document["paths"].get("/auth/request-otp").is_some());
}

#[tokio::test]
async fn where_nothing_can_be_mailed_there_are_no_codes() {
    for app in [TestApp::prod().await, TestApp::with(&[("otp-login", "off")]).await] {
        assert_eq!(app.request_otp(JANE).await.status, 404);
        let answer = app.log_in_with_code(JANE, "123456").await;
        assert_eq!((answer.problem(), answer.field()), ((400, "invalid_field".into()), "otp".to_owned()));
        let document = app.get("/openapi.json").await.json();
        assert!(document["paths"].get("/auth/request-otp").is_none());
        let login = &document["components"]["schemas"]["SessionCredentials"]["properties"];
        assert!(login.get("otp").is_none() && login.get("username").is_some(), "{login}");
    }
}
