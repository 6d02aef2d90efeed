//! The examples of RFC 7515, 7516, 7517, 7519, 7520 and 8037: every token and every set of keys in them.
//!
//! `rfc.json` has each token with the keys that it goes with, and what must come of it; its strings were taken over from jwcrypto 1.6.1
//! (`tests.py`, `tests-cookbook.py`), the keys without their private halves. Tokens that are no signed JWS in compact form by a public
//! key are in it too, and must be refused by the rule that is named: shared secrets and `none` by their algorithm, JSON serialization
//! and JWE by their form. What is not in it: the second signature of RFC 7520 section 4.8, which has no protected header and so no
//! compact form; RFC 7518, which has no examples of signatures; RFC 7520 section 6, a JWS inside a JWE, which jwcrypto does not have.

use jwksd_verifier::{Algorithm, Fault, JwkSet, Token, Unusable};
use serde_json::{Value, json};

const TOKENS: &str = include_str!("rfc.json");
const KEYS: &str = include_str!("rfc7517.json");

fn payload(token: &str, keys: &JwkSet) -> Result<String, Fault> {
    let signed = Token::parse(token)?.verify_signature(keys, &Algorithm::ALL)?;
    Ok(String::from_utf8(signed.payload).unwrap())
}

#[test]
fn every_token_comes_out_as_it_should() {
    let vectors: Vec<Value> = serde_json::from_str(TOKENS).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for vector in &vectors {
        let keys = JwkSet::parse(json!({ "keys": vector["keys"] }).to_string()).unwrap();
        let outcome = payload(vector["token"].as_str().unwrap(), &keys);
        match &vector["payload"] {
            Value::String(expected) => {
                assert_eq!(outcome.as_ref(), Ok(expected), "{}", vector["name"]);
                accepted += 1;
            }
            _ => {
                let fault = format!("{:?}", outcome.unwrap_err());
                assert!(fault.starts_with(vector["fault"].as_str().unwrap()), "{}: {fault}", vector["name"]);
                refused += 1;
            }
        }
    }
    assert_eq!((accepted, refused), (8, 38));
}

#[test]
fn a_token_that_verifies_does_so_with_its_own_key_only() {
    let vectors: Vec<Value> = serde_json::from_str(TOKENS).unwrap();
    let good: Vec<_> = vectors.iter().filter(|vector| vector["payload"].is_string()).collect();
    for token in &good {
        for other in good.iter().filter(|other| other["keys"] != token["keys"]) {
            let keys = JwkSet::parse(json!({ "keys": other["keys"] }).to_string()).unwrap();
            assert!(
                payload(token["token"].as_str().unwrap(), &keys).is_err(),
                "{} by {}",
                token["name"],
                other["name"]
            );
        }
    }
}

#[test]
fn the_keys_of_rfc_7517_are_used_for_signatures_and_without_private_halves_only() {
    let sets: Value = serde_json::from_str(KEYS).unwrap();
    let parse = |name: &str| JwkSet::parse(sets[name].to_string()).unwrap();
    let reasons = |set: &JwkSet| set.passed_over().iter().map(|key| key.reason).collect::<Vec<_>>();
    let public = parse("public");
    assert!(public.len() == 1 && public.has("2011-04-29"));
    assert_eq!(reasons(&public), [Unusable::OtherUse]);
    assert_eq!(reasons(&parse("private")), [Unusable::Private, Unusable::Private]);
    assert_eq!(reasons(&parse("symmetric")), [Unusable::UnknownType, Unusable::UnknownType]);
}
