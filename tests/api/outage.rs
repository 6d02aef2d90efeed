//! What clients see while a store is down: a problem that says when to come back, and nothing of the cause.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::test_app::TestApp;
use crate::wire::Call;

#[tokio::test]
async fn a_store_that_is_down_is_a_503_with_a_fixed_text() {
    let app = TestApp::dev().await;
    let admin = app.admin().await;
    let refresh_token = app.open_session("John", "testpass").await.refresh;
    app.stores.broken.store(true, Ordering::SeqCst);
    let credentials = json!({ "username": "John", "password": "testpass" });
    let calls = [
        Call::post("/auth"),
        Call::post("/auth").json(&credentials),
        Call::post("/api/v1/auth").json(&json!({ "userName": "John", "password": "testpass" })),
        Call::post("/register").json(&json!({ "username": "someone" })),
        Call::post("/auth/login").json(&credentials),
        Call::post("/auth/refresh").json(&json!({ "refresh_token": refresh_token })),
        Call::post("/auth/logout").json(&json!({ "refresh_token": refresh_token })),
        Call::post("/auth/logout").bearer(&admin),
        Call::get("/auth/sessions").bearer(&admin),
        Call::new("DELETE", "/auth/sessions").bearer(&admin),
        Call::get("/auth/totp").bearer(&admin),
        Call::post("/auth/totp").bearer(&admin).json(&json!({ "password": "password" })),
        Call::post("/auth/totp/confirm").bearer(&admin).json(&json!({ "code": "123456" })),
        Call::post("/auth/totp/recovery-codes").bearer(&admin).json(&json!({ "password": "password" })),
        Call::new("DELETE", "/auth/totp").bearer(&admin).json(&json!({ "password": "password" })),
        Call::new("DELETE", "/admin/users/3/totp").bearer(&admin),
        Call::post("/auth/login").json(&json!({ "email": "jane@example.com", "otp": "123456" })),
        Call::post("/auth/request-otp").json(&json!({ "email": "jane@example.com" })),
        Call::post("/auth/request-password-reset").json(&json!({ "email": "jane@example.com" })),
        Call::post("/auth/reset-password").json(&json!({ "token": "x", "new_password": "correct horse battery" })),
        Call::post("/auth/password")
            .bearer(&admin)
            .json(&json!({ "current_password": "password", "new_password": "correct horse battery" })),
        Call::get("/token"),
        Call::get("/status-lists"),
        Call::get("/status-lists/1"),
        Call::get("/userinfo").bearer(&admin),
        Call::get("/admin/keys").bearer(&admin),
        Call::get("/admin/users").bearer(&admin),
        Call::post("/admin/users").bearer(&admin).json(&json!({ "username": "someone" })),
        Call::get("/admin/users/3").bearer(&admin),
        Call::new("PATCH", "/admin/users/3").bearer(&admin).json(&json!({ "role": "write" })),
        Call::new("DELETE", "/admin/users/3").bearer(&admin),
        Call::get("/admin/auth-logs").bearer(&admin),
        Call::post("/admin/keys/rotate").bearer(&admin),
        Call::post("/admin/keys/cleanup").bearer(&admin),
        Call::get("/admin/clients").bearer(&admin),
        Call::post("/oauth/token").basic("reports", "secret").form("grant_type=client_credentials"),
        Call::post("/introspect").basic("reports", "secret").form("token=a"),
        Call::post("/revoke").basic("reports", "secret").form("token=a"),
    ];
    let mut bodies = Vec::new();
    for call in calls {
        let path = call.path.clone();
        let answer = app.send_while_down(call).await;
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()), "{path}");
        assert!(answer.seconds("retry-after") >= 1, "{path}");
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "one text for every outage");
    assert!(!String::from_utf8(bodies.remove(0)).unwrap().contains("SELECT"));
}

#[tokio::test]
async fn what_needs_no_store_is_answered_while_it_is_down() {
    let app = TestApp::dev().await;
    let before = app.jwks().await;
    app.stores.broken.store(true, Ordering::SeqCst);
    assert_eq!(app.send_while_down(Call::get("/.well-known/jwks.json")).await.body, before.body);
    for path in ["/.well-known/openid-configuration", "/health/live", "/metrics", "/openapi.json"] {
        assert_eq!(app.send_while_down(Call::get(path)).await.status, 200, "{path}");
    }
    let ready = app.send_while_down(Call::get("/health/ready")).await;
    assert_eq!((ready.status, ready.json()["status"].as_str()), (503, Some("down")));
    assert!(!ready.text().contains("SELECT"), "{}", ready.text());
    app.stores.broken.store(false, Ordering::SeqCst);
    assert_eq!(app.get("/health/ready").await.json()["status"], "up");
    assert_eq!(app.log_in("John", "testpass").await.status, 200);
}
