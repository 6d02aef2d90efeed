//! Handling private halves themselves.

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::{NewKey, Sealed, SignerError};
use crate::key::{Algorithm, SigningKey};

/// Both halves of a key as PEM (RFC 7468). Has no `Debug`: one of them is a secret.
pub struct PemPair {
    /// The private half as PKCS#8, `PRIVATE KEY` (RFC 5958).
    pub private: Zeroizing<String>,
    /// The public half, `PUBLIC KEY` (RFC 5280 section 4.1).
    pub public: String,
}

/// Why a key was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// The text is no private key that could sign by the algorithm; what is wrong, worded to follow the name of the field.
    #[error("the key {0}")]
    Unreadable(&'static str),
    /// The keeper cannot work now.
    #[error(transparent)]
    Unavailable(SignerError),
}

/// What those can do who hold private halves themselves. An HSM holds them too but gives none of them out, so this is no part
/// of [`super::Signer`].
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait KeyCustody: Send + Sync {
    /// Takes in a private key that was made elsewhere and seals it: PEM of PKCS#8, of PKCS#1 for RSA, or of SEC 1 for the NIST
    /// curves. MUST answer [`CustodyError::Unreadable`] for what is none, is encrypted, does not fit `algorithm`, or is RSA of
    /// fewer than 2048 or more than 8192 bits.
    async fn import(&self, algorithm: Algorithm, pem: &Zeroizing<String>) -> Result<NewKey, CustodyError>;

    /// Both halves of `key`. MUST fail as [`super::Signer::prepare`] does where the private half does not open.
    async fn export(&self, key: &SigningKey) -> Result<PemPair, SignerError>;

    /// The private half of `key`, sealed anew with the present encryption key. MUST fail as [`super::Signer::prepare`] does where
    /// it does not open, also where it is not the other half of the public one.
    async fn reseal(&self, key: &SigningKey) -> Result<Sealed, SignerError>;
}
