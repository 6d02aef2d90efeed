//! What administrators do with clients over HTTP, and each way in which it is refused.

use jwksd_domain::audit::{Event, Outcome};
use serde_json::{Value, json};

use crate::clients::{Machine, oauth_error};
use crate::test_app::TestApp;
use crate::wire::{Answer, Call};

const CALLS: [(&str, &str); 6] = [
    ("GET", "/admin/clients"),
    ("POST", "/admin/clients"),
    ("PATCH", "/admin/clients/reports"),
    ("DELETE", "/admin/clients/reports"),
    ("POST", "/admin/clients/reports/secrets"),
    ("DELETE", "/admin/clients/reports/secrets/0123456789abcdef"),
];

/// An app with the usual client, and the token of its administrator.
async fn administered() -> (TestApp, String, Machine) {
    let app = TestApp::dev().await;
    let (admin, machine) = (app.admin().await, Machine::reports(&app).await);
    (app, admin, machine)
}

/// The clients, but for that of the dev profile.
async fn listed(app: &TestApp) -> Value {
    let mut clients = app.read_as_admin("/admin/clients").await["clients"].clone();
    clients.as_array_mut().unwrap().retain(|client| client["client_id"] != "demo-client");
    clients
}

async fn change(app: &TestApp, admin: &str, body: &Value) -> Answer {
    app.send(Call::new("PATCH", "/admin/clients/reports").bearer(admin).json(body)).await
}

/// How an attempt with that secret ends.
async fn tried(app: &TestApp, secret: &str) -> u16 {
    let machine = Machine { id: "reports".to_owned(), secret: secret.to_owned() };
    machine.ask(app, "grant_type=client_credentials").await.status
}

#[tokio::test]
async fn nobody_but_administrators_is_let_in() {
    let (app, _, machine) = administered().await;
    let (writer, own) = (app.token_of("Jane", "pass123").await, machine.token(&app).await);
    for (method, path) in CALLS {
        let call = || Call::new(method, path).json(&json!({ "client_id": "new" }));
        assert_eq!(app.send(call()).await.problem(), (401, "token_required".into()), "{method} {path}");
        assert_eq!(app.send(call().bearer(&writer)).await.problem(), (403, "role_required".into()), "{method} {path}");
        assert_eq!(app.send(call().bearer(&own)).await.status, 401, "{method} {path}");
        let basic = call().basic(&machine.id, &machine.secret);
        assert_eq!(app.send(basic).await.problem(), (401, "token_required".into()), "{method} {path}");
    }
    assert_eq!((listed(&app).await.as_array().unwrap().len(), tried(&app, &machine.secret).await), (1, 200));
}

#[tokio::test]
async fn a_client_is_added_with_a_secret_that_is_shown_once() {
    let app = TestApp::dev().await;
    let body = json!({
        "client_id": "nightly.job-1",
        "name": "Nightly jöb",
        "scopes": ["write", "read", "read"],
        "audiences": ["b", "a"],
        "grant_types": ["refresh_token", "client_credentials"],
    });
    let answer = app.send(Call::post("/admin/clients").bearer(&app.admin().await).json(&body)).await;
    assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"), "{}", answer.text());
    let mut added = answer.json();
    let secret = added.as_object_mut().unwrap().remove("client_secret").unwrap();
    assert_eq!(secret.as_str().unwrap().len(), 43);
    assert_eq!((&added["client_id"], &added["name"]), (&json!("nightly.job-1"), &json!("Nightly jöb")));
    assert_eq!((&added["scopes"], &added["audiences"]), (&json!(["read", "write"]), &json!(["b", "a"])));
    assert_eq!(added["grant_types"], json!(["client_credentials", "refresh_token"]));
    assert_eq!((&added["state"], added["secrets"].as_array().unwrap().len()), (&json!("active"), 1));
    assert_eq!(listed(&app).await, json!([added]), "the secret is not shown again");
    let entry =
        app.log().await.into_iter().find(|stored| stored.entry.event == Event::ClientAdministered).unwrap().entry;
    assert_eq!((entry.outcome, entry.name.as_deref()), (Outcome::Success, Some("nightly.job-1")));
    assert_eq!(entry.user_id.map(|id| id.0), Some(2), "who did it");
}

#[tokio::test]
async fn a_client_that_cannot_be_added_is_not() {
    let (app, admin, _) = administered().await;
    let many: Vec<_> = (0..33).map(|n| format!("s{n}")).collect();
    let cases = [
        (json!({}), "client_id"),
        (json!({ "client_id": "1" }), "client_id"),
        (json!({ "client_id": "Reports" }), "client_id"),
        (json!({ "client_id": "a:b" }), "client_id"),
        (json!({ "client_id": "x1", "name": "" }), "name"),
        (json!({ "client_id": "x1", "name": null }), "name"),
        (json!({ "client_id": "x1", "scopes": ["a b"] }), "scopes"),
        (json!({ "client_id": "x1", "scopes": many }), "scopes"),
        (json!({ "client_id": "x1", "scopes": "read" }), "scopes"),
        (json!({ "client_id": "x1", "audiences": [] }), "audiences"),
        (json!({ "client_id": "x1", "audiences": ["https://a.example/#b"] }), "audiences"),
        (json!({ "client_id": "x1", "grant_types": ["password"] }), "grant_types[0]"),
    ];
    for (body, field) in cases {
        let answer = app.send(Call::post("/admin/clients").bearer(&admin).json(&body)).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, field), "{body}");
    }
    let taken = Call::post("/admin/clients").bearer(&admin).json(&json!({ "client_id": "reports" }));
    assert_eq!(app.send(taken).await.problem(), (409, "client_id_taken".into()));
    assert_eq!(listed(&app).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn clients_are_listed_page_by_page_and_without_hashes() {
    let app = TestApp::dev().await;
    for id in ["bb", "aa"] {
        Machine::of(&app, &json!({ "client_id": id })).await;
    }
    let first = app.read_as_admin("/admin/clients?limit=2").await;
    let rest = app.read_as_admin(&format!("/admin/clients?limit=2&cursor={}", first["next"].as_str().unwrap())).await;
    let names = |page: &Value| -> Vec<_> {
        page["clients"].as_array().unwrap().iter().map(|client| client["client_id"].clone()).collect()
    };
    assert_eq!([names(&first), names(&rest)].concat(), ["aa", "bb", "demo-client"]);
    assert!(rest.get("next").is_none() && !first.to_string().contains("hash"));
    for query in ["cursor=1", "limit=0", "limit=201", "limit=x"] {
        let answer = app.send(Call::get(&format!("/admin/clients?{query}")).bearer(&app.admin().await)).await;
        assert_eq!(answer.problem(), (400, "invalid_parameter".into()), "{query}");
    }
}

#[tokio::test]
async fn a_client_is_changed_and_the_rest_stays() {
    let (app, admin, machine) = administered().await;
    let before = listed(&app).await[0].clone();
    let changed = change(&app, &admin, &json!({ "scopes": ["read"], "audiences": ["x"] })).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let now = changed.json();
    assert_eq!((&now["scopes"], &now["audiences"]), (&json!(["read"]), &json!(["x"])));
    for name in ["client_id", "name", "grant_types", "state", "secrets", "created_at"] {
        assert_eq!(now[name], before[name], "{name}");
    }
    assert_eq!(change(&app, &admin, &json!({})).await.json(), now);
    let asked = machine.ask(&app, "grant_type=client_credentials&scope=write").await;
    assert_eq!(oauth_error(&asked), (400, "invalid_scope".into()));
    for (body, field) in [
        (json!({ "audiences": [] }), "audiences"),
        (json!({ "scopes": null }), "scopes"),
        (json!({ "state": "gone" }), "state"),
        (json!({ "name": "a\u{7}" }), "name"),
    ] {
        let answer = change(&app, &admin, &body).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, field), "{body}");
    }
    assert_eq!(change(&app, &admin, &json!({})).await.json(), now);
}

#[tokio::test]
async fn secrets_are_rolled_without_a_gap() {
    let (app, admin, machine) = administered().await;
    let older = listed(&app).await[0]["secrets"][0]["id"].as_str().unwrap().to_owned();
    let add = || Call::post("/admin/clients/reports/secrets").bearer(&admin);
    let retire = |id: &str| Call::new("DELETE", &format!("/admin/clients/reports/secrets/{id}")).bearer(&admin);
    assert_eq!(app.send(retire(&older)).await.problem(), (409, "last_secret".into()));
    let added = app.send(add()).await;
    assert_eq!((added.status, added.header("cache-control")), (201, "no-store"), "{}", added.text());
    let (newer, secret) = (added.json()["id"].clone(), added.json()["client_secret"].as_str().unwrap().to_owned());
    assert_eq!((tried(&app, &machine.secret).await, tried(&app, &secret).await), (200, 200));
    assert_eq!(app.send(add()).await.problem(), (409, "too_many_secrets".into()));
    assert_eq!(app.send(retire("0123456789abcdef")).await.problem(), (404, "secret_not_found".into()));
    assert_eq!(app.send(retire("x")).await.problem(), (404, "secret_not_found".into()));
    assert_eq!(app.send(retire(&older)).await.status, 204);
    assert_eq!((tried(&app, &machine.secret).await, tried(&app, &secret).await), (401, 200));
    assert_eq!(listed(&app).await[0]["secrets"][0]["id"], newer);
}

#[tokio::test]
async fn the_log_tells_what_was_done_to_a_client() {
    let (app, admin, _) = administered().await;
    let older = listed(&app).await[0]["secrets"][0]["id"].as_str().unwrap().to_owned();
    let newer = app.send(Call::post("/admin/clients/reports/secrets").bearer(&admin)).await.json()["id"].clone();
    let retire = Call::new("DELETE", &format!("/admin/clients/reports/secrets/{older}"));
    app.send(retire.bearer(&admin)).await;
    change(&app, &admin, &json!({ "name": "Reports", "scopes": ["read", "write"], "audiences": ["a", "b"] })).await;
    change(&app, &admin, &json!({ "grant_types": ["refresh_token"], "state": "disabled" })).await;
    change(&app, &admin, &json!({})).await;
    let entries = app.read_as_admin("/admin/auth-logs").await["entries"].as_array().unwrap().clone();
    let told = entries.iter().filter(|entry| entry["event"] == "client_administered");
    let told: Vec<_> = told.map(|entry| entry["detail"].as_str().unwrap_or("nothing").to_owned()).collect();
    let expected = [
        "nothing".to_owned(),
        "grant_types=refresh_token, state=disabled".to_owned(),
        "name=Reports, scopes=read write, audiences=a b".to_owned(),
        format!("retire secret={older}"),
        format!("add secret={}", newer.as_str().unwrap()),
    ];
    assert_eq!(told[..expected.len()], expected);
    let added = told.last().unwrap();
    assert!(added.starts_with("add, name=") && added.contains(", scopes=read write"), "{added}");
}

#[tokio::test]
async fn a_disabled_client_is_shut_out_until_it_is_active_again() {
    let (app, admin, machine) = administered().await;
    assert_eq!(app.send(Call::new("DELETE", "/admin/clients/reports").bearer(&admin)).await.status, 204);
    assert_eq!(tried(&app, &machine.secret).await, 401);
    assert_eq!(listed(&app).await[0]["state"], "disabled");
    assert_eq!(change(&app, &admin, &json!({ "state": "active" })).await.json()["state"], "active");
    assert_eq!(tried(&app, &machine.secret).await, 200);
}

#[tokio::test]
async fn who_is_not_there_cannot_be_changed() {
    let (app, admin, _) = administered().await;
    for id in ["nobody", "1", "Reports"] {
        let calls = [
            Call::new("PATCH", &format!("/admin/clients/{id}")).json(&json!({ "state": "active" })),
            Call::new("DELETE", &format!("/admin/clients/{id}")),
            Call::post(&format!("/admin/clients/{id}/secrets")),
            Call::new("DELETE", &format!("/admin/clients/{id}/secrets/0123456789abcdef")),
        ];
        for call in calls {
            let (method, path) = (call.method.clone(), call.path.clone());
            let answer = app.send(call.bearer(&admin)).await;
            assert_eq!(answer.problem(), (404, "client_not_found".into()), "{method} {path}");
        }
    }
}
