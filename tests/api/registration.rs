//! Registering: generated and chosen passwords, taken names, bad fields.

use jwksd_domain::audit::{Event, Outcome};
use serde_json::{Value, json};

use crate::test_app::TestApp;
use crate::wire::{Answer, Call};

const PASSWORD: &str = "correct horse battery";

async fn register(app: &TestApp, body: &Value) -> Answer {
    app.send(Call::post("/register").json(body)).await
}

#[tokio::test]
async fn without_a_password_a_version_4_uuid_is_made_and_shown_once() {
    for app in [TestApp::dev().await, TestApp::prod().await] {
        let answer = register(&app, &json!({ "username": "newcomer", "email": "new@example.com" })).await;
        assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"));
        let password = answer.json()["password"].as_str().unwrap().to_owned();
        assert_eq!((password.len(), password.as_bytes()[14]), (36, b'4'), "{password}");
        assert_eq!(app.log_in("newcomer", &password).await.status, 200);
    }
}

#[tokio::test]
async fn a_given_password_is_echoed_in_dev_only() {
    let body = json!({ "username": "newcomer", "password": PASSWORD });
    let dev = TestApp::dev().await;
    assert_eq!(register(&dev, &body).await.json(), json!({ "password": PASSWORD }));
    let prod = TestApp::prod().await;
    let answer = register(&prod, &body).await;
    assert_eq!((answer.status, answer.json()), (201, json!({ "username": "newcomer" })));
    for app in [dev, prod] {
        assert_eq!(app.log_in("newcomer", PASSWORD).await.status, 200);
        assert_eq!(app.log_in("newcomer", "another horse").await.status, 401);
    }
}

#[tokio::test]
async fn a_taken_name_is_taken_in_any_case() {
    let app = TestApp::dev().await;
    assert_eq!(register(&app, &json!({ "username": "newcomer" })).await.status, 201);
    for name in ["newcomer", "Newcomer", "NEWCOMER", "admin", "JOHN"] {
        let answer = register(&app, &json!({ "username": name })).await;
        assert_eq!(answer.problem(), (409, "username_taken".into()), "{name}");
    }
    let newest = app.log().await.remove(0).entry;
    assert_eq!((newest.event, newest.outcome), (Event::Registration, Outcome::Duplicate));
}

#[tokio::test]
async fn a_taken_address_is_taken_in_any_case() {
    let app = TestApp::dev().await;
    assert_eq!(register(&app, &json!({ "username": "one", "email": "a@example.com" })).await.status, 201);
    for email in ["a@example.com", "A@Example.com"] {
        let answer = register(&app, &json!({ "username": "two", "email": email })).await;
        assert_eq!(answer.problem(), (409, "email_taken".into()), "{email}");
    }
    for name in ["three", "four"] {
        assert_eq!(register(&app, &json!({ "username": name, "email": "" })).await.status, 201, "none is not taken");
    }
}

#[tokio::test]
async fn of_two_at_the_same_instant_one_wins() {
    let app = TestApp::dev().await;
    let body = json!({ "username": "newcomer" });
    let (one, other) = tokio::join!(register(&app, &body), register(&app, &body));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_bad_field_is_named() {
    let app = TestApp::dev().await;
    let long = |count: usize| "a".repeat(count);
    let cases = [
        (json!({}), "username"),
        (json!({ "username": null }), "username"),
        (json!({ "username": 7 }), "username"),
        (json!({ "username": "" }), "username"),
        (json!({ "username": long(65) }), "username"),
        (json!({ "username": long(300) }), "username"),
        (json!({ "username": "аdmin" }), "username"),
        (json!({ "username": "ad\0min" }), "username"),
        (json!({ "username": "'; DROP TABLE users;--" }), "username"),
        (json!({ "username": "a", "email": "nonsense" }), "email"),
        (json!({ "username": "a", "email": "a@b\r\nBcc: x@y.z" }), "email"),
        (json!({ "username": "a", "email": ["a@b"] }), "email"),
        (json!({ "username": "a", "email": format!("{}@b.de", long(260)) }), "email"),
        (json!({ "username": "a", "password": "" }), "password"),
        (json!({ "username": "a", "password": "short" }), "password"),
        (json!({ "username": "a", "password": long(129) }), "password"),
        (json!({ "username": "a", "password": long(5000) }), "password"),
        (json!({ "username": "a", "password": "password" }), "password"),
        (json!({ "username": "abcdefgh1", "password": "ABCDEFGH1" }), "password"),
        (json!({ "username": "a", "password": 12_345_678 }), "password"),
    ];
    for (body, field) in cases {
        let answer = register(&app, &body).await;
        assert_eq!((answer.problem(), answer.field()), ((400, "invalid_field".into()), field.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn whoever_registers_may_read() {
    let app = TestApp::dev().await;
    let extra = json!({ "username": "newcomer", "password": PASSWORD, "role": "admin", "demo": true, "id": 1 });
    assert_eq!(register(&app, &extra).await.status, 201);
    let users = app.read_as_admin("/admin/users").await;
    let user = users["users"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&user["username"], &user["role"], &user["demo"]), (&"newcomer".into(), &"read".into(), &false.into()));
}

#[tokio::test]
async fn a_form_is_not_read_here() {
    let app = TestApp::dev().await;
    let answer = app.send(Call::post("/register").form("username=a")).await;
    assert_eq!(answer.problem(), (415, "unsupported_media_type".into()));
    assert_eq!(app.send(Call::post("/register").body(json!({ "username": "a" }).to_string())).await.status, 201);
}
