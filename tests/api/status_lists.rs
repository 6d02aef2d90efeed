//! Status lists (draft-ietf-oauth-status-list): whoever receives tokens learns from them which were called back.

use std::collections::BTreeSet;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwksd_domain::usecase::UserEdit;
use jwksd_domain::user::UserState;
use miniz_oxide::inflate::decompress_to_vec_zlib;
use serde_json::{Value, json};

use crate::clients::Machine;
use crate::test_app::TestApp;
use crate::wire::{Answer, Call, Token};

const ISSUER: &str = "http://127.0.0.1:8080";
/// After so long a list that is asked for is read anew.
const LAG: Duration = Duration::from_secs(5);

/// What a token says of its status.
fn reference(token: &str) -> Value {
    Token::parse(token).claims["status"]["status_list"].clone()
}

/// The status at that place of a list (section 4.1 of the draft).
fn status(list: &Token, idx: u64) -> u8 {
    let claim = &list.claims["status_list"];
    assert_eq!(claim["bits"], 1);
    let compressed = Base64UrlUnpadded::decode_vec(claim["lst"].as_str().unwrap()).unwrap();
    let bytes = decompress_to_vec_zlib(&compressed).unwrap();
    bytes[usize::try_from(idx / 8).unwrap()] >> (idx % 8) & 1
}

impl TestApp {
    /// The list that a token refers to.
    async fn list_of(&self, token: &str) -> Answer {
        let reference = reference(token);
        self.send(Call::get(reference["uri"].as_str().unwrap().strip_prefix(ISSUER).unwrap())).await
    }

    /// Whether the list that a token refers to says that it was called back, as whoever receives the token would find out.
    async fn is_called_back(&self, token: &str) -> bool {
        let list = Token::parse(self.list_of(token).await.text());
        assert!(self.verifies(&list));
        assert_eq!(list.claims["sub"], reference(token)["uri"]);
        status(&list, reference(token)["idx"].as_u64().unwrap()) == 1
    }
}

#[tokio::test]
async fn a_logout_is_in_the_list_for_everybody_to_fetch_and_keep() {
    let app = TestApp::dev().await;
    let (session, other) = (app.open_session("Jane", "pass123").await, app.open_session("Jane", "pass123").await);
    let next = app.refresh(&session.refresh).await.tokens();
    let answer = app.list_of(&session.access).await;
    assert_eq!(answer.header("content-type"), "application/statuslist+jwt");
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let list = Token::parse(answer.text());
    assert_eq!(list.header["typ"], "statuslist+jwt");
    let now = app.now().unix_seconds();
    let claims = json!({
        "iss": ISSUER, "sub": format!("{ISSUER}/status-lists/1"), "iat": now, "exp": now + 900, "ttl": 60,
        "status_list": list.claims["status_list"],
    });
    assert_eq!(list.claims, claims);
    assert!(!app.is_called_back(&session.access).await);
    assert_eq!(app.send(Call::post("/auth/logout").bearer(&next.access)).await.status, 204);
    app.wait(LAG);
    for token in [&session.access, &next.access] {
        assert!(app.is_called_back(token).await, "every access token of the session");
    }
    assert!(!app.is_called_back(&other.access).await);
}

#[tokio::test]
async fn every_token_has_an_entry_of_its_own() {
    let app = TestApp::dev().await;
    let machine = Machine::reports(&app).await;
    let session = app.open_session("John", "testpass").await;
    let mut tokens = vec![
        app.token_of("John", "testpass").await,
        app.get("/token").await.token(),
        session.access,
        machine.token(&app).await,
    ];
    for _ in 0..3 {
        // A retry is answered with the same refresh token, and with another access token.
        tokens.push(app.refresh(&session.refresh).await.tokens().access);
    }
    let references: BTreeSet<_> = tokens.iter().map(|token| reference(token).to_string()).collect();
    assert_eq!(references.len(), tokens.len());
    for token in &tokens {
        assert!(!app.is_called_back(token).await);
    }
}

#[tokio::test]
async fn a_token_that_was_over_when_it_was_issued_has_no_status() {
    let app = TestApp::dev().await;
    let over = app.send(Call::post("/auth?expired")).await.token();
    assert_eq!(Token::parse(&over).claims.get("status"), None);
}

#[tokio::test]
async fn a_revoked_access_token_is_in_the_list_alone() {
    let app = TestApp::dev().await;
    let (web, reports) = (Machine::web_app(&app).await, Machine::reports(&app).await);
    let session = app.open_session("Jane", "pass123").await;
    let next = app.refresh(&session.refresh).await.tokens();
    let (own, kept) = (reports.token(&app).await, reports.token(&app).await);
    for (machine, token) in [(&web, &session.access), (&reports, &own)] {
        assert_eq!(machine.revoke(&app, token).await.status, 200);
    }
    for (token, is_called_back) in [(&session.access, true), (&next.access, false), (&own, true), (&kept, false)] {
        assert_eq!(app.is_called_back(token).await, is_called_back);
    }
}

/// Whatever makes the introspection say that a token is not active before its end is in the list.
#[tokio::test]
async fn who_is_disabled_has_no_tokens_left() {
    let app = TestApp::dev().await;
    let (machine, alone) = (Machine::reports(&app).await, app.token_of("Jane", "pass123").await);
    let (session, own) = (app.open_session("Jane", "pass123").await, machine.token(&app).await);
    let bystander = app.token_of("John", "testpass").await;
    app.edit("Jane", UserEdit { state: Some(UserState::Disabled), ..UserEdit::default() }).await;
    let disabled = Call::new("PATCH", "/admin/clients/reports").json(&json!({ "state": "disabled" }));
    assert_eq!(app.send(disabled.bearer(&app.admin().await)).await.status, 200);
    for token in [&alone, &session.access, &own] {
        assert!(app.is_called_back(token).await);
    }
    assert!(!app.is_called_back(&bystander).await);
    app.edit("Jane", UserEdit { state: Some(UserState::Active), ..UserEdit::default() }).await;
    app.wait(LAG);
    assert!(!app.is_called_back(&alone).await, "it is active again, as the introspection says");
    assert!(app.is_called_back(&session.access).await, "its session has ended for good");
}

#[tokio::test]
async fn a_list_is_answered_from_memory_for_five_seconds() {
    let app = TestApp::dev().await;
    let session = app.open_session("Jane", "pass123").await;
    let first = app.list_of(&session.access).await.body;
    app.send(Call::post("/auth/logout").bearer(&session.access)).await;
    app.wait(LAG - Duration::from_millis(1));
    assert_eq!(app.list_of(&session.access).await.body, first);
    app.wait(Duration::from_millis(1));
    assert_ne!(app.list_of(&session.access).await.body, first);
}

#[tokio::test]
async fn the_lists_are_listed_while_they_are_needed() {
    let app = TestApp::dev().await;
    let listed = async || app.get("/status-lists").await.json();
    assert_eq!(listed().await, json!({ "status_lists": [] }));
    let token = app.token_of("Jane", "pass123").await;
    let endpoint = app.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(endpoint["status_list_aggregation_endpoint"], format!("{ISSUER}/status-lists"));
    assert_eq!(listed().await, json!({ "status_lists": [reference(&token)["uri"]] }));
    assert_eq!(app.list_of(&token).await.status, 200);
    app.wait(Duration::from_secs(2 * 3600 + 1));
    assert_eq!(listed().await, json!({ "status_lists": [] }));
    assert_eq!(app.list_of(&token).await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn other_lists_are_not_there() {
    let app = TestApp::dev().await;
    app.token_of("Jane", "pass123").await;
    for list in ["0", "2", "4294967295"] {
        assert_eq!(
            app.send(Call::get(&format!("/status-lists/{list}"))).await.problem(),
            (404, "not_found".into()),
            "{list}"
        );
    }
    for list in ["x", "-1", "4294967296", "1.0", "%20", "01", "+1"] {
        let refused = app.send(Call::get(&format!("/status-lists/{list}"))).await;
        assert_eq!((refused.status, refused.field()), (400, "number".to_owned()), "{list}");
    }
}

/// A list is the same until it is signed anew, which is when it is another one.
#[tokio::test]
async fn who_has_a_list_is_not_sent_it_again() {
    let app = TestApp::dev().await;
    let token = app.token_of("Jane", "pass123").await;
    let list = app.list_of(&token).await;
    let etag = list.header("etag").to_owned();
    assert!(etag.len() > 40 && etag.starts_with('"') && etag.ends_with('"'), "it is strong: {etag}");
    let again = |etag: &str| app.send(Call::get("/status-lists/1").header("if-none-match", etag));
    for known in [etag.clone(), format!("\"other\", W/{etag}"), "*".to_owned()] {
        let answer = again(&known).await;
        assert_eq!((answer.status, answer.text()), (304, ""), "{known}");
        for name in ["etag", "cache-control", "access-control-allow-origin"] {
            assert_eq!(answer.header(name), list.header(name), "{name}");
        }
    }
    app.wait(LAG);
    assert_eq!(again(&etag).await.status, 304, "it was looked at again, and is the same");
    let other = again("\"other\"").await;
    assert_eq!((other.status, other.text(), other.header("etag")), (200, list.text(), etag.as_str()));
    assert_eq!(app.send(Call::post("/auth/logout").bearer(&token)).await.status, 204);
    app.wait(LAG);
    let next = again(&etag).await;
    assert_eq!(next.status, 200);
    assert!(next.header("etag") != etag && next.text() != list.text());
}

#[tokio::test]
async fn scripts_of_every_origin_may_read_lists_and_why_there_is_none() {
    for app in [TestApp::dev().await, TestApp::with(&[("cors-origins", "https://app.example.com")]).await] {
        app.token_of("Jane", "pass123").await;
        let cases =
            [("/status-lists/1", 200), ("/status-lists", 200), ("/status-lists/99", 404), ("/status-lists/x", 400)];
        for (path, status) in cases {
            for origin in ["https://app.example.com", "https://example.org"] {
                let answer = app.send(Call::get(path).header("origin", origin)).await;
                assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, "*"), "{path}");
                assert_eq!(answer.header("vary"), "", "it is the same for all");
            }
        }
        let asks = Call::new("OPTIONS", "/status-lists/1").header("origin", "https://example.org");
        let answer = app.send(asks.header("access-control-request-method", "GET")).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "*"));
        assert!(answer.header("access-control-allow-headers").contains("If-None-Match"), "for which a browser asks");
        assert_eq!(app.send(Call::get("/status-listsx")).await.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn how_long_a_list_may_be_kept_is_configured() {
    for (ttl, told) in [("5s", 5), ("2h", 900)] {
        let app = TestApp::with(&[("status-list-ttl", ttl)]).await;
        let answer = app.list_of(&app.token_of("Jane", "pass123").await).await;
        let claims = Token::parse(answer.text()).claims;
        assert_eq!((answer.max_age(), &claims["ttl"]), (told, &json!(told)), "no longer than a token lives");
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900, "it is of use for as long");
    }
}

/// A list must not be taken for a token of somebody.
#[tokio::test]
async fn a_list_is_no_access_token() {
    let app = TestApp::dev().await;
    let list = app.list_of(&app.token_of("Jane", "pass123").await).await;
    assert_eq!(app.send(Call::get("/userinfo").bearer(list.text())).await.problem(), (401, "invalid_token".into()));
    let machine = Machine::reports(&app).await;
    assert_eq!(machine.introspect(&app, list.text()).await, json!({ "active": false }));
}

/// Whoever fetched it after the key was revoked could not verify it.
#[tokio::test]
async fn a_list_is_signed_anew_when_the_keys_change() {
    let app = TestApp::dev().await;
    let token = app.token_of("Jane", "pass123").await;
    let first = Token::parse(app.list_of(&token).await.text());
    let call = Call::post(&format!("/admin/keys/{}/revoke", first.kid())).bearer(&app.admin().await);
    assert_eq!(app.send(call.json(&json!({ "reason": "lost" }))).await.status, 200);
    let next = Token::parse(app.list_of(&token).await.text());
    assert!(next.kid() != first.kid() && app.verifies(&next));
}

/// It has no session that could be ended.
#[tokio::test]
async fn a_logout_calls_a_token_back_that_is_of_no_session() {
    let app = TestApp::dev().await;
    let (machine, alone) = (Machine::reports(&app).await, app.token_of("Jane", "pass123").await);
    assert_eq!(app.send(Call::post("/auth/logout").bearer(&alone)).await.status, 204);
    assert_eq!(app.send(Call::get("/userinfo").bearer(&alone)).await.status, 401);
    assert_eq!(machine.introspect(&app, &alone).await, json!({ "active": false }));
    assert!(app.is_called_back(&alone).await);
}
