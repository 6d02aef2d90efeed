//! A second factor is enrolled, confirmed, and turned off: by its user, who shows more than a token for it, or by an administrator.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use jwksd_domain::second_factor::{Step, TotpSecret};
use serde_json::{Value, json};

use crate::test_app::TestApp;
use crate::wire::{Answer, Call};

/// An authenticator app: it has the secret and looks at the clock.
pub(crate) struct Authenticator(TotpSecret);

impl Authenticator {
    /// The code at the present instant.
    pub(crate) fn code(&self, app: &TestApp) -> String {
        self.code_of(app, 0)
    }

    /// The code of so many steps later, or earlier.
    pub(crate) fn code_of(&self, app: &TestApp, later: i64) -> String {
        let Step(present) = Step::at(app.now());
        self.0.code(Step(present.checked_add_signed(later).unwrap())).expose().to_owned()
    }

    /// The app into which somebody has typed the secret.
    pub(crate) fn of_secret(base32: &str) -> Self {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits: String = base32.chars().map(|digit| format!("{:05b}", alphabet.find(digit).unwrap())).collect();
        let bytes: Vec<_> = (0..20).map(|i| u8::from_str_radix(&bits[8 * i..8 * i + 8], 2).unwrap()).collect();
        Self(TotpSecret::from_slice(&bytes).unwrap())
    }
}

/// Goes on to the next step, so that there is another code.
pub(crate) fn next_step(app: &TestApp) {
    app.wait(Duration::from_secs(30));
}

async fn enrol(app: &TestApp, token: &str, password: &str) -> Answer {
    app.send(Call::post("/auth/totp").bearer(token).json(&json!({ "password": password }))).await
}

async fn confirm(app: &TestApp, token: &str, code: &str) -> Answer {
    app.send(Call::post("/auth/totp/confirm").bearer(token).json(&json!({ "code": code }))).await
}

async fn remove(app: &TestApp, token: &str, proof: &Value) -> Answer {
    app.send(Call::new("DELETE", "/auth/totp").bearer(token).json(proof)).await
}

async fn renew(app: &TestApp, token: &str, proof: &Value) -> Answer {
    app.send(Call::post("/auth/totp/recovery-codes").bearer(token).json(proof)).await
}

async fn status(app: &TestApp, token: &str) -> Value {
    let answer = app.send(Call::get("/auth/totp").bearer(token)).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    answer.json()
}

/// The recovery codes of an answer.
pub(crate) fn recovery_codes(answer: &Answer) -> Vec<String> {
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
    let codes = answer.json()["recovery_codes"].as_array().unwrap().clone();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// Jane with a confirmed second factor: her app, her recovery codes, and a token of before. The code of the present step is used.
pub(crate) async fn jane(app: &TestApp) -> (Authenticator, Vec<String>, String) {
    of_user(app, "Jane", "pass123").await
}

/// The same of any user.
pub(crate) async fn of_user(app: &TestApp, name: &str, password: &str) -> (Authenticator, Vec<String>, String) {
    let token = app.open_session(name, password).await.access;
    let enrolled = enrol(app, &token, password).await.json();
    let authenticator = Authenticator::of_secret(enrolled["secret"].as_str().unwrap());
    let codes = recovery_codes(&confirm(app, &token, &authenticator.code(app)).await);
    (authenticator, codes, token)
}

async fn logged(app: &TestApp) -> (Event, Outcome, Option<String>) {
    let entry = app.log().await.remove(0).entry;
    (entry.event, entry.outcome, entry.name)
}

#[tokio::test]
async fn a_factor_is_enrolled_and_counts_once_it_is_confirmed() {
    let app = TestApp::dev().await;
    let token = app.open_session("Jane", "pass123").await.access;
    assert_eq!(status(&app, &token).await, json!({ "state": "off", "recovery_codes_left": 0 }));
    let answer = enrol(&app, &token, "pass123").await;
    let enrolled = answer.json();
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let secret = enrolled["secret"].as_str().unwrap();
    assert_eq!(
        enrolled["otpauth_uri"],
        format!("otpauth://totp/127.0.0.1:Jane?secret={secret}&issuer=127.0.0.1&algorithm=SHA1&digits=6&period=30")
    );
    assert!(enrolled["qr_svg"].as_str().unwrap().contains("<svg"));
    assert!(enrolled["qr_png"].as_str().unwrap().starts_with("data:image/png;base64,iVBORw0KGgo"));
    assert_eq!(logged(&app).await, (Event::TotpEnrolled, Outcome::Success, Some("Jane".into())));
    assert_eq!(status(&app, &token).await, json!({ "state": "pending", "recovery_codes_left": 0 }));
    assert_eq!(app.log_in("Jane", "pass123").await.status, 200, "nothing is asked for yet");
    let codes = recovery_codes(&confirm(&app, &token, &Authenticator::of_secret(secret).code(&app)).await);
    assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
    assert_eq!(logged(&app).await, (Event::TotpConfirmed, Outcome::Success, Some("Jane".into())));
    let now = app.now().to_string();
    let expected = json!({ "state": "confirmed", "confirmed_at": now, "recovery_codes_left": 10 });
    assert_eq!(status(&app, &token).await, expected);
    assert_eq!(app.log_in("Jane", "pass123").await.problem(), (401, "second_factor_required".into()));
}

#[tokio::test]
async fn enrolling_needs_the_password_and_is_begun_anew_until_it_is_confirmed() {
    let app = TestApp::dev().await;
    let token = app.open_session("Jane", "pass123").await.access;
    assert_eq!(enrol(&app, &token, "testpass").await.problem(), (403, "wrong_password".into()));
    assert_eq!(logged(&app).await, (Event::TotpEnrolled, Outcome::BadCredentials, Some("Jane".into())));
    assert_eq!(app.send(Call::post("/auth/totp").json(&json!({ "password": "pass123" }))).await.status, 401);
    let first = enrol(&app, &token, "pass123").await.json();
    app.wait(Duration::from_millis(1));
    let second = enrol(&app, &token, "pass123").await.json();
    assert_ne!(first["secret"], second["secret"]);
    let [first, second] = [first, second].map(|it| Authenticator::of_secret(it["secret"].as_str().unwrap()));
    assert_eq!(confirm(&app, &token, &first.code(&app)).await.problem(), (403, "wrong_code".into()));
    assert_eq!(confirm(&app, &token, &second.code(&app)).await.status, 200);
    assert_eq!(enrol(&app, &token, "pass123").await.problem(), (409, "second_factor_confirmed".into()));
    assert_eq!(logged(&app).await.1, Outcome::Duplicate);
    next_step(&app);
    let again = confirm(&app, &token, &second.code(&app)).await;
    assert_eq!(again.problem(), (409, "second_factor_confirmed".into()));
}

#[tokio::test]
async fn a_wrong_first_code_confirms_nothing_and_is_counted() {
    let app = TestApp::dev().await;
    let token = app.open_session("Jane", "pass123").await.access;
    assert_eq!(confirm(&app, &token, "123456").await.problem(), (409, "second_factor_missing".into()));
    let enrolled = enrol(&app, &token, "pass123").await.json();
    let authenticator = Authenticator::of_secret(enrolled["secret"].as_str().unwrap());
    for _ in 0..5 {
        let wrong = confirm(&app, &token, &authenticator.code_of(&app, 2)).await;
        assert_eq!(wrong.problem(), (403, "wrong_code".into()));
    }
    assert_eq!(logged(&app).await, (Event::TotpConfirmed, Outcome::BadSecondFactor, Some("Jane".into())));
    let limited = confirm(&app, &token, &authenticator.code(&app)).await;
    assert_eq!((limited.problem(), limited.seconds("retry-after")), ((429, "account_limited".into()), 300));
    app.wait(Duration::from_secs(300));
    assert_eq!(confirm(&app, &token, &authenticator.code(&app)).await.status, 200);
}

#[tokio::test]
async fn turning_it_off_needs_more_than_a_token_and_ends_nothing_else() {
    let app = TestApp::dev().await;
    for way in ["password", "totp", "recovery_code"] {
        let (authenticator, codes, token) = jane(&app).await;
        let other = app.open_session("John", "testpass").await;
        next_step(&app);
        for (proof, code) in [
            (json!({ "password": "wrong" }), "wrong_password"),
            (json!({ "totp": authenticator.code_of(&app, 2) }), "wrong_code"),
            (json!({ "recovery_code": "aaaa-bbbb-cccc-dddd" }), "wrong_code"),
        ] {
            assert_eq!(remove(&app, &token, &proof).await.problem(), (403, code.into()));
        }
        let right = match way {
            "password" => "pass123".to_owned(),
            "totp" => authenticator.code(&app),
            _ => codes[0].clone(),
        };
        let answer = remove(&app, &token, &json!({ way: right })).await;
        assert_eq!((answer.status, answer.text()), (204, ""), "{way}");
        assert_eq!(logged(&app).await, (Event::TotpRemoved, Outcome::Success, Some("Jane".into())));
        assert_eq!(status(&app, &token).await["state"], "off", "the session goes on");
        assert_eq!(app.refresh(&other.refresh).await.status, 200);
        assert_eq!(app.log_in("Jane", "pass123").await.status, 200);
        let again = remove(&app, &token, &json!({ "password": "pass123" })).await;
        assert_eq!(again.problem(), (409, "second_factor_missing".into()));
        app.wait(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn new_recovery_codes_take_the_place_of_those_before() {
    let app = TestApp::dev().await;
    let (authenticator, before, token) = jane(&app).await;
    let wrong = renew(&app, &token, &json!({ "password": "wrong" })).await;
    assert_eq!(wrong.problem(), (403, "wrong_password".into()));
    let used = renew(&app, &token, &json!({ "totp": authenticator.code(&app) })).await;
    assert_eq!(used.problem(), (403, "wrong_code".into()), "it has confirmed the factor");
    next_step(&app);
    let after = recovery_codes(&renew(&app, &token, &json!({ "totp": authenticator.code(&app) })).await);
    assert_eq!(logged(&app).await, (Event::RecoveryCodesRenewed, Outcome::Success, Some("Jane".into())));
    assert!(after.len() == 10 && after.iter().all(|code| !before.contains(code)));
    let old = renew(&app, &token, &json!({ "recovery_code": before[0] })).await;
    assert_eq!(old.problem(), (403, "wrong_code".into()));
    let next = recovery_codes(&renew(&app, &token, &json!({ "recovery_code": after[0] })).await);
    assert!(!next.contains(&after[1]));
    let john = app.open_session("John", "testpass").await.access;
    let none = renew(&app, &john, &json!({ "password": "testpass" })).await;
    assert_eq!(none.problem(), (409, "second_factor_missing".into()));
}

#[tokio::test]
async fn an_administrator_helps_who_has_lost_the_phone() {
    let app = TestApp::dev().await;
    let (_, codes, token) = jane(&app).await;
    let admin = app.admin().await;
    let listed = app.send(Call::get("/admin/users").bearer(&admin)).await.json();
    let users = listed["users"].as_array().unwrap();
    let id = users.iter().find(|user| user["username"] == "Jane").unwrap()["id"].clone();
    let reset = async |id: &Value, token: &str| {
        app.send(Call::new("DELETE", &format!("/admin/users/{id}/totp")).bearer(token)).await
    };
    assert_eq!(reset(&id, &token).await.problem(), (403, "role_required".into()));
    assert_eq!(reset(&json!(999), &admin).await.problem(), (404, "user_not_found".into()));
    assert_eq!(reset(&id, &admin).await.status, 204);
    let entry = app.log().await.remove(0).entry;
    assert_eq!((entry.event, entry.outcome), (Event::TotpRemoved, Outcome::Success));
    assert_eq!((entry.name.as_deref(), entry.user_id.map(|user| json!(user.0))), (Some("Jane"), Some(id.clone())));
    assert_eq!(reset(&id, &admin).await.problem(), (409, "second_factor_missing".into()));
    assert_eq!(logged(&app).await, (Event::TotpRemoved, Outcome::NotFound, Some("Jane".into())));
    assert_eq!(app.log_in("Jane", "pass123").await.status, 200);
    assert_eq!(status(&app, &token).await["recovery_codes_left"], 0);
    // A factor that comes after has nothing to do with the one before.
    app.wait(Duration::from_secs(60));
    let (_, _, token) = jane(&app).await;
    let old = renew(&app, &token, &json!({ "recovery_code": codes[0] })).await;
    assert_eq!(old.problem(), (403, "wrong_code".into()));
}

#[tokio::test]
async fn what_is_shown_is_read_strictly() {
    let app = TestApp::dev().await;
    let (_, _, token) = jane(&app).await;
    let cases = [
        (json!({}), "password"),
        (json!({ "password": "pass123", "totp": "123456" }), "password"),
        (json!({ "totp": "123456", "recovery_code": "aaaa-bbbb-cccc-dddd" }), "recovery_code"),
        (json!({ "totp": "12345" }), "totp"),
        (json!({ "totp": 123_456 }), "totp"),
        (json!({ "totp": null }), "totp"),
        (json!({ "recovery_code": "aaaa-bbbb-cccc-ddd1" }), "recovery_code"),
        (json!({ "password": "" }), "password"),
    ];
    for (body, field) in cases {
        for answer in [remove(&app, &token, &body).await, renew(&app, &token, &body).await] {
            assert_eq!((answer.status, answer.field().as_str()), (400, field), "{body}");
        }
    }
    for (body, field) in [(json!({}), "code"), (json!({ "code": "1234567" }), "code")] {
        let answer = app.send(Call::post("/auth/totp/confirm").bearer(&token).json(&body)).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, field), "{body}");
    }
    assert_eq!(enrol(&app, &token, "").await.field(), "password");
}
