//! The verifier: checks signatures with public keys, by `jsonwebtoken`.

use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::aws_lc;
use jwksd_domain::key::{Algorithm, KeyType, PublicJwk, PublicParameters};
use jwksd_domain::ports::{SignatureVerifier, VerifierError};
use rsa::{BigUint, RsaPublicKey};

/// RFC 7518 section 3.3 sets the lower bound; the upper one keeps a check from taking forever.
const MODULUS_BITS_MIN: usize = 2048;
const MODULUS_BITS_MAX: usize = 8192;

/// Checks signatures by the algorithm of the key and no other. RSA keys must have 2048 bits at least, 8192 at most.
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftwareVerifier;

/// What is wrong with a public key.
#[derive(Debug, thiserror::Error)]
enum Malformed {
    #[error("the parameters are not those of the algorithm's key type")]
    WrongParameters,
    #[error("the RSA modulus has {0} bits, not {MODULUS_BITS_MIN} to {MODULUS_BITS_MAX}")]
    ModulusSize(usize),
    #[error("the numbers are no RSA key: {0}")]
    NoRsaKey(rsa::Error),
    #[error("the numbers are no point on the curve: {0}")]
    NoPoint(KeyRejected),
}

impl SignatureVerifier for SoftwareVerifier {
    fn verify(&self, key: &PublicJwk, message: &[u8], signature: &[u8]) -> Result<bool, VerifierError> {
        let decoding_key = decoding_key(key).map_err(malformed)?;
        // The provider is named, not the process-wide default: nothing to install, and no feature of another crate changes it.
        let verifier = (aws_lc::DEFAULT_PROVIDER.verifier_factory)(&jose_algorithm(key.algorithm()), &decoding_key);
        let verifier = verifier.map_err(|error| VerifierError::MalformedKey(Box::new(error)))?;
        if verifier.verify(message, &signature.to_vec()).is_ok() {
            return Ok(true);
        }
        // A signature that does not verify and numbers that are no key look the same; only now is it worth telling them apart.
        check_numbers(key).map(|()| false).map_err(malformed)
    }
}

fn decoding_key(key: &PublicJwk) -> Result<DecodingKey, Malformed> {
    match (key.algorithm().key_type(), key.parameters()) {
        (KeyType::Rsa, PublicParameters::Rsa { n, e }) => match bit_length(n) {
            MODULUS_BITS_MIN..=MODULUS_BITS_MAX => Ok(DecodingKey::from_rsa_raw_components(n, e)),
            bits => Err(Malformed::ModulusSize(bits)),
        },
        (KeyType::P256, PublicParameters::Ec { x, y }) => Ok(DecodingKey::from_ec_der(&point(x, y, 32)?)),
        (KeyType::P384, PublicParameters::Ec { x, y }) => Ok(DecodingKey::from_ec_der(&point(x, y, 48)?)),
        (KeyType::Ed25519, PublicParameters::Okp { x }) if x.len() == 32 => Ok(DecodingKey::from_ed_der(x)),
        (KeyType::Rsa | KeyType::P256 | KeyType::P384 | KeyType::Ed25519, _) => Err(Malformed::WrongParameters),
    }
}

/// The uncompressed point (SEC 1 section 2.3.3), its coordinates as long as the field (RFC 7518 section 6.2.1.2).
fn point(x: &[u8], y: &[u8], length: usize) -> Result<Vec<u8>, Malformed> {
    match (x.len(), y.len()) {
        lengths if lengths == (length, length) => Ok([&[0x04], x, y].concat()),
        _ => Err(Malformed::WrongParameters),
    }
}

fn bit_length(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros).map_or(0, |first| (number.len() - zeros) * 8 - first.leading_zeros() as usize)
}

fn jose_algorithm(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Rs384 => jsonwebtoken::Algorithm::RS384,
        Algorithm::Rs512 => jsonwebtoken::Algorithm::RS512,
        Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
        Algorithm::Ps384 => jsonwebtoken::Algorithm::PS384,
        Algorithm::Ps512 => jsonwebtoken::Algorithm::PS512,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Es384 => jsonwebtoken::Algorithm::ES384,
        Algorithm::Ed25519 | Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
    }
}

/// Whether the numbers make a key at all: an odd modulus with an odd exponent of sensible size, a point on the curve.
fn check_numbers(key: &PublicJwk) -> Result<(), Malformed> {
    match key.parameters() {
        PublicParameters::Rsa { n, e } => {
            let number = BigUint::from_bytes_be;
            let parsed = RsaPublicKey::new_with_max_size(number(n), number(e), MODULUS_BITS_MAX);
            parsed.map(drop).map_err(Malformed::NoRsaKey)
        }
        PublicParameters::Ec { x, y } => {
            let curve = if x.len() == 32 { &ECDSA_P256_SHA256_FIXED } else { &ECDSA_P384_SHA384_FIXED };
            let parsed = ParsedPublicKey::new(curve, point(x, y, x.len())?);
            parsed.map(drop).map_err(Malformed::NoPoint)
        }
        PublicParameters::Okp { x } => ParsedPublicKey::new(&ED25519, x).map(drop).map_err(Malformed::NoPoint),
    }
}

fn malformed(error: Malformed) -> VerifierError {
    VerifierError::MalformedKey(Box::new(error))
}
