//! The key sets of the lab: each misbehaves as it says, none of them for ever, and nothing secret is in them.

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwksd_domain::key::{Algorithm, PublicJwk, PublicParameters};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::test_app::{Signatures, TestApp};
use crate::wire::{Answer, Call, Token};

async fn fetched(app: &TestApp, name: &str) -> Answer {
    let answer = app.get(&format!("/lab/jwks/{name}")).await;
    assert_eq!(answer.header("cache-control"), "no-store", "{name}");
    assert_eq!(answer.header("access-control-allow-origin"), "*", "{name}");
    assert_eq!(answer.header("content-type"), "application/json", "{name}");
    answer
}

fn keys(answer: &Answer) -> Vec<Value> {
    answer.json()["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn each_listed_set_is_served() {
    let app = TestApp::dev().await;
    let listed = app.get("/lab/jwks").await.json();
    let names: Vec<_> = listed["key_sets"].as_array().unwrap().iter().map(|entry| entry["name"].clone()).collect();
    assert_eq!(names.len(), 8);
    for name in names.iter().map(|name| name.as_str().unwrap()) {
        let head = app.send(Call::new("HEAD", &format!("/lab/jwks/{name}"))).await;
        assert_eq!((head.status, head.header("cache-control")), (200, "no-store"), "{name}");
    }
}

#[tokio::test]
async fn sets_that_come_at_once_are_wrong_where_they_say() {
    let app = TestApp::signing(Signatures::Real, &[("signing-algorithm", "RS256")]).await;
    let published = keys(&app.jwks().await);
    assert!(keys(&fetched(&app, "empty").await).is_empty());
    let [doubled, torn] = [fetched(&app, "duplicate-kid").await, fetched(&app, "rotated-mid-request").await];
    assert_eq!(keys(&doubled)[1..], published);
    assert_eq!(doubled.kids()[0], doubled.kids()[1]);
    assert_ne!(keys(&doubled)[0]["n"], published[0]["n"]);
    assert_eq!((&keys(&torn)[0]["kid"], &keys(&torn)[1]), (&published[0]["kid"], &published[1]));
    assert_ne!(keys(&torn)[0]["n"], published[0]["n"]);
    for (name, member) in [("private-members", "d"), ("wrong-use", "use")] {
        for (key, sound) in keys(&fetched(&app, name).await).iter().zip(&published) {
            assert!(key[member] != sound[member] && key["n"] == sound["n"], "{name}: {key}");
        }
    }
}

/// A made-up member is nobody's secret: no two answers have the same, nor is it as long as a real one.
#[tokio::test]
async fn the_private_members_are_made_up() {
    let app = TestApp::signing(Signatures::Real, &[("signing-algorithm", "RS256")]).await;
    let [one, other] = [fetched(&app, "private-members").await, fetched(&app, "private-members").await];
    assert_ne!(keys(&one)[0]["d"], keys(&other)[0]["d"]);
    assert_eq!(keys(&one)[0]["d"].as_str().unwrap().len(), 43);
}

#[tokio::test]
async fn the_strangers_set_has_the_key_to_which_the_jku_of_a_token_leads() {
    let app = TestApp::signing(Signatures::Real, &[("signing-algorithm", "EdDSA")]).await;
    let minted = app.send(Call::post("/lab/tokens/embedded-jku")).await.json();
    let token = Token::parse(minted["token"].as_str().unwrap());
    assert_eq!(token.header["jku"], format!("{}/lab/jwks/stranger", token.claims["iss"].as_str().unwrap()));
    let set = fetched(&app, "stranger").await;
    assert_eq!(set.kids(), [token.kid()]);
    let x = Base64UrlUnpadded::decode_vec(keys(&set)[0]["x"].as_str().unwrap()).unwrap();
    let key = PublicJwk::new(Algorithm::EdDsa, PublicParameters::Okp { x });
    let verifier = &app.app().ports().verifier;
    assert!(verifier.verify(&key, token.signed.as_bytes(), &token.signature).unwrap(), "who follows it is taken in");
}

/// What is in it is read by others, in `tests/interop`.
#[tokio::test]
async fn the_x5u_of_a_token_leads_to_a_certificate() {
    let app = TestApp::signing(Signatures::Real, &[]).await;
    let minted = app.send(Call::post("/lab/tokens/embedded-x5u")).await.json();
    let token = Token::parse(minted["token"].as_str().unwrap());
    assert_eq!(token.header["x5u"], format!("{}/lab/x5u", token.claims["iss"].as_str().unwrap()));
    let answer = app.get("/lab/x5u").await;
    assert_eq!(answer.header("content-type"), "application/pem-certificate-chain");
    assert!(answer.text().starts_with("-----BEGIN CERTIFICATE-----\n"), "{}", answer.text());
}

#[tokio::test(start_paused = true)]
async fn a_slow_set_takes_a_minute_and_is_whole() {
    let app = TestApp::dev().await;
    let (since, published) = (Instant::now(), app.jwks().await);
    let slow = fetched(&app, "slow").await;
    assert_eq!(slow.body, published.body);
    let elapsed = since.elapsed().as_secs();
    assert!((55..=61).contains(&elapsed), "{elapsed} s; a connection may rest 75");
}

#[tokio::test(start_paused = true)]
async fn a_slow_set_ends_with_the_server() {
    let app = TestApp::dev().await;
    let since = Instant::now();
    let stopped = async {
        sleep(Duration::from_secs(10)).await;
        app.app().stop();
    };
    let (slow, ()) = tokio::join!(fetched(&app, "slow"), stopped);
    assert_eq!(since.elapsed().as_secs(), 10);
    assert_eq!(slow.body, app.jwks().await.body, "and is whole all the same");
}

#[tokio::test(start_paused = true)]
async fn a_head_waits_for_no_body() {
    let app = TestApp::dev().await;
    let since = Instant::now();
    for name in ["slow", "huge"] {
        let head = app.send(Call::new("HEAD", &format!("/lab/jwks/{name}"))).await;
        assert_eq!((head.status, head.header("content-length")), (200, ""), "{name}");
    }
    assert_eq!(since.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a_huge_set_has_the_published_keys_at_its_end() {
    let app = TestApp::dev().await;
    let (published, huge) = (app.jwks().await, fetched(&app, "huge").await);
    assert!((32 << 20..33 << 20).contains(&huge.body.len()), "{} bytes", huge.body.len());
    let (begin, end) = published.text().split_at("{\"keys\":[".len());
    assert!(huge.text().starts_with(begin) && huge.text().ends_with(end));
}

#[tokio::test]
async fn a_set_that_is_not_known_is_named_as_such() {
    let app = TestApp::dev().await;
    for name in ["unknown", "Slow", "%20"] {
        let answer = app.send(Call::get(&format!("/lab/jwks/{name}"))).await;
        let expected = ((404, "unknown_misbehaviour".into()), "misbehaviour".into());
        assert_eq!((answer.problem(), answer.field()), expected, "{name}");
    }
}

#[tokio::test]
async fn scripts_of_any_origin_may_ask_for_them() {
    let app = TestApp::dev().await;
    let preflight = Call::new("OPTIONS", "/lab/jwks/empty")
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "GET");
    let answer = app.send(preflight).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "*"));
}

#[tokio::test]
async fn prod_has_none_of_them() {
    let app = TestApp::prod().await;
    for path in ["/lab/jwks", "/lab/jwks/empty", "/lab/jwks/unknown", "/lab/x5u"] {
        assert_eq!(app.send(Call::get(path)).await.problem(), (404, "not_found".into()), "{path}");
    }
}
