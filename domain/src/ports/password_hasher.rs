//! Hashing passwords.

use std::time::Duration;

use async_trait::async_trait;

use super::BoxError;
use crate::user::{Password, PasswordHash};

/// What a check of a password came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The password is the one.
    Matches {
        /// The hash was made with weaker parameters than are in force: hash the password anew.
        outdated: bool,
    },
    /// It is not, or the hash is of a kind that cannot be checked.
    Differs,
}

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// Too many hashes are waiting already.
    #[error("too many passwords are being hashed")]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// The hasher cannot work.
    #[error("the password hasher is unavailable")]
    Unavailable(#[source] BoxError),
}

/// Hashes passwords slowly and on purpose. MUST bound how much memory and time all calls together take, refusing with
/// [`HasherError::Busy`] past the bound, and MUST NOT block an async thread.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password with a fresh salt.
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError>;

    /// Checks a password against a user's hash, or against a decoy of the same cost where there is none.
    /// MUST answer [`Verification::Differs`] for the decoy whatever the password, and take as long for it.
    async fn verify<'a>(
        &self,
        password: &Password,
        hash: Option<&'a PasswordHash>,
    ) -> Result<Verification, HasherError>;
}
