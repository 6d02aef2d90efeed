//! Public keys as JSON Web Keys (RFC 7517), with their thumbprints (RFC 7638).

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use sha2::{Digest, Sha256};

use super::{Algorithm, KeyType, Kid};

/// The members of a public key that differ from type to type; raw bytes, big-endian where they are numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicParameters {
    /// RSA: modulus and exponent without leading zeros (RFC 7518 section 6.3.1).
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The public exponent.
        e: Vec<u8>,
    },
    /// A point on a NIST curve, each coordinate as long as the curve's field (RFC 7518 section 6.2.1).
    Ec {
        /// The x coordinate.
        x: Vec<u8>,
        /// The y coordinate.
        y: Vec<u8>,
    },
    /// An Ed25519 public key, 32 bytes (RFC 8037 section 2).
    Okp {
        /// The key.
        x: Vec<u8>,
    },
}

/// A public signing key: serializes as the JWK that is published, `kty kid use alg` and the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicJwk {
    algorithm: Algorithm,
    parameters: PublicParameters,
    kid: Kid,
}

impl PublicJwk {
    /// The JWK of these parameters. The caller vouches that they fit the algorithm's key type.
    pub fn new(algorithm: Algorithm, parameters: PublicParameters) -> Self {
        let kid = thumbprint(algorithm.key_type(), &parameters);
        Self { algorithm, parameters, kid }
    }

    /// The algorithm that the key is for, and for no other (RFC 8725 section 3.1).
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The parameters.
    pub const fn parameters(&self) -> &PublicParameters {
        &self.parameters
    }

    /// The kid: the RFC 7638 SHA-256 thumbprint.
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }
}

impl KeyType {
    /// The `kty` value.
    pub const fn kty(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::P256 | Self::P384 => "EC",
            Self::Ed25519 => "OKP",
        }
    }

    /// The `crv` value, for types that have one.
    pub const fn crv(self) -> Option<&'static str> {
        match self {
            Self::Rsa => None,
            Self::P256 => Some("P-256"),
            Self::P384 => Some("P-384"),
            Self::Ed25519 => Some("Ed25519"),
        }
    }
}

impl Serialize for PublicJwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let key_type = self.algorithm.key_type();
        map.serialize_entry("kty", key_type.kty())?;
        map.serialize_entry("kid", &self.kid)?;
        map.serialize_entry("use", "sig")?;
        map.serialize_entry("alg", self.algorithm.as_str())?;
        if let Some(crv) = key_type.crv() {
            map.serialize_entry("crv", crv)?;
        }
        for (name, bytes) in members(&self.parameters) {
            map.serialize_entry(name, &base64url(bytes))?;
        }
        map.end()
    }
}

fn members(parameters: &PublicParameters) -> Vec<(&'static str, &[u8])> {
    match parameters {
        PublicParameters::Rsa { n, e } => vec![("n", n), ("e", e)],
        PublicParameters::Ec { x, y } => vec![("x", x), ("y", y)],
        PublicParameters::Okp { x } => vec![("x", x)],
    }
}

/// The required members in lexicographic order, without white space, hashed (RFC 7638 section 3).
fn thumbprint(key_type: KeyType, parameters: &PublicParameters) -> Kid {
    let mut required = vec![("kty", key_type.kty().to_owned())];
    required.extend(key_type.crv().map(|crv| ("crv", crv.to_owned())));
    required.extend(members(parameters).into_iter().map(|(name, bytes)| (name, base64url(bytes))));
    required.sort_unstable();
    let json = required.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect::<Vec<_>>().join(",");
    Kid::from_thumbprint(base64url(&Sha256::digest(format!("{{{json}}}"))))
}

fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Vec<u8> {
        Base64UrlUnpadded::decode_vec(text).unwrap()
    }

    /// The example of RFC 7638 section 3.1.
    #[test]
    fn rsa_thumbprint_is_that_of_the_rfc() {
        let n = decode(concat!(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst",
            "n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1",
            "n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        ));
        let jwk = PublicJwk::new(Algorithm::Rs256, PublicParameters::Rsa { n, e: decode("AQAB") });
        assert_eq!(jwk.kid().as_str(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    /// The example of RFC 8037 appendix A.3.
    #[test]
    fn okp_thumbprint_is_that_of_the_rfc() {
        let x = decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        let jwk = PublicJwk::new(Algorithm::EdDsa, PublicParameters::Okp { x });
        assert_eq!(jwk.kid().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(
            serde_json::to_value(&jwk).unwrap(),
            serde_json::json!({
                "kty": "OKP", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "use": "sig", "alg": "EdDSA",
                "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
            })
        );
    }
}
