//! Checking a signature with a public key.

use super::BoxError;
use crate::key::PublicJwk;

/// Why a signature could not be checked at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifierError {
    /// The public key is not one of its type.
    #[error("the public key is malformed")]
    MalformedKey(#[source] BoxError),
}

/// Checks signatures. Needs no secret.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait SignatureVerifier: Send + Sync {
    /// Whether `signature` is that of `message` under `key`, by the algorithm that the key names. MUST NOT take the
    /// algorithm from anywhere else (RFC 8725 section 3.1).
    fn verify(&self, key: &PublicJwk, message: &[u8], signature: &[u8]) -> Result<bool, VerifierError>;
}
