//! Whatever is changed about a good token, it is refused: every bit of it, every part, every spelling.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use jwksd_verifier::{Algorithm, Fault, JwkSet, NoMore, Policy, Verified};
use proptest::prelude::*;

use crate::issuer::{AUDIENCE, ISSUER, NOW, SigningKey, claims, encode, jwks};

/// A good token of every algorithm, with the keys of all of them.
static GOOD: LazyLock<(Vec<String>, JwkSet)> = LazyLock::new(|| {
    let keys: Vec<_> =
        Algorithm::ALL.into_iter().map(|algorithm| SigningKey::new(algorithm.as_str(), algorithm)).collect();
    let tokens = keys.iter().map(|key| key.token(&claims())).collect();
    (tokens, JwkSet::parse(jwks(&keys)).unwrap())
});

fn verify(token: &str) -> Result<Verified, Fault> {
    let policy = Policy::builder(ISSUER, AUDIENCE, &Algorithm::ALL).build().unwrap();
    policy.verify::<NoMore>(token, &GOOD.1, SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
}

#[test]
fn every_single_bit_of_every_token_counts() {
    for token in &GOOD.0 {
        verify(token).unwrap();
        for place in 0..token.len() {
            for bit in 0..8 {
                let mut bytes = token.clone().into_bytes();
                bytes[place] ^= 1 << bit;
                // What is no text can not be handed in.
                let Ok(flipped) = String::from_utf8(bytes) else { continue };
                assert!(verify(&flipped).is_err(), "bit {bit} at {place} of {token}");
            }
        }
    }
}

#[test]
fn a_part_that_is_cut_or_added_is_noticed() {
    for token in &GOOD.0 {
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else { panic!("three parts") };
        for bad in [
            format!("{header}.{payload}"),
            format!("{header}.{payload}."),
            format!("{header}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("{token}."),
            format!(".{token}"),
            format!("{token}.{signature}"),
            format!("{token}.."),
            format!("{token}="),
            format!("{token} "),
            format!(" {token}"),
            format!("{token}\n"),
            format!("{header}=.{payload}.{signature}"),
            format!("{{\"payload\":\"{payload}\",\"protected\":\"{header}\",\"signature\":\"{signature}\"}}"),
            token[..token.len() - 1].to_owned(),
            token[1..].to_owned(),
            format!("{header}.{payload}.{}", encode([0; 64])),
            format!("{header}.{payload}.{}", encode([0; 256])),
            token.replace('-', "+").replace('_', "/") + "A",
        ] {
            assert!(verify(&bad).is_err(), "{bad}");
        }
    }
}

#[test]
fn a_signature_of_another_token_is_refused() {
    for token in &GOOD.0 {
        for other in GOOD.0.iter().filter(|other| *other != token) {
            let (input, _) = token.rsplit_once('.').unwrap();
            let (_, signature) = other.rsplit_once('.').unwrap();
            assert_eq!(verify(&format!("{input}.{signature}")), Err(Fault::BadSignature));
        }
    }
}

/// Base64url with bits that no byte takes decodes to the same bytes elsewhere; here it has one spelling only.
#[test]
fn a_second_spelling_of_the_same_signature_is_refused() {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let token = &GOOD.0[6];
    let (start, last) = token.split_at(token.len() - 1);
    let value = alphabet.iter().position(|letter| *letter == last.as_bytes()[0]).unwrap();
    for spare in 1..16 {
        let other = char::from(alphabet[value ^ spare]);
        assert_eq!(verify(&format!("{start}{other}")), Err(Fault::Malformed("a part is not base64url")));
    }
}

proptest! {
    /// Any number of changes at once, and any text at all.
    #[test]
    fn no_other_text_is_accepted(
        which in 0..GOOD.0.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0x20..0x7f_u8), 1..8),
    ) {
        let token = &GOOD.0[which];
        let mut bytes = token.clone().into_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert_eq!(verify(&changed).is_ok(), changed == *token);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", header in "\\PC{0,60}", payload in "\\PC{0,60}") {
        prop_assert!(verify(&text).is_err());
        let token = format!("{}.{}.AA", encode(&header), encode(&payload));
        prop_assert!(verify(&token).is_err());
    }

    #[test]
    fn no_set_makes_it_panic(text in "\\PC{0,200}", name in "[a-z0-9_]{1,8}", value in "\\PC{0,40}") {
        let _any = JwkSet::parse(&text);
        let member = serde_json::json!({ "keys": [{ "kty": "RSA", "n": value, "e": value, name: value }] });
        prop_assert_eq!(JwkSet::parse(member.to_string()).unwrap().len(), 0);
    }
}
