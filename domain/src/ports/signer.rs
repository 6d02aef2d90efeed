//! Making signing keys and signing with them.

use async_trait::async_trait;

use super::{BoxError, Sealed};
use crate::key::{Algorithm, EncryptionKeyId, Kid, PublicJwk, SigningKey};

/// A key that a signer has just made. Its private half is sealed for the kid of `public`.
#[derive(Clone)]
pub struct NewKey {
    /// The public half.
    pub public: PublicJwk,
    /// The private half, sealed: opaque to all but the signer.
    pub private: Sealed,
}

/// Why a signer could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The private half was changed, cut, or belongs to another key.
    #[error("the private half of key {0} does not open: it was changed or belongs to another key")]
    Rejected(Kid),
    /// The private half was sealed with an encryption key that is not configured.
    #[error("key {kid} was sealed with encryption key {sealed_by}, which is not configured")]
    UnknownEncryptionKey {
        /// The signing key.
        kid: Kid,
        /// The encryption key that sealed it.
        sealed_by: EncryptionKeyId,
    },
    /// The signer cannot work now.
    #[error("the signer is unavailable")]
    Unavailable(#[source] BoxError),
}

/// Makes keys and signs bytes. Private halves leave it sealed or not at all, so that an HSM fits too.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Signer: Send + Sync {
    /// Makes a key for `algorithm`. MUST draw a new key at each call, RSA with 2048 bits or more.
    async fn generate(&self, algorithm: Algorithm) -> Result<NewKey, SignerError>;

    /// Makes `key` ready for signing; MUST fail if its private half does not open, or is not the other half of its public one.
    async fn prepare(&self, key: &SigningKey) -> Result<(), SignerError>;

    /// Signs `message` by the key's algorithm (RFC 7518 section 3, RFC 8037); the answer is the signature as JWS carries it,
    /// ECDSA as `R || S`. MUST also work where [`Signer::prepare`] was not called before.
    async fn sign(&self, key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, SignerError>;

    /// Drops, and zeroes, every opened private half but those of `kids`.
    async fn retain(&self, kids: &[Kid]);
}
