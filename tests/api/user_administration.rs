//! What administrators do with users over HTTP, each way in which it is refused, and that nobody else does it.

use jwksd_domain::audit::{Event, Outcome};
use serde_json::{Value, json};

use crate::test_app::TestApp;
use crate::wire::{Answer, Call};

const CALLS: [(&str, &str); 5] = [
    ("GET", "/admin/users"),
    ("POST", "/admin/users"),
    ("GET", "/admin/users/3"),
    ("PATCH", "/admin/users/3"),
    ("DELETE", "/admin/users/3"),
];

const PASSWORD: &str = "correct horse battery";

/// An app, and the token of its administrator, whose id is 2.
async fn administered() -> (TestApp, String) {
    let app = TestApp::dev().await;
    let admin = app.admin().await;
    (app, admin)
}

async fn add(app: &TestApp, admin: &str, body: &Value) -> Answer {
    app.send(Call::post("/admin/users").bearer(admin).json(body)).await
}

async fn change(app: &TestApp, admin: &str, id: i64, body: &Value) -> Answer {
    app.send(Call::new("PATCH", &format!("/admin/users/{id}")).bearer(admin).json(body)).await
}

async fn delete(app: &TestApp, admin: &str, id: i64) -> Answer {
    app.send(Call::new("DELETE", &format!("/admin/users/{id}")).bearer(admin)).await
}

async fn get(app: &TestApp, admin: &str, id: i64) -> Value {
    app.send(Call::get(&format!("/admin/users/{id}")).bearer(admin)).await.json()
}

#[tokio::test]
async fn nobody_but_administrators_is_let_in() {
    let app = TestApp::dev().await;
    let writer = app.token_of("Jane", "pass123").await;
    for (method, path) in CALLS {
        let call = || Call::new(method, path).json(&json!({ "username": "new", "role": "admin" }));
        assert_eq!(app.send(call()).await.problem(), (401, "token_required".into()), "{method} {path}");
        assert_eq!(app.send(call().bearer("a.b.c")).await.problem(), (401, "invalid_token".into()), "{method} {path}");
        assert_eq!(app.send(call().bearer(&writer)).await.problem(), (403, "role_required".into()), "{method} {path}");
    }
    let users = app.read_as_admin("/admin/users").await["users"].as_array().unwrap().clone();
    assert_eq!((users.len(), &users[2]["role"], &users[2]["state"]), (4, &json!("read"), &json!("active")));
    let admin = app.admin().await;
    app.disable("admin").await;
    for (method, path) in CALLS {
        assert_eq!(app.send(Call::new(method, path).bearer(&admin)).await.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn users_are_listed_page_by_page_and_without_hashes() {
    let app = TestApp::dev().await;
    let all = app.read_as_admin("/admin/users").await;
    let names = |page: &Value| -> Vec<String> {
        let users = page["users"].as_array().unwrap().iter();
        users.map(|user| user["username"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&all).len(), 4);
    assert!(!all.to_string().contains("$plain$"), "{all}");
    let first = app.read_as_admin("/admin/users?limit=3").await;
    let rest = app.read_as_admin(&format!("/admin/users?limit=3&cursor={}", first["next"])).await;
    assert_eq!([names(&first), names(&rest)].concat(), names(&all));
    assert!(rest.get("next").is_none());
}

#[tokio::test]
async fn a_user_is_added_with_a_role_and_a_password_that_is_shown_once() {
    let (app, admin) = administered().await;
    let body = json!({ "username": "grace", "email": "grace@example.com", "role": "write" });
    let answer = add(&app, &admin, &body).await;
    assert_eq!((answer.status, answer.header("location")), (201, "/admin/users/5"), "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut added = answer.json();
    let password = added.as_object_mut().unwrap().remove("password").unwrap();
    assert_eq!((&added["id"], &added["username"], &added["role"]), (&json!(5), &json!("grace"), &json!("write")));
    assert_eq!((&added["email"], &added["state"]), (&json!("grace@example.com"), &json!("active")));
    assert_eq!(get(&app, &admin, 5).await, added, "the password is not shown again");
    assert_eq!(app.log_in("grace", password.as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn a_password_that_is_given_is_not_shown() {
    let (app, admin) = administered().await;
    let added = add(&app, &admin, &json!({ "username": "grace", "email": "", "password": PASSWORD })).await;
    assert_eq!((added.status, added.json().get("password"), added.json().get("email")), (201, None, None));
    assert_eq!(added.json()["role"], "read");
    assert_eq!(app.log_in("grace", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_user_who_cannot_be_added_is_not() {
    let (app, admin) = administered().await;
    add(&app, &admin, &json!({ "username": "grace", "email": "grace@example.com" })).await;
    let cases = [
        (json!({ "username": "GRACE" }), (409, "username_taken"), ""),
        (json!({ "username": "other", "email": "Grace@Example.com" }), (409, "email_taken"), ""),
        (json!({ "role": "read" }), (400, "invalid_field"), "username"),
        (json!({ "username": "a b" }), (400, "invalid_field"), "username"),
        (json!({ "username": "other", "email": "nonsense" }), (400, "invalid_field"), "email"),
        (json!({ "username": "other", "password": "password" }), (400, "invalid_field"), "password"),
        (json!({ "username": "other", "role": "root" }), (400, "invalid_field"), "role"),
        (json!({ "username": "other", "role": null }), (400, "invalid_field"), "role"),
        (json!({ "username": "other", "role": 7 }), (400, "invalid_field"), "role"),
    ];
    for (body, (status, code), field) in cases {
        let answer = add(&app, &admin, &body).await;
        assert_eq!((answer.problem(), answer.field().as_str()), ((status, code.to_owned()), field), "{body}");
    }
    assert_eq!(app.read_as_admin("/admin/users").await["users"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_role_counts_at_once_also_for_tokens_that_are_out() {
    let (app, admin) = administered().await;
    let token = app.token_of("John", "testpass").await;
    let answer = change(&app, &admin, 3, &json!({ "role": "admin" })).await;
    assert_eq!((answer.status, &answer.json()["role"]), (200, &json!("admin")));
    assert_eq!(app.send(Call::get("/admin/users").bearer(&token)).await.status, 200);
    change(&app, &admin, 3, &json!({ "role": "read" })).await;
    assert_eq!(app.send(Call::get("/admin/users").bearer(&token)).await.status, 403);
}

#[tokio::test]
async fn a_disabled_user_is_out_until_active_again() {
    let (app, admin) = administered().await;
    let token = app.token_of("John", "testpass").await;
    let answer = change(&app, &admin, 3, &json!({ "state": "disabled" })).await;
    assert_eq!((answer.status, &answer.json()["state"]), (200, &json!("disabled")));
    assert_eq!(app.log_in("John", "testpass").await.problem(), (401, "bad_credentials".into()));
    assert_eq!(app.send(Call::get("/userinfo").bearer(&token)).await.status, 401);
    assert_eq!(change(&app, &admin, 3, &json!({ "state": "active" })).await.json()["state"], "active");
    assert_eq!(app.log_in("John", "testpass").await.status, 200);
}

#[tokio::test]
async fn deleting_a_user_disables_it_and_the_log_still_knows_whom_it_names() {
    let (app, admin) = administered().await;
    app.log_in("John", "testpass").await;
    for _ in 0..2 {
        let answer = delete(&app, &admin, 3).await;
        assert_eq!((answer.status, answer.text()), (204, ""));
    }
    assert_eq!(app.log_in("John", "testpass").await.status, 401);
    assert_eq!(get(&app, &admin, 3).await["state"], "disabled");
    let logins = app.read_as_admin("/admin/auth-logs?user=John&outcome=success").await;
    assert_eq!(logins["entries"].as_array().unwrap().last().unwrap()["user_id"], 3);
    assert_eq!(add(&app, &admin, &json!({ "username": "John" })).await.status, 409, "the name stays taken");
}

#[tokio::test]
async fn a_password_is_set_or_made_and_shown_once() {
    let (app, admin) = administered().await;
    let set = change(&app, &admin, 3, &json!({ "password": PASSWORD, "reset_password": false })).await;
    assert_eq!((set.status, set.json().get("password"), &set.json()["demo"]), (200, None, &json!(false)));
    assert_eq!(app.log_in("John", "testpass").await.status, 401);
    assert_eq!(app.log_in("John", PASSWORD).await.status, 200);
    let made = change(&app, &admin, 3, &json!({ "reset_password": true })).await;
    let password = made.json()["password"].as_str().unwrap().to_owned();
    assert_eq!(app.log_in("John", PASSWORD).await.status, 401);
    assert_eq!(app.log_in("John", &password).await.status, 200);
    assert_eq!(get(&app, &admin, 3).await.get("password"), None);
}

#[tokio::test]
async fn all_that_is_given_is_changed_or_nothing() {
    let (app, admin) = administered().await;
    let before = get(&app, &admin, 3).await;
    let cases = [
        (json!({ "role": "write", "state": "disabled", "password": "password" }), "password"),
        (json!({ "role": "write", "password": "short" }), "password"),
        (json!({ "role": "write", "password": PASSWORD, "reset_password": true }), "reset_password"),
        (json!({ "role": "write", "state": "gone" }), "state"),
        (json!({ "role": "write", "state": null }), "state"),
        (json!({ "role": "write", "password": null }), "password"),
        (json!({ "role": "root", "state": "disabled" }), "role"),
        (json!({ "role": ["write"] }), "role"),
        (json!({ "role": "write", "reset_password": "yes" }), "reset_password"),
    ];
    for (body, field) in cases {
        let answer = change(&app, &admin, 3, &body).await;
        assert_eq!((answer.problem(), answer.field().as_str()), ((400, "invalid_field".into()), field), "{body}");
    }
    assert_eq!(get(&app, &admin, 3).await, before);
    assert_eq!(change(&app, &admin, 3, &json!({})).await.json(), before, "nothing is given, nothing is changed");
    let all = json!({ "role": "write", "state": "disabled", "reset_password": true });
    let after = change(&app, &admin, 3, &all).await.json();
    assert_eq!((&after["role"], &after["state"]), (&json!("write"), &json!("disabled")));
    assert!(after["password"].is_string(), "{after}");
}

#[tokio::test]
async fn an_unknown_id_is_404_and_what_is_none_is_400() {
    let (app, admin) = administered().await;
    for id in [0, -1, 5, i64::MAX] {
        for method in ["GET", "PATCH", "DELETE"] {
            let call = Call::new(method, &format!("/admin/users/{id}")).bearer(&admin).json(&json!({ "role": "read" }));
            assert_eq!(app.send(call).await.problem(), (404, "user_not_found".into()), "{method} {id}");
        }
    }
    for id in ["John", "3x", "1.5", "%33%20", "99999999999999999999"] {
        let answer = app.send(Call::get(&format!("/admin/users/{id}")).bearer(&admin)).await;
        assert_eq!((answer.problem(), answer.field().as_str()), ((400, "invalid_parameter".into()), "id"), "{id}");
    }
    for (path, field) in [("/admin/users?limit=-1", "limit"), ("/admin/users?cursor=x", "cursor")] {
        let answer = app.send(Call::get(path).bearer(&admin)).await;
        assert_eq!((answer.problem(), answer.field().as_str()), ((400, "invalid_parameter".into()), field), "{path}");
    }
}

#[tokio::test]
async fn administrators_neither_disable_nor_demote_themselves() {
    let (app, admin) = administered().await;
    for body in
        [json!({ "state": "disabled" }), json!({ "role": "write" }), json!({ "role": "read", "password": PASSWORD })]
    {
        assert_eq!(change(&app, &admin, 2, &body).await.problem(), (409, "own_account".into()), "{body}");
    }
    assert_eq!(delete(&app, &admin, 2).await.problem(), (409, "own_account".into()));
    let own = json!({ "role": "admin", "state": "active", "password": PASSWORD });
    assert_eq!(change(&app, &admin, 2, &own).await.status, 200);
    let admin = app.log_in("admin", PASSWORD).await.token();
    change(&app, &admin, 3, &json!({ "role": "admin" })).await;
    let other = app.token_of("John", "testpass").await;
    assert_eq!(delete(&app, &other, 2).await.status, 204, "another administrator does");
}

#[tokio::test]
async fn every_change_is_in_the_log_with_where_it_came_from() {
    let app = TestApp::with(&[("trusted-proxies", "127.0.0.1/32")]).await;
    let admin = app.admin().await;
    let calls = [
        (Call::post("/admin/users").json(&json!({ "username": "grace" })), "grace", "add, role=read"),
        (
            Call::new("PATCH", "/admin/users/5").json(&json!({ "role": "write", "reset_password": true })),
            "grace",
            "role=write, reset_password",
        ),
        (
            Call::new("PATCH", "/admin/users/5").json(&json!({ "state": "active", "password": PASSWORD })),
            "grace",
            "state=active, password",
        ),
        (Call::new("DELETE", "/admin/users/3"), "John", "state=disabled"),
    ];
    for (call, name, detail) in calls {
        app.send(call.bearer(&admin).header("x-forwarded-for", "198.51.100.7")).await;
        let newest = app.log().await.remove(0).entry;
        assert_eq!((newest.event, newest.outcome), (Event::UserAdministered, Outcome::Success), "{name}");
        assert_eq!(newest.detail.as_deref(), Some(detail), "what was done");
        assert_eq!((newest.name.as_deref(), newest.origin.ip.to_string()), (Some(name), "198.51.100.7".to_owned()));
    }
    let count = app.log().await.len();
    change(&app, &admin, 2, &json!({ "role": "read" })).await;
    change(&app, &admin, 99, &json!({ "role": "read" })).await;
    assert_eq!(app.log().await.len(), count, "what was not done is not in it");
}
