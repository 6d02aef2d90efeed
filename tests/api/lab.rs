//! The lab: every token that is wrong is refused here, the sound one is not, and nothing of it is in prod.

use std::collections::BTreeMap;

use jwksd_domain::audit::{Event, Origin, Outcome};
use jwksd_domain::lab::Specimen;
use jwksd_domain::token::TokenFault;
use serde_json::{Value, json};

use crate::clients::Machine;
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
    let Machine { id, secret } = Machine::reports(&app).await;
    for (name, minted) in specimens(&app).await {
        let form = format!("token={}", percent_encoded(token(&minted)));
        let answer = app.send(Call::post("/introspect").basic(&id, &secret).form(&form)).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let is_active = minted["specimen"]["verdict"] == "accept" || name == ACTIVE_ELSEWHERE;
        assert_eq!(answer.json()["active"], is_active, "{name}");
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The rule that each breaks, as jwksd's own verifier names it: a specimen that is refused for another reason than its own shows
/// nothing.
fn fault(name: &str) -> Option<TokenFault> {
    use TokenFault::{
        BadSignature, Critical, Expired, NotYetValid, UnknownKey, WrongAlgorithm, WrongAudience, WrongIssuer, WrongType,
    };
    Some(match name {
        "expired" | "exp-negative" => Expired,
        "not-yet-valid" => NotYetValid,
        "wrong-issuer" | "issuer-with-slash" => WrongIssuer,
        "wrong-audience" => WrongAudience,
        "wrong-type" => WrongType,
        "crit-unknown" => Critical,
        "expired-key" | "revoked-key" | "unpublished-key" | "embedded-jwk" | "embedded-jku" | "embedded-x5u"
        | "kid-path-traversal" | "kid-sql" | "kid-empty" | "kid-10kb" => UnknownKey,
        "alg-none"
        | "alg-none-capitalized"
        | "alg-none-upper-case"
        | "alg-none-mixed-case"
        | "hs256-public-pem"
        | "hs256-public-der"
        | "alg-of-same-key-type"
        | "alg-of-other-key-type" => WrongAlgorithm,
        "stranger-key"
        | "tampered-header"
        | "tampered-payload"
        | "tampered-signature"
        | "blank-signature"
        | "truncated-signature" => BadSignature,
        "exp-string"
        | "exp-huge"
        | "duplicate-claim"
        | "duplicate-header"
        | "non-canonical-base64url"
        | "padded-base64url"
        | "two-parts"
        | "four-parts"
        | "five-parts"
        | "json-flattened"
        | "json-general"
        | "pbes2-count"
        | "zip-bomb" => return None,
        other => panic!("{other} is new: say which rule it breaks"),
    })
}

#[tokio::test]
async fn every_flawed_token_is_refused_for_its_own_reason() {
    for algorithm in ALGORITHMS {
        let app = TestApp::signing(Signatures::Real, &[UNLIMITED, ("signing-algorithm", algorithm)]).await;
        let mut specimens = specimens(&app).await;
        let sound = specimens.remove("sound").unwrap();
        app.app().use_cases().authenticate_token.verify(token(&sound)).unwrap();
        for (name, minted) in specimens {
            let found = app.app().use_cases().authenticate_token.verify(token(&minted)).unwrap_err();
            match fault(&name) {
                Some(expected) => assert_eq!(found, expected, "{algorithm} {name}"),
                None => assert!(matches!(found, TokenFault::Malformed(_)), "{algorithm} {name}: {found}"),
            }
        }
    }
}

/// Many servers refuse a request whose head has more than 16 KiB. These two are the longest.
#[tokio::test]
async fn no_token_of_the_lab_is_longer_than_a_header_may_be() {
    let flags = [("rsa-bits", "4096"), ("signing-algorithm", "RS512")];
    let app = TestApp::signing(Signatures::Real, &flags).await;
    for name in ["kid-10kb", "zip-bomb"] {
        let minted = app.send(Call::post(&format!("/lab/tokens/{name}"))).await.json();
        assert!((10_000..16_000).contains(&token(&minted).len()), "{name}: {} bytes", token(&minted).len());
    }
}

#[tokio::test]
async fn the_key_of_an_hmac_is_the_public_key_as_others_write_it() {
    for algorithm in ALGORITHMS {
        let app = TestApp::signing(Signatures::Real, &[("signing-algorithm", algorithm)]).await;
        let ring = app.app().use_cases().keyring.current();
        let key = ring.signer_at(app.now()).unwrap();
        let written = app.app().ports().custody.export(key).await.unwrap().public;
        assert_eq!(key.public.to_pem(), written, "{algorithm}");
    }
}

#[tokio::test]
async fn the_revoked_key_is_one_that_the_server_lists_as_such() {
    let app = TestApp::with(&[UNLIMITED]).await;
    let before = app.jwks().await.kids();
    let mint = async || {
        let answer = app.send(Call::post("/lab/tokens/revoked-key")).await;
        Token::parse(answer.json()["token"].as_str().unwrap()).kid()
    };
    let kid = mint().await;
    let listed = app.read_as_admin(&format!("/admin/keys/{kid}")).await;
    assert_eq!(listed["key"]["state"], "revoked", "{listed}");
    assert_eq!(mint().await, kid, "one is enough");
    assert_eq!(app.jwks().await.kids(), before, "the keys that are published are left alone");
}

#[tokio::test]
async fn a_key_that_somebody_has_revoked_is_taken_for_it() {
    let app = TestApp::with(&[UNLIMITED]).await;
    let kid = app.jwks().await.kids().remove(1);
    let body = json!({ "reason": "stolen" });
    app.send(Call::post(&format!("/admin/keys/{kid}/revoke")).bearer(&app.admin().await).json(&body)).await;
    let answer = app.send(Call::post("/lab/tokens/revoked-key")).await;
    assert_eq!(Token::parse(answer.json()["token"].as_str().unwrap()).kid(), kid);
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

/// As a test bench does that runs an issuer of its own.
#[tokio::test]
async fn whoever_is_in_the_process_mints_without_http_and_without_a_limit() {
    let app = TestApp::with(&[("auth-rate-limit", "burst=1,every=1h")]).await;
    let lab = &app.app().use_cases().dev.as_ref().unwrap().lab;
    for specimen in Specimen::all() {
        let minted = lab.mint.run(specimen, Origin::of_the_server()).await.unwrap();
        assert!(minted.specimen == specimen && !minted.token.is_empty());
    }
    assert_eq!(app.log_in("John", "testpass").await.status, 200, "the limit of the address is as it was");
}

#[tokio::test]
async fn without_the_fixture_user_there_is_no_token() {
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
