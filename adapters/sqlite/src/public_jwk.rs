//! Public keys as text and back.

use base64ct::{Base64UrlUnpadded, Encoding};
use jwksd_domain::key::{Algorithm, KeyType, PublicJwk, PublicParameters};
use serde_json::Value;

/// The JWK as it is published.
pub(crate) fn to_text(jwk: &PublicJwk) -> String {
    serde_json::json!(jwk).to_string()
}

/// The JWK of `algorithm` in `text`, if there is one.
pub(crate) fn from_text(algorithm: Algorithm, text: &str) -> Option<PublicJwk> {
    let jwk: Value = serde_json::from_str(text).ok()?;
    let member = |name: &str| Base64UrlUnpadded::decode_vec(jwk.get(name)?.as_str()?).ok();
    let parameters = match algorithm.key_type() {
        KeyType::Rsa => PublicParameters::Rsa { n: member("n")?, e: member("e")? },
        KeyType::P256 | KeyType::P384 => PublicParameters::Ec { x: member("x")?, y: member("y")? },
        KeyType::Ed25519 => PublicParameters::Okp { x: member("x")? },
    };
    Some(PublicJwk::new(algorithm, parameters))
}
