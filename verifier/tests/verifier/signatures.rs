//! Tokens of every algorithm are accepted, and no token is accepted by another algorithm than its key's.

use std::time::{Duration, SystemTime};

use jwksd_verifier::{Algorithm, Fault, JwkSet, NoMore, Policy};
use serde_json::json;

use crate::issuer::{AUDIENCE, ISSUER, NOW, SigningKey, claims, jwks};

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)
}

fn policy(algorithms: &[Algorithm]) -> Policy {
    Policy::builder(ISSUER, AUDIENCE, algorithms).build().unwrap()
}

#[test]
fn every_algorithm_verifies() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::new("k", algorithm);
        let keys = JwkSet::parse(jwks([&key])).unwrap();
        assert_eq!(keys.passed_over(), []);
        let verified = policy(&[algorithm]).verify::<NoMore>(&key.token(&claims()), &keys, now()).unwrap();
        assert_eq!(verified.header.algorithm, Some(algorithm));
        assert_eq!(verified.claims.sub.as_deref(), Some("7"));
    }
}

#[test]
fn an_algorithm_that_is_not_accepted_here_is_refused_whatever_the_key() {
    let key = SigningKey::new("k", Algorithm::Es256);
    let keys = JwkSet::parse(jwks([&key])).unwrap();
    let refused = policy(&[Algorithm::Rs256]).verify::<NoMore>(&key.token(&claims()), &keys, now());
    assert_eq!(refused, Err(Fault::AlgorithmNotAccepted));
}

#[test]
fn none_and_shared_secrets_are_refused_in_every_spelling() {
    let key = SigningKey::new("k", Algorithm::Es256);
    let keys = JwkSet::parse(jwks([&key])).unwrap();
    for alg in
        ["none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "es256", "ES256 ", "RS256", "dir", "ES256K"]
    {
        let header = json!({ "alg": alg, "kid": "k" }).to_string();
        let token = key.token_of(&header, &claims().to_string());
        for token in [token.as_str(), &token[..=token.rfind('.').unwrap()]] {
            let refused = policy(&[Algorithm::Es256]).verify::<NoMore>(token, &keys, now());
            assert_eq!(refused, Err(Fault::AlgorithmNotAccepted), "{alg}");
        }
    }
}

#[test]
fn a_key_is_used_for_its_own_algorithm_only() {
    let key = SigningKey::new("k", Algorithm::Rs256);
    let keys = JwkSet::parse(jwks([&key])).unwrap();
    for alg in ["RS384", "RS512", "PS256", "ES256", "EdDSA"] {
        let header = json!({ "alg": alg, "kid": "k" }).to_string();
        let token = key.token_of(&header, &claims().to_string());
        let refused = policy(&Algorithm::ALL).verify::<NoMore>(&token, &keys, now());
        assert_eq!(refused, Err(Fault::WrongAlgorithm), "{alg}");
    }
}
