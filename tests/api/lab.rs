//! The lab: every token that is wrong is refused here, the sound one is not, and nothing of it is in prod.

use std::collections::BTreeMap;

use jwksd_domain::audit::{Event, Outcome};
use serde_json::{Value, json};

use crate::test_app::{Signatures, TestApp};
use crate::wire::{Call, Token};

/// So that all of them can be asked for at once.
const UNLIMITED: (&str, &str) = ("auth-rate-limit", "burst=1000000,every=1ms");
/// One algorithm of each type of key, and one of PSS.
const ALGORITHMS: [&str; 5] = ["ES256", "RS256", "PS256", "ES384", "EdDSA"];

/// Whoever asks at the introspection is told for whom the token is, and decides (RFC 7662 section 2.2).
const ACTIVE_ELSEWHERE: &str = "wrong-audience";

/// Every specimen by its name: what was answered.
async fn specimens(app: &TestApp) -> BTreeMap<String, Value> {
    let listed = app.get("/lab/tokens").await;
    assert_eq!(listed.header("cache-control"), "no-store");
    let mut minted = BTreeMap::new();
    for entry in listed.json()["tokens"].as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        let answer = app.send(Call::post(&format!("/lab/tokens/{name}"))).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{name}: {}", answer.text());
        assert_eq!(answer.json()["specimen"], *entry, "{name}");
        minted.insert(name.to_owned(), answer.json());
    }
    minted
}

fn token(minted: &Value) -> &str {
    minted["token"].as_str().unwrap()
}

#[tokio::test]
async fn every_flawed_token_is_refused_at_userinfo_and_the_sound_one_is_not() {
    for algorithm in ALGORITHMS {
        let app = TestApp::signing(Signatures::Real, &[UNLIMITED, ("signing-algorithm", algorithm)]).await;
        for (name, minted) in specimens(&app).await {
            let answer = app.send(Call::get("/userinfo").bearer(token(&minted))).await;
            if minted["specimen"]["verdict"] == "accept" {
                assert_eq!(answer.status, 200, "{algorithm} {name}");
                assert_eq!(answer.json()["username"], "userABC");
            } else {
                assert_eq!(answer.problem(), (401, "invalid_token".into()), "{algorithm} {name}");
                assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{algorithm} {name}");
            }
        }
    }
}

#[tokio::test]
async fn every_flawed_token_is_inactive_at_introspection_and_the_sound_one_is_not() {
    let app = TestApp::signing(Signatures::Real, &[UNLIMITED]).await;
    let client = json!({ "client_id": "api", "scopes": ["read"], "audiences": ["http://127.0.0.1:8080"] });
    let added = app.send(Call::post("/admin/clients").bearer(&app.admin().await).json(&client)).await.json();
    let secret = added["client_secret"].as_str().unwrap();
    for (name, minted) in specimens(&app).await {
        let form = format!("token={}", percent_encoded(token(&minted)));
        let answer = app.send(Call::post("/introspect").basic("api", secret).form(&form)).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let is_active = minted["specimen"]["verdict"] == "accept" || name == ACTIVE_ELSEWHERE;
        assert_eq!(answer.json()["active"], is_active, "{name}");
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn what_is_wrong_with_what_a_token_says_is_signed_all_the_same() {
    let app = TestApp::with(&[UNLIMITED]).await;
    let minted = specimens(&app).await;
    let [expired, sound] = ["expired", "sound"].map(|name| Token::parse(token(&minted[name])));
    assert!(app.verifies(&expired) && app.verifies(&sound));
    assert_eq!(expired.exp(), app.now().unix_seconds() - 3600);
    for name in ["iss", "aud", "sub"] {
        assert_eq!(expired.claims[name], sound.claims[name], "only the end is another");
    }
}

#[tokio::test]
async fn a_flaw_that_is_not_known_is_named_as_such() {
    let app = TestApp::dev().await;
    for name in ["unknown", "Expired", "EXPIRED", "%00", "a.b", &"x".repeat(2000)] {
        let answer = app.send(Call::post(&format!("/lab/tokens/{name}"))).await;
        assert_eq!((answer.problem(), answer.field()), ((404, "unknown_flaw".into()), "flaw".into()), "{name}");
    }
}

#[tokio::test]
async fn minting_spends_the_tries_of_the_address_and_is_in_the_log() {
    let app = TestApp::with(&[("auth-rate-limit", "burst=1,every=1h")]).await;
    let first = app.send(Call::post("/lab/tokens/sound")).await;
    assert_eq!((first.status, first.header("ratelimit-remaining")), (200, "0"));
    let second = app.send(Call::post("/lab/tokens/sound")).await;
    assert_eq!(second.problem(), (429, "address_limited".into()));
    let log = app.log().await;
    let noted: Vec<_> = log.iter().map(|stored| (stored.entry.event, stored.entry.outcome)).take(2).collect();
    assert_eq!(
        noted,
        [(Event::SpecimenMinted, Outcome::AddressLimited), (Event::SpecimenMinted, Outcome::Success)],
        "newest first"
    );
    let sound = Token::parse(first.json()["token"].as_str().unwrap());
    assert_eq!(log[1].entry.jti.as_deref(), sound.claims["jti"].as_str());
}

#[tokio::test]
async fn without_the_fixture_user_or_its_stores_there_is_no_token() {
    let app = TestApp::dev().await;
    app.disable("userABC").await;
    let answer = app.send_while_down(Call::post("/lab/tokens/sound")).await;
    assert_eq!(answer.problem(), (503, "unavailable".into()));
}

#[tokio::test]
async fn prod_has_no_lab() {
    let app = TestApp::prod().await;
    for call in [Call::get("/lab/tokens"), Call::post("/lab/tokens/sound")] {
        assert_eq!(app.send(call).await.problem(), (404, "not_found".into()));
    }
}
