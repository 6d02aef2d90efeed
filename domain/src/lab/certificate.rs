//! The stranger's certificate (RFC 5280), to which the x5u of a token leads: self-signed, version 1, and good for an hour.

use std::time::Duration;

use crate::key::der::{bit_string, element, integer, null, object_id, sequence};
use crate::key::spki::armored;
use crate::key::{Algorithm, KeyType, PublicJwk};
use crate::time::Timestamp;

const LIFE: Duration = Duration::from_secs(3600);
/// Who is certified, by whom.
const NAME: &str = "A stranger to this server";

/// sha256WithRSAEncryption, 1.2.840.113549.1.1.11 (RFC 8017 appendix C).
const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// ecdsa-with-SHA256, 1.2.840.10045.4.3.2 (RFC 5758 section 3.2).
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// ecdsa-with-SHA384, 1.2.840.10045.4.3.3.
const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
/// id-Ed25519, 1.3.101.112 (RFC 8410 section 3).
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// id-at-commonName, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

const SET: u8 = 0x31;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;

/// The algorithm by which a key of `algorithm` signs its certificate.
pub(crate) const fn certified_by(algorithm: Algorithm) -> Algorithm {
    match algorithm.key_type() {
        KeyType::Rsa => Algorithm::Rs256,
        KeyType::P256 | KeyType::P384 | KeyType::Ed25519 => algorithm,
    }
}

/// What is signed of a certificate of `key` that is made at `now` (section 4.1.2).
pub(crate) fn to_be_certified(key: &PublicJwk, now: Timestamp) -> Vec<u8> {
    let common_name = sequence(&[object_id(COMMON_NAME), element(UTF8_STRING, NAME.as_bytes())]);
    let name = sequence(&[element(SET, &common_name)]);
    let validity = sequence(&[utc_time(now), utc_time(now.plus(LIFE))]);
    let serial = integer(&now.unix_seconds().to_be_bytes());
    sequence(&[serial, signature_algorithm(key), name.clone(), validity, name, key.to_der()])
}

/// The certificate in PEM (RFC 7468 section 5), of what was signed and its signature as JWS carries it.
pub(crate) fn certificate(key: &PublicJwk, to_be_certified: Vec<u8>, signature: &[u8]) -> String {
    let signature = match key.algorithm().key_type() {
        KeyType::P256 | KeyType::P384 => {
            let (r, s) = signature.split_at(signature.len() / 2);
            sequence(&[integer(r), integer(s)])
        }
        KeyType::Rsa | KeyType::Ed25519 => signature.to_vec(),
    };
    armored("CERTIFICATE", &sequence(&[to_be_certified, signature_algorithm(key), bit_string(&signature)]))
}

fn signature_algorithm(key: &PublicJwk) -> Vec<u8> {
    sequence(&match key.algorithm().key_type() {
        KeyType::Rsa => vec![object_id(RSA_SHA256), null()],
        KeyType::P256 => vec![object_id(ECDSA_SHA256)],
        KeyType::P384 => vec![object_id(ECDSA_SHA384)],
        KeyType::Ed25519 => vec![object_id(ED25519)],
    })
}

/// Two digits a year, as section 4.1.2.5.1 has it until 2049.
fn utc_time(at: Timestamp) -> Vec<u8> {
    let text: String = at.to_string().chars().skip(2).filter(|c| c.is_ascii_digit() || *c == 'Z').collect();
    element(UTC_TIME, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_two_digits_a_year() {
        let at = Timestamp::from_unix_seconds(1_800_000_000);
        assert_eq!(utc_time(at), [&[UTC_TIME, 13], &b"270115080000Z"[..]].concat());
    }
}
