//! What administrators see and do, and that nobody else does.

use std::time::Duration;

use jwksd_domain::audit::Event;
use serde_json::json;

use crate::test_app::TestApp;
use crate::wire::Call;

const CALLS: [(&str, &str); 4] = [
    ("GET", "/admin/keys"),
    ("GET", "/admin/auth-logs"),
    ("POST", "/admin/keys/rotate"),
    ("POST", "/admin/keys/cleanup"),
];

#[tokio::test]
async fn nobody_but_administrators_is_let_in() {
    let app = TestApp::dev().await;
    let (reader, writer) = (app.token_of("John", "testpass").await, app.token_of("Jane", "pass123").await);
    let before = app.jwks().await.body;
    for (method, path) in CALLS {
        let call = || Call::new(method, path);
        assert_eq!(app.send(call()).await.problem(), (401, "token_required".into()), "{path}");
        assert_eq!(app.send(call().bearer("a.b.c")).await.problem(), (401, "invalid_token".into()), "{path}");
        assert_eq!(app.send(call().basic("admin", "password")).await.status, 401, "{path}");
        for token in [&reader, &writer] {
            let answer = app.send(call().bearer(token)).await;
            assert_eq!(answer.problem(), (403, "role_required".into()), "{path}");
            assert!(answer.header("www-authenticate").contains("insufficient_scope"), "{path}");
        }
    }
    assert_eq!(app.jwks().await.body, before);
    let admin = app.admin().await;
    for (method, path) in CALLS {
        let answer = app.send(Call::new(method, path).bearer(&admin)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_disabled_administrator_is_none() {
    let app = TestApp::dev().await;
    let admin = app.admin().await;
    app.disable("admin").await;
    for (method, path) in CALLS {
        assert_eq!(app.send(Call::new(method, path).bearer(&admin)).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn each_key_is_listed_with_its_life_and_without_its_private_half() {
    let app = TestApp::dev().await;
    let keys = app.read_as_admin("/admin/keys").await["keys"].as_array().unwrap().clone();
    let mut states: Vec<_> = keys.iter().map(|key| (key["purpose"].clone(), key["state"].clone())).collect();
    states.sort_by_key(|(purpose, state)| format!("{purpose}{state}"));
    let expected = [("expired_fixture", "expired"), ("signing", "active"), ("signing", "standby")];
    assert_eq!(states, expected.map(|(purpose, state)| (json!(purpose), json!(state))));
    for key in &keys {
        let instants = ["created_at", "published_at", "activated_at", "retired_at", "expired_at"];
        let instants = instants.map(|member| key[member].as_str().unwrap());
        assert!(instants.is_sorted(), "nothing of a key was before it was made: {key}");
        assert!(["private", "key", "d", "p", "q"].iter().all(|member| key.get(member).is_none()), "{key}");
    }
}

#[tokio::test]
async fn a_rotation_promotes_the_stand_by_once() {
    let app = TestApp::dev().await;
    let admin = app.admin().await;
    let rotate = || Call::post("/admin/keys/rotate").bearer(&admin);
    let before = app.jwks().await.kids();
    app.wait(Duration::from_secs(1));
    let rotated = app.send(rotate()).await;
    assert_eq!((rotated.status, &rotated.json()["kid"]), (200, &json!(before[1])));
    let after = app.jwks().await.kids();
    assert_eq!((after.len(), &after[0], &after[2]), (3, &before[1], &before[0]), "the old signer stays for its tokens");
    assert_eq!(app.send(rotate()).await.problem(), (409, "standby_too_fresh".into()));
    assert_eq!(app.send(rotate().json(&json!({ "force": false }))).await.status, 409);
    assert_eq!(app.jwks().await.kids(), after, "a refused rotation changes nothing");
    let forced = app.send(rotate().json(&json!({ "force": true }))).await;
    assert_eq!((forced.status, &forced.json()["kid"]), (200, &json!(after[1])));
    let details = app.log().await.into_iter().filter(|stored| stored.entry.event == Event::KeysRotated);
    let details: Vec<_> = details.map(|stored| stored.entry.detail).collect();
    assert_eq!(details[..2], [Some("forced".to_owned()), None], "the log tells which of them was");
    app.wait(Duration::from_secs(304));
    assert_eq!(app.send(rotate()).await.status, 200, "once caches know the stand-by");
    assert_eq!(app.send(rotate().json(&json!({ "force": true }))).await.status, 200);
    app.wait(Duration::from_secs(304));
    assert_eq!(app.send(rotate()).await.problem(), (409, "would_strand_tokens".into()), "the JWKS is full");
}

#[tokio::test]
async fn a_force_that_is_no_boolean_is_refused_by_name() {
    let app = TestApp::dev().await;
    let call = Call::post("/admin/keys/rotate").bearer(&app.admin().await).json(&json!({ "force": "yes" }));
    let answer = app.send(call).await;
    assert_eq!((answer.status, answer.field().as_str()), (400, "force"));
}

#[tokio::test]
async fn a_clean_up_erases_expired_keys_and_leaves_the_fixture() {
    let app = TestApp::dev().await;
    let clean_up = async || {
        let answer = app.send(Call::post("/admin/keys/cleanup").bearer(&app.admin().await)).await;
        answer.json()["erased"].as_u64().unwrap()
    };
    assert_eq!(clean_up().await, 0);
    // The first key has signed for an hour and is kept for two more and the skew.
    for _ in 0..20 {
        app.wait(Duration::from_secs(570));
        app.tick().await;
    }
    let published = app.jwks().await.body;
    assert_eq!((clean_up().await, clean_up().await), (1, 0));
    assert_eq!(app.jwks().await.body, published);
    assert_eq!(app.send(Call::post("/auth?expired")).await.status, 200);
}

#[tokio::test]
async fn the_log_is_filtered_and_paged() {
    let app = TestApp::dev().await;
    app.log_in("John", "testpass").await;
    app.wait(Duration::from_secs(100));
    app.log_in("John", "wrong").await;
    app.log_in("nobody", "wrong").await;
    let later = app.now().unix_seconds();
    let count = async |query: &str| {
        app.wait(Duration::from_secs(2));
        let page = app.read_as_admin(&format!("/admin/auth-logs?{query}")).await;
        page["entries"].as_array().unwrap().len()
    };
    assert_eq!(count("user=John").await, 2);
    assert_eq!(count("user=John&outcome=bad_credentials").await, 1);
    assert_eq!(count("outcome=bad_credentials").await, 2);
    assert_eq!(count(&format!("user=John&until={later}")).await, 1);
    assert_eq!(count(&format!("user=John&since={later}")).await, 1);
    assert_eq!(count("user=John&ip=127.0.0.1").await, 2);
    assert_eq!(count("ip=198.51.100.1").await, 0);
    assert_eq!(count("user=%27%20OR%201%3D1--").await, 0);
    let admin = app.admin().await;
    let page = async |query: String| {
        app.send(Call::get(&format!("/admin/auth-logs?limit=2{query}")).bearer(&admin)).await.json()
    };
    let (mut ids, mut query) = (Vec::new(), String::new());
    loop {
        let found = page(query).await;
        ids.extend(found["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_i64().unwrap()));
        match found["next"].as_i64() {
            Some(next) => query = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), app.log().await.len());
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "newest first: {ids:?}");
}

#[tokio::test]
async fn a_bad_parameter_is_named() {
    let app = TestApp::dev().await;
    let admin = app.admin().await;
    let cases = [
        ("/admin/auth-logs?outcome=nonsense", "outcome"),
        ("/admin/auth-logs?ip=nonsense", "ip"),
        ("/admin/auth-logs?since=yesterday", "since"),
        ("/admin/auth-logs?limit=0", "limit"),
        ("/admin/auth-logs?limit=201", "limit"),
        ("/admin/auth-logs?cursor=99999999999999999999", "cursor"),
    ];
    for (path, field) in cases {
        let answer = app.send(Call::get(path).bearer(&admin)).await;
        assert_eq!((answer.problem(), answer.field().as_str()), ((400, "invalid_parameter".into()), field), "{path}");
    }
}
