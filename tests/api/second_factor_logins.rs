//! Logging in with a second factor: each code opens one session, within a minute and a half, and never without the password.

use std::time::Duration;

use jwksd_domain::audit::{Event, Outcome};
use serde_json::{Value, json};

use crate::second_factor::{jane, next_step, of_user};
use crate::test_app::TestApp;
use crate::wire::{Answer, Call, Token};

/// The members of a login of Jane with this beside.
fn with(member: &str, value: &str) -> Value {
    json!({ "username": "Jane", "password": "pass123", member: value })
}

async fn open(app: &TestApp, credentials: &Value) -> Answer {
    app.send(Call::post("/auth/login").json(credentials)).await
}

fn amr(answer: &Answer) -> Value {
    Token::parse(&answer.tokens().access).claims["amr"].clone()
}

fn bad() -> (u16, String) {
    (401, "bad_second_factor".into())
}

#[tokio::test]
async fn a_code_opens_a_session_whose_tokens_tell_of_it() {
    let app = TestApp::dev().await;
    let (authenticator, ..) = jane(&app).await;
    next_step(&app);
    let plain = open(&app, &json!({ "username": "Jane", "password": "pass123" })).await;
    assert_eq!(plain.problem(), (401, "second_factor_required".into()));
    assert_eq!(app.log().await[0].entry.outcome, Outcome::SecondFactorRequired);
    let answer = open(&app, &with("totp", &authenticator.code(&app))).await;
    assert_eq!(amr(&answer), json!(["pwd", "otp"]));
    let entry = app.log().await.remove(0).entry;
    assert_eq!((entry.event, entry.outcome, entry.name.as_deref()), (Event::Login, Outcome::Success, Some("Jane")));
    let next = app.refresh(&answer.tokens().refresh).await;
    assert_eq!(amr(&next), json!(["pwd", "otp"]), "a refresh asks for nothing and forgets nothing");
    let sessions = app.send(Call::get("/auth/sessions").bearer(&next.tokens().access)).await.json();
    assert_eq!(sessions["sessions"][0]["amr"], json!(["pwd", "otp"]));
}

#[tokio::test]
async fn no_way_in_leaves_it_out() {
    let app = TestApp::dev().await;
    let (authenticator, ..) = jane(&app).await;
    let json = json!({ "username": "Jane", "password": "pass123" });
    let calls = [
        Call::post("/auth").json(&json),
        Call::post("/auth").form("username=Jane&password=pass123"),
        Call::post("/auth").basic("Jane", "pass123"),
        Call::post("/auth?expired").json(&json),
        Call::post("/auth/login").json(&json),
        Call::post("/api/v1/auth").json(&json!({ "userName": "Jane", "password": "pass123" })),
    ];
    for call in calls {
        let path = call.path.clone();
        assert_eq!(app.send(call).await.problem(), (401, "second_factor_required".into()), "{path}");
    }
    for way in 0..4 {
        next_step(&app);
        let code = authenticator.code(&app);
        let call = match way {
            0 => Call::post("/auth").json(&with("totp", &code)),
            1 => {
                Call::post("/auth").form(&format!("username=Jane&password=pass123&totp={}+{}", &code[..3], &code[3..]))
            }
            2 => Call::post("/auth?expired").json(&with("totp", &code)),
            _ => Call::post("/api/v1/auth").json(&json!({ "userName": "Jane", "password": "pass123", "totp": code })),
        };
        app.send(call.clone()).await.token();
        assert_eq!(app.send(call).await.problem(), bad(), "not twice");
    }
}

#[tokio::test]
async fn a_code_is_taken_once_and_no_earlier_one_after_it() {
    let app = TestApp::dev().await;
    let (authenticator, ..) = jane(&app).await;
    let confirming = authenticator.code(&app);
    assert_eq!(open(&app, &with("totp", &confirming)).await.problem(), bad(), "it has confirmed the factor");
    assert_eq!(app.log().await[0].entry.outcome, Outcome::BadSecondFactor);
    app.wait(Duration::from_secs(60));
    let (slow, present) = (authenticator.code_of(&app, -1), authenticator.code(&app));
    assert_eq!(open(&app, &with("totp", &present)).await.status, 200);
    for used in [&present, &slow, &confirming] {
        assert_eq!(open(&app, &with("totp", used)).await.problem(), bad());
    }
    assert_eq!(open(&app, &with("totp", &authenticator.code_of(&app, 1))).await.status, 200, "a clock ahead");
}

#[tokio::test]
async fn a_code_is_good_from_one_step_before_until_one_step_after() {
    for (early, waited, is_good) in [(0, 59, true), (0, 60, false), (1, 0, true), (2, 0, false), (2, 30, true)] {
        let app = TestApp::dev().await;
        let (authenticator, ..) = jane(&app).await;
        app.wait(Duration::from_secs(60));
        // The clock of the tests begins with a step.
        assert_eq!(app.now().unix_millis() % 30_000, 0);
        let code = authenticator.code_of(&app, early);
        app.wait(Duration::from_secs(waited));
        let expected = if is_good { 200 } else { 401 };
        assert_eq!(open(&app, &with("totp", &code)).await.status, expected, "{early} steps early, {waited} s late");
    }
}

#[tokio::test]
async fn of_two_logins_with_one_code_one_succeeds() {
    let app = TestApp::dev().await;
    let (authenticator, codes, _) = jane(&app).await;
    next_step(&app);
    for credentials in [with("totp", &authenticator.code(&app)), with("recovery_code", &codes[0])] {
        let (one, other) = tokio::join!(open(&app, &credentials), open(&app, &credentials));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "{credentials}");
    }
}

#[tokio::test]
async fn with_a_wrong_password_nobody_learns_of_it_and_no_code_is_used() {
    let app = TestApp::dev().await;
    let (authenticator, codes, _) = jane(&app).await;
    next_step(&app);
    let code = authenticator.code(&app);
    let wrong = |member: &str, value: &str| json!({ "username": "Jane", "password": "wrong", member: value });
    let plain = open(&app, &json!({ "username": "Jane", "password": "wrong" })).await;
    assert_eq!(plain.problem(), (401, "bad_credentials".into()));
    for credentials in [wrong("totp", &code), wrong("totp", "000000"), wrong("recovery_code", &codes[0])] {
        assert_eq!(open(&app, &credentials).await.body, plain.body);
    }
    let nobody = open(&app, &json!({ "username": "nobody", "password": "wrong", "totp": code })).await;
    assert_eq!(nobody.body, plain.body);
    assert_eq!(open(&app, &with("recovery_code", &codes[0])).await.status, 200);
    assert_eq!(open(&app, &with("totp", &code)).await.status, 200);
}

#[tokio::test]
async fn a_recovery_code_lets_in_once() {
    let app = TestApp::dev().await;
    let (_, codes, token) = jane(&app).await;
    let answer = open(&app, &with("recovery_code", &codes[3].to_uppercase().replace('-', " "))).await;
    assert_eq!(amr(&answer), json!(["pwd", "mfa"]));
    let events: Vec<_> = app.log().await.into_iter().take(2).map(|it| (it.entry.event, it.entry.name)).collect();
    let name = || Some("Jane".to_owned());
    assert_eq!(events, [(Event::Login, name()), (Event::RecoveryCodeUsed, name())]);
    let status = app.send(Call::get("/auth/totp").bearer(&token)).await.json();
    assert_eq!(status["recovery_codes_left"], 9);
    assert_eq!(open(&app, &with("recovery_code", &codes[3])).await.problem(), bad());
    app.send(Call::post("/auth").json(&with("recovery_code", &codes[0]))).await.token();
    assert_eq!(open(&app, &with("recovery_code", "aaaa-bbbb-cccc-dddd")).await.problem(), bad());
}

#[tokio::test]
async fn guesses_are_slowed_down_and_lock_nobody_out() {
    let app = TestApp::dev().await;
    let (authenticator, codes, _) = jane(&app).await;
    next_step(&app);
    let guess = with("totp", &authenticator.code_of(&app, 5));
    for _ in 0..5 {
        assert_eq!(open(&app, &guess).await.problem(), bad());
    }
    for credentials in [&guess, &with("totp", &authenticator.code(&app)), &with("recovery_code", &codes[0])] {
        let limited = open(&app, credentials).await;
        assert_eq!((limited.problem(), limited.seconds("retry-after")), ((429, "account_limited".into()), 300));
    }
    assert_eq!(app.log().await[0].entry.outcome, Outcome::AccountLimited);
    assert_eq!(app.log_in("John", "testpass").await.status, 200, "others are in nobody's way");
    app.wait(Duration::from_secs(299));
    assert_eq!(open(&app, &with("totp", &authenticator.code(&app))).await.status, 429);
    app.wait(Duration::from_secs(1));
    assert_eq!(open(&app, &with("totp", &authenticator.code(&app))).await.status, 200);
    for _ in 0..5 {
        assert_eq!(open(&app, &guess).await.problem(), bad(), "a success gives all tries back");
    }
}

#[tokio::test]
async fn a_user_who_is_disabled_is_not_asked_for_it() {
    let app = TestApp::dev().await;
    let (authenticator, ..) = jane(&app).await;
    next_step(&app);
    app.disable("Jane").await;
    let code = authenticator.code(&app);
    for credentials in [json!({ "username": "Jane", "password": "pass123" }), with("totp", &code)] {
        assert_eq!(open(&app, &credentials).await.problem(), (401, "bad_credentials".into()));
    }
}

#[tokio::test]
async fn who_has_none_is_let_in_whatever_is_shown() {
    let app = TestApp::dev().await;
    for member in [("totp", "123456"), ("recovery_code", "aaaa-bbbb-cccc-dddd")] {
        let credentials = json!({ "username": "John", "password": "testpass", member.0: member.1 });
        assert_eq!(amr(&open(&app, &credentials).await), json!(["pwd"]));
        app.send(Call::post("/auth").json(&credentials)).await.token();
    }
}

#[tokio::test]
async fn what_is_no_code_is_named() {
    let app = TestApp::dev().await;
    let cases = [
        (with("totp", "12345"), "totp"),
        (with("totp", ""), "totp"),
        (with("recovery_code", "short"), "recovery_code"),
        (json!({ "username": "Jane", "password": "pass123", "totp": 123_456 }), "totp"),
        (json!({ "username": "Jane", "password": "pass123", "totp": null }), "totp"),
        (
            json!({ "username": "J", "password": "p", "totp": "123456", "recovery_code": "aaaa-bbbb-cccc-dddd" }),
            "recovery_code",
        ),
    ];
    for (body, field) in cases {
        for path in ["/auth", "/auth/login"] {
            let answer = app.send(Call::post(path).json(&body)).await;
            assert_eq!((answer.status, answer.field().as_str()), (400, field), "{path} {body}");
        }
    }
    let form = app.send(Call::post("/auth").form("username=Jane&password=pass123&totp=1")).await;
    assert_eq!((form.status, form.field().as_str()), (400, "totp"));
}

#[tokio::test]
async fn a_code_that_was_mailed_is_one_factor_and_waits_for_the_other() {
    let app = TestApp::dev().await;
    let (email, password) = ("ada@example.com", "correct horse battery");
    let account = json!({ "username": "ada", "email": email, "password": password });
    assert_eq!(app.send(Call::post("/register").json(&account)).await.status, 201);
    let (authenticator, codes, _) = of_user(&app, "ada", password).await;
    next_step(&app);
    let mailed = app.code_for(email).await;
    assert_eq!(app.log_in_with_code(email, &mailed).await.problem(), (401, "second_factor_required".into()));
    let show = async |otp: &str, member: &str, value: &str| {
        open(&app, &json!({ "email": email, "otp": otp, member: value })).await
    };
    assert_eq!(show(&mailed, "totp", &authenticator.code_of(&app, 2)).await.problem(), bad());
    assert_eq!(show("000000", "totp", &authenticator.code(&app)).await.problem(), (401, "bad_credentials".into()));
    let answer = show(&mailed, "totp", &authenticator.code(&app)).await;
    assert_eq!(amr(&answer), json!(["otp", "mfa"]));
    assert_eq!(Token::parse(&answer.tokens().access).claims["username"], "ada");
    assert_eq!(show(&mailed, "recovery_code", &codes[0]).await.problem(), (401, "bad_credentials".into()), "used up");
    let mailed = app.code_for(email).await;
    assert_eq!(amr(&show(&mailed, "recovery_code", &codes[0]).await), json!(["otp", "mfa"]));
}
