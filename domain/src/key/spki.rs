//! Public keys as `SubjectPublicKeyInfo` (RFC 5280 section 4.1), in DER and in PEM (RFC 7468 section 13).
//!
//! The lab keys HMACs with these bytes, as an attacker does who has the public key only. `KeyCustody` could write them too, and
//! would hand out the private half with them.

use base64ct::{Base64, Encoding};

use super::der::{bit_string, integer, null, object_id, sequence};
use super::{KeyType, PublicJwk, PublicParameters};

/// How many characters a line of PEM has (RFC 7468 section 2).
const LINE: usize = 64;

/// rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017 appendix C).
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 section 2.1.1).
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// secp256r1, 1.2.840.10045.3.1.7.
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// secp384r1, 1.3.132.0.34.
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
/// id-Ed25519, 1.3.101.112 (RFC 8410 section 3).
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

impl PublicJwk {
    /// The key in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let algorithm = match self.algorithm().key_type() {
            KeyType::Rsa => [object_id(RSA), null()].concat(),
            KeyType::P256 => [object_id(EC), object_id(P256)].concat(),
            KeyType::P384 => [object_id(EC), object_id(P384)].concat(),
            KeyType::Ed25519 => object_id(ED25519),
        };
        let key = match self.parameters() {
            PublicParameters::Rsa { n, e } => sequence(&[integer(n), integer(e)]),
            // An uncompressed point (SEC 1 section 2.3.3).
            PublicParameters::Ec { x, y } => [&[0x04], &x[..], y].concat(),
            PublicParameters::Okp { x } => x.clone(),
        };
        sequence(&[sequence(&[algorithm]), bit_string(&key)])
    }

    /// The key in PEM, with a newline at its end.
    pub fn to_pem(&self) -> String {
        armored("PUBLIC KEY", &self.to_der())
    }
}

/// `der` between the lines that PEM has for `label`.
pub(crate) fn armored(label: &str, der: &[u8]) -> String {
    let text = Base64::encode_string(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(rest.len().min(LINE));
        pem.extend([line, "\n"]);
        rest = behind;
    }
    pem + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;
    use crate::key::Algorithm;

    /// The example of RFC 8410 section 10.1.
    #[test]
    fn an_ed25519_key_is_that_of_the_rfc() {
        let der = Base64::decode_vec("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=").unwrap();
        let x = Base64UrlUnpadded::decode_vec("Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE").unwrap();
        let jwk = PublicJwk::new(Algorithm::EdDsa, PublicParameters::Okp { x });
        assert_eq!(jwk.to_der(), der);
        let lines = [
            "-----BEGIN PUBLIC KEY-----",
            "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            "-----END PUBLIC KEY-----",
            "",
        ];
        assert_eq!(jwk.to_pem(), lines.join("\n"));
    }
}
