//! The ways in which credentials may be shown at a login, and which of them wins.

use serde_json::json;

use crate::test_app::TestApp;
use crate::wire::{Call, Token};

fn john() -> serde_json::Value {
    json!({ "username": "John", "password": "testpass" })
}

async fn logged_in(app: &TestApp, call: Call) -> String {
    let token = Token::parse(&app.send(call).await.token());
    token.claims["username"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn json_form_and_basic_are_read() {
    let app = TestApp::dev().await;
    let calls = [
        Call::post("/auth").json(&john()),
        Call::post("/auth").body(john().to_string()),
        Call::post("/auth").header("content-type", "application/json; charset=utf-8").body(john().to_string()),
        Call::post("/auth").form("username=John&password=testpass"),
        Call::post("/auth").form("username=J%6fhn&password=testpass&other=1"),
        Call::post("/auth").basic("John", "testpass"),
        Call::post("/api/v1/auth").json(&json!({ "userName": "John", "password": "testpass" })),
        Call::post("/api/v1/auth").form("userName=John&password=testpass"),
        Call::post("/api/v1/auth").basic("John", "testpass"),
    ];
    for call in calls {
        assert_eq!(logged_in(&app, call).await, "John");
    }
}

#[tokio::test]
async fn other_content_types_are_refused() {
    let app = TestApp::dev().await;
    for content_type in ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonp", "é"]
    {
        let call = Call::post("/auth").raw_header("content-type", content_type.as_bytes()).body(john().to_string());
        assert_eq!(app.send(call).await.problem(), (415, "unsupported_media_type".into()), "{content_type}");
    }
}

#[tokio::test]
async fn a_foreign_charset_is_refused_and_what_is_plain_is_read() {
    let app = TestApp::dev().await;
    let sent = |content_type: &str| Call::post("/auth").header("content-type", content_type).body(john().to_string());
    for charset in ["iso-8859-1", "utf-16le"] {
        let answer = app.send(sent(&format!("application/json; charset={charset}"))).await;
        assert_eq!(answer.problem(), (415, "unsupported_media_type".into()), "{charset}");
        assert_eq!(answer.json()["field"], "Content-Type");
    }
    assert_eq!(logged_in(&app, sent("application/json; charset=\"UTF-8\"")).await, "John");
}

/// Forms of clients are read by other code.
#[tokio::test]
async fn a_coded_body_is_refused_and_told_what_would_be_read() {
    let app = TestApp::dev().await;
    for call in [Call::post("/auth").json(&john()), Call::post("/introspect").form("token=x")] {
        let answer = app.send(call.header("content-encoding", "gzip")).await;
        assert_eq!(answer.problem(), (415, "unsupported_content_coding".into()));
        assert_eq!(
            (answer.header("accept-encoding"), &answer.json()["field"]),
            ("identity", &json!("Content-Encoding"))
        );
    }
    assert_eq!(logged_in(&app, Call::post("/auth").json(&john()).header("content-encoding", "identity")).await, "John");
}

#[tokio::test]
async fn a_body_wins_over_basic() {
    let app = TestApp::dev().await;
    assert_eq!(logged_in(&app, Call::post("/auth").json(&john()).basic("Jane", "pass123")).await, "John");
    let call = Call::post("/auth").json(&john()).header("authorization", "Basic !!!");
    assert_eq!(logged_in(&app, call).await, "John");
}

#[tokio::test]
async fn a_foreign_authorization_is_ignored() {
    let app = TestApp::dev().await;
    for value in ["Bearer eyJhbGciOiJub25lIn0.e30.", "Digest username=\"x\"", "nonsense"] {
        let call = Call::post("/auth").json(&john()).header("authorization", value);
        assert_eq!(logged_in(&app, call).await, "John", "{value}");
        assert_eq!(logged_in(&app, Call::post("/auth").header("authorization", value)).await, "userABC", "{value}");
    }
}

#[tokio::test]
async fn broken_basic_without_a_body_is_refused() {
    let app = TestApp::dev().await;
    for value in ["Basic", "Basic !!!", "Basic YQ==", "Basic /////w=="] {
        let answer = app.send(Call::post("/auth").header("authorization", value)).await;
        assert_eq!(answer.problem(), (401, "bad_credentials".into()), "{value}");
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{value}");
    }
}

#[tokio::test]
async fn without_credentials_dev_gives_a_token_and_prod_does_not() {
    let dev = TestApp::dev().await;
    assert_eq!(logged_in(&dev, Call::post("/auth")).await, "userABC");
    assert_eq!(logged_in(&dev, Call::post("/auth").header("content-type", "application/json")).await, "userABC");
    assert_eq!(dev.send(Call::post("/api/v1/auth")).await.problem(), (400, "missing_credentials".into()));
    let prod = TestApp::prod().await;
    for path in ["/auth", "/auth?expired", "/api/v1/auth"] {
        assert_eq!(prod.send(Call::post(path)).await.problem(), (400, "missing_credentials".into()), "{path}");
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let app = TestApp::dev().await;
    let cases = [
        ("/auth", json!({ "username": "John" }), "password"),
        ("/auth", json!({ "password": "testpass" }), "username"),
        ("/auth", json!({}), "username"),
        ("/auth", json!({ "username": 1, "password": "x" }), "username"),
        ("/auth", json!({ "username": "", "password": "x" }), "username"),
        ("/auth", json!({ "username": "John", "password": null }), "password"),
        ("/auth", json!({ "username": "John", "password": "" }), "password"),
        ("/api/v1/auth", json!({ "userName": "", "password": "x" }), "userName"),
        ("/api/v1/auth", json!({ "userName": "John" }), "password"),
    ];
    for (path, body, field) in cases {
        let answer = app.send(Call::post(path).json(&body)).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, field), "{path} {body}");
    }
    let form = app.send(Call::post("/auth").form("username=John")).await;
    assert_eq!((form.status, form.field().as_str()), (400, "password"));
}
