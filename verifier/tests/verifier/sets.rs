//! Sets of keys that misbehave: a key that cannot be used is passed over, and what cannot be told is refused.

use jwksd_verifier::{
    Algorithm, Answer, Fault, JWK_SET_MAX, JwkSet, JwkSetError, NoMore, Source, Unavailable, Unusable, VerifyError,
};
use serde_json::{Value, json};

use crate::issuer::{SigningKey, claims, encode, jwks};
use crate::served::{JWKS_URL, ManualClock, Mood, Served, answer, verifier};

fn reason(jwk: &Value) -> Option<Unusable> {
    let set = JwkSet::parse(json!({ "keys": [jwk] }).to_string()).unwrap();
    assert_eq!(set.len() + set.passed_over().len(), 1);
    set.passed_over().first().map(|key| key.reason)
}

/// The key with some members that are others; null takes one away.
fn with(jwk: &Value, members: Value) -> Value {
    let mut jwk = jwk.clone();
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => drop(jwk.as_object_mut().unwrap().remove(name)),
            value => jwk[name] = value.clone(),
        }
    }
    jwk
}

#[test]
fn keys_that_cannot_be_used_are_passed_over_with_the_reason() {
    let ec = SigningKey::new("k", Algorithm::Es256).jwk();
    let rsa = SigningKey::new("k", Algorithm::Rs256).jwk();
    let okp = SigningKey::new("k", Algorithm::EdDsa).jwk();
    let n = rsa["n"].as_str().unwrap();
    let even = format!("{}A", &n[..n.len() - 1]);
    for (jwk, expected) in [
        (with(&ec, json!({ "use": "enc" })), Unusable::OtherUse),
        (with(&ec, json!({ "key_ops": ["sign"] })), Unusable::OtherUse),
        (with(&ec, json!({ "key_ops": [] })), Unusable::OtherUse),
        (with(&ec, json!({ "key_ops": "verify" })), Unusable::Malformed),
        (with(&ec, json!({ "d": "AA" })), Unusable::Private),
        (with(&rsa, json!({ "p": "AA" })), Unusable::Private),
        (with(&okp, json!({ "d": "" })), Unusable::Private),
        (with(&okp, json!({ "k": "AA" })), Unusable::Private),
        (json!({ "kty": "oct", "kid": "k", "k": "AAAA", "alg": "HS256" }), Unusable::UnknownType),
        (with(&ec, json!({ "kty": "XYZ" })), Unusable::UnknownType),
        (with(&ec, json!({ "kty": "ec" })), Unusable::UnknownType),
        (with(&ec, json!({ "crv": "secp256k1" })), Unusable::UnknownType),
        (with(&okp, json!({ "crv": "X25519" })), Unusable::UnknownType),
        (with(&ec, json!({ "alg": "ES384" })), Unusable::OtherAlgorithm),
        (with(&ec, json!({ "alg": "RS256" })), Unusable::OtherAlgorithm),
        (with(&rsa, json!({ "alg": "RSA-OAEP" })), Unusable::OtherAlgorithm),
        (with(&rsa, json!({ "alg": "HS256" })), Unusable::OtherAlgorithm),
        (with(&rsa, json!({ "alg": "none" })), Unusable::OtherAlgorithm),
        (with(&ec, json!({ "kid": "" })), Unusable::BadKid),
        (with(&ec, json!({ "kid": "k".repeat(257) })), Unusable::BadKid),
        (with(&ec, json!({ "kid": 7 })), Unusable::Malformed),
        (with(&ec, json!({ "kty": null })), Unusable::Malformed),
        (with(&ec, json!({ "x": null })), Unusable::Malformed),
        (with(&ec, json!({ "x": "A=" })), Unusable::Malformed),
        (with(&ec, json!({ "y": encode([7; 32]) })), Unusable::NoKey),
        (with(&ec, json!({ "x": encode([0; 31]) })), Unusable::NoKey),
        (with(&ec, json!({ "x": encode([0; 32]), "y": encode([0; 32]) })), Unusable::NoKey),
        (with(&okp, json!({ "x": encode([1; 31]) })), Unusable::NoKey),
        (with(&rsa, json!({ "n": encode([0xff; 255]) })), Unusable::ModulusSize),
        (with(&rsa, json!({ "n": encode([0xff; 1025]) })), Unusable::ModulusSize),
        (with(&rsa, json!({ "n": even })), Unusable::NoKey),
        (with(&rsa, json!({ "e": "AQ" })), Unusable::NoKey),
        (with(&rsa, json!({ "e": "Ag" })), Unusable::NoKey),
        (with(&rsa, json!({ "e": "AAEAAQ" })), Unusable::NoKey),
        (with(&rsa, json!({ "e": encode([0xff; 8]) })), Unusable::NoKey),
        (json!(7), Unusable::Malformed),
    ] {
        assert_eq!(reason(&jwk), Some(expected), "{jwk}");
    }
}

/// By such a key anybody can sign anything, so a placeholder of zeros must not become one.
#[test]
fn points_of_small_order_are_no_keys() {
    let eighth = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    let other_eighth = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
    let ended = |first: &str, between: &str, last: &str| format!("{first}{}{last}", between.repeat(30));
    let mut points = vec![eighth.to_owned(), other_eighth.to_owned(), ended("00", "00", "00"), ended("01", "00", "00")];
    points.extend(["ec", "ed", "ee"].map(|first| ended(first, "ff", "7f")));
    for point in points {
        let hex = |place: usize| u8::from_str_radix(&point[place..place + 2], 16).unwrap();
        let mut bytes: Vec<_> = (0..64).step_by(2).map(hex).collect();
        for _sign in 0..2 {
            bytes[31] ^= 0x80;
            let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(&bytes) });
            assert_eq!(reason(&jwk), Some(Unusable::NoKey), "{point}");
        }
    }
}

#[test]
fn members_that_are_not_understood_change_nothing() {
    let ec = SigningKey::new("k", Algorithm::Es256).jwk();
    let more = json!({ "x5t": "AA", "ext": true, "exp": 7, "key_ops": ["verify", "sign"], "iat": null, "alg": null, "kid": null });
    assert_eq!(reason(&with(&ec, more)), None);
    let set = JwkSet::parse(json!({ "keys": [ec], "more": [1] }).to_string()).unwrap();
    assert!(set.has("k") && !set.has("K") && !set.is_empty());
}

#[test]
fn a_kid_that_two_keys_share_names_neither_unless_their_algorithms_differ() {
    let [one, other, apart] = [("k", Algorithm::Es256), ("k", Algorithm::Es256), ("k", Algorithm::Ed25519)]
        .map(|(kid, algorithm)| SigningKey::new(kid, algorithm));
    let both = JwkSet::parse(jwks([&one, &other])).unwrap();
    assert_eq!(
        both.passed_over().iter().map(|key| (key.index, key.reason)).collect::<Vec<_>>(),
        [(0, Unusable::DuplicateKid), (1, Unusable::DuplicateKid)]
    );
    let differing = JwkSet::parse(jwks([&one, &apart])).unwrap();
    assert_eq!((differing.len(), differing.passed_over().len()), (2, 0));
    for key in [&one, &apart] {
        differing.check_signature(Some("k"), key.algorithm, b"x", &key.sign(b"x")).unwrap();
    }
    let all = JwkSet::parse(jwks([&one, &apart, &other])).unwrap();
    assert_eq!((all.len(), all.passed_over().len()), (1, 2));
    assert_eq!(all.check_signature(Some("k"), Algorithm::Es256, b"x", &one.sign(b"x")), Err(Fault::WrongAlgorithm));
}

#[test]
fn a_set_that_has_two_meanings_or_none_is_refused() {
    let key = SigningKey::new("k", Algorithm::Es256).jwk().to_string();
    let twice = key.replacen('{', r#"{"kid":"other","#, 1);
    for (text, error) in [
        (String::new(), JwkSetError::NoJson),
        ("<html>".to_owned(), JwkSetError::NoJson),
        ("[]".to_owned(), JwkSetError::NoJson),
        (key.clone(), JwkSetError::NoKeys),
        (r#"{"keys":{}}"#.to_owned(), JwkSetError::NoKeys),
        (format!(r#"{{"keys":[],"keys":[{key}]}}"#), JwkSetError::DuplicateMember),
        (format!(r#"{{"keys":[{twice}]}}"#), JwkSetError::DuplicateMember),
        (format!(r#"{{"keys":[{}]}}"#, vec!["7"; 129].join(",")), JwkSetError::TooManyKeys),
        (format!(r#"{{"keys":[]}}{}"#, " ".repeat(JWK_SET_MAX)), JwkSetError::TooLong),
    ] {
        assert_eq!(JwkSet::parse(&text).unwrap_err(), error, "{text:.40}");
    }
    assert!(JwkSet::parse(r#"{"keys":[]}"#).unwrap().is_empty());
}

/// What a misbehaving server answers must neither be believed nor take the good set away.
#[tokio::test]
async fn a_remote_set_that_misbehaves_takes_no_good_set_away() {
    let (key, clock) = (SigningKey::new("a", Algorithm::Es256), ManualClock::new());
    let good = jwks([&key]);
    let served = Served::with(&good);
    let verifier = verifier(&served, &clock);
    let token = key.token(&claims());
    verifier.verify::<NoMore>(&token).await.unwrap();
    let huge = format!("{good}{}", " ".repeat(JWK_SET_MAX));
    let truncated = &good[..good.len() / 2];
    let with_status = |status| Answer { status, ..answer(&good) };
    for bad in [
        answer(""),
        answer("<html>"),
        answer("{}"),
        answer(&huge),
        answer(truncated),
        with_status(500),
        with_status(302),
        with_status(304),
        with_status(204),
    ] {
        clock.advance(300);
        served.be(JWKS_URL, Mood::Well(bad.clone()));
        let asked = served.asked();
        let late = SigningKey::token(&key, &with_end(clock.seconds() + 60));
        verifier.verify::<NoMore>(&late).await.unwrap();
        crate::served::settle().await;
        assert!(served.asked() > asked, "{}", bad.status);
    }
}

#[tokio::test]
async fn a_set_without_a_key_that_can_be_used_is_taken_at_its_word() {
    let (key, clock) = (SigningKey::new("a", Algorithm::Es256), ManualClock::new());
    let served = Served::with(&jwks([&key]));
    let verifier = verifier(&served, &clock);
    let token = key.token(&claims());
    verifier.verify::<NoMore>(&token).await.unwrap();
    for empty in [r#"{"keys":[]}"#.to_owned(), json!({ "keys": [with(&key.jwk(), json!({ "d": "AA" }))] }).to_string()]
    {
        clock.advance(300);
        served.serve(&empty);
        let refused = verifier.verify::<NoMore>(&key.token(&with_end(clock.seconds() + 60))).await;
        assert!(matches!(refused, Err(VerifyError::Unavailable(Unavailable::NoUsableKey))), "{refused:?}");
    }
    served.serve(&jwks([&key]));
    clock.advance(30);
    verifier.verify::<NoMore>(&key.token(&with_end(clock.seconds() + 60))).await.unwrap();
}

#[tokio::test]
async fn metadata_must_be_of_the_issuer_and_name_a_safe_address() {
    let (key, clock) = (SigningKey::new("a", Algorithm::Es256), ManualClock::new());
    let issuer = "https://auth.example.com";
    let metadata =
        |issuer: &str, jwks_uri: &str| answer(&json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string());
    let well_known = "https://auth.example.com/.well-known/openid-configuration";
    for (bad, said) in [
        (metadata("https://auth.example.com/", JWKS_URL), "it is of another issuer"),
        (metadata(issuer, "http://auth.example.com/jwks.json"), "`jwks_uri` is no https address"),
        (metadata(issuer, "file:///etc/passwd"), "`jwks_uri` is no https address"),
        (answer(r#"{"issuer":"https://auth.example.com"}"#), "`issuer` or `jwks_uri` are missing or no strings"),
        (answer("<html>"), "it is no JSON object, or a member stands twice"),
    ] {
        let served = Served::with(&jwks([&key]));
        served.be(well_known, Mood::Well(bad));
        let source = Source::issuer(issuer).unwrap();
        let keys = jwksd_verifier::RemoteJwks::builder(source, served.clone()).clock(clock.clone()).build();
        assert!(keys.key_set(None).await.is_err());
        assert!(keys.failure().unwrap().to_string().ends_with(said), "{said}");
        served.be(well_known, Mood::Well(metadata(issuer, JWKS_URL)));
        clock.advance(1);
        assert_eq!(keys.key_set(None).await.unwrap().len(), 1);
    }
}

fn with_end(exp: u64) -> Value {
    with(&claims(), json!({ "exp": exp }))
}
