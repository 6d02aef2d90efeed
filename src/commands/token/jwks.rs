//! The keys of a JWKS file, as a ring in which they are all published: so that a token is verified by the same rules as in
//! the server.

use anyhow::{Context, bail};
use base64ct::{Base64UrlUnpadded, Encoding};
use jwksd_domain::key::{
    Algorithm, EncryptionKeyId, KeyPurpose, KeyRing, KeySchedule, KeyType, PublicJwk, PublicParameters, SigningKey,
};
use jwksd_domain::ports::Sealed;
use jwksd_domain::time::Timestamp;
use serde_json::Value;

use crate::compose::Stores;

/// Stores in memory that hold the keys of `text`.
pub(super) async fn stores(text: &str) -> anyhow::Result<Stores> {
    let document: Value = serde_json::from_str(text).context("the JWKS is no JSON")?;
    let Some(keys) = document["keys"].as_array() else { bail!("the JWKS has no list `keys` (RFC 7517 section 5.1)") };
    // RFC 7517 section 5: keys that are not understood are passed over.
    let keys: Vec<_> = keys.iter().filter_map(public_jwk).map(published).collect();
    if keys.is_empty() {
        bail!("the JWKS holds no key with an `alg` that jwksd signs with");
    }
    let stores = Stores::memory();
    stores.keys.store(&KeyRing { keys, ..KeyRing::default() }).await?;
    Ok(stores)
}

fn public_jwk(jwk: &Value) -> Option<PublicJwk> {
    let algorithm = Algorithm::from_name(jwk["alg"].as_str()?)?;
    let key_type = algorithm.key_type();
    let bytes = |name: &str| Base64UrlUnpadded::decode_vec(jwk[name].as_str()?).ok();
    if jwk["kty"] != key_type.kty() || jwk["crv"].as_str() != key_type.crv() {
        return None;
    }
    let parameters = match key_type {
        KeyType::Rsa => PublicParameters::Rsa { n: bytes("n")?, e: bytes("e")? },
        KeyType::P256 | KeyType::P384 => PublicParameters::Ec { x: bytes("x")?, y: bytes("y")? },
        KeyType::Ed25519 => PublicParameters::Okp { x: bytes("x")? },
    };
    // A kid that is no thumbprint is of another issuer, and no token of ours names it.
    let public = PublicJwk::new(algorithm, parameters);
    (jwk["kid"] == public.kid().as_str()).then_some(public)
}

fn published(public: PublicJwk) -> SigningKey {
    let (begin, end) = (Timestamp::from_unix_seconds(0), Timestamp::from_unix_millis(i64::MAX));
    SigningKey {
        public,
        private: Sealed { bytes: Vec::new(), sealed_by: EncryptionKeyId::of(&[0; 32]) },
        purpose: KeyPurpose::Signing,
        created_at: begin,
        schedule: KeySchedule { published_from: begin, signs_from: begin, signs_until: begin, published_until: end },
        revocation: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keys_that_are_not_understood_are_passed_over() {
        let ed25519 = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let text = format!(r#"{{"keys":[{{"kty":"oct","k":"AA","alg":"HS256"}},{ed25519}]}}"#);
        let ring = stores(&text).await.unwrap().keys.load().await.unwrap();
        assert_eq!(ring.keys.len(), 1);
        for bad in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"alg":"RS256","kty":"EC"}]}"#] {
            assert!(stores(bad).await.is_err(), "{bad}");
        }
    }
}
