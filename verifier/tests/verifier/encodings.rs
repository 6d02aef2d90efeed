//! Tokens that are signed well and written in another encoding.

use std::time::{Duration, SystemTime};

use jwksd_verifier::{Algorithm, Fault, JwkSet, NoMore, Policy};

use crate::issuer::{AUDIENCE, ISSUER, NOW, SigningKey, claims, encode, jwks};

#[test]
fn texts_are_utf_8_and_nothing_else() {
    let key = SigningKey::new("k", Algorithm::Ed25519);
    let keys = JwkSet::parse(jwks([&key])).unwrap();
    let policy = Policy::builder(ISSUER, AUDIENCE, &[Algorithm::Ed25519]).build().unwrap();
    let verify = |header: &[u8], claims: &[u8]| {
        let input = format!("{}.{}", encode(header), encode(claims));
        let token = format!("{input}.{}", encode(key.sign(input.as_bytes())));
        policy.verify::<NoMore>(&token, &keys, SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)).map(drop)
    };
    let (header, claims) = (r#"{"alg":"Ed25519","kid":"k"}"#, claims().to_string());
    assert_eq!(verify(header.as_bytes(), claims.as_bytes()), Ok(()));
    let others = |text: &str| {
        let utf_16: Vec<_> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let utf_32: Vec<_> = text.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        // A byte that is a letter in Latin-1, and the overlong spelling of a quotation mark.
        let latin_1 = [&text.as_bytes()[..text.len() - 1], &b",\"x\":\"\xe4\"}"[..]].concat();
        let overlong = [&text.as_bytes()[..text.len() - 1], &b",\xc0\xa2x\":1}"[..]].concat();
        [utf_16, utf_32, marked, latin_1, overlong]
    };
    for other in others(header) {
        assert_eq!(verify(&other, claims.as_bytes()), Err(Fault::Malformed("the header is no JSON object")));
    }
    for other in others(&claims) {
        assert_eq!(verify(header.as_bytes(), &other), Err(Fault::Malformed("the claims are no JSON object")));
    }
}
