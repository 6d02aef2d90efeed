//! What the stored password hashes cost.

use async_trait::async_trait;

use super::StoreError;
use crate::decoy::HashKind;

/// Looks over the hashes of all users, for decoys that cost what they do.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait PasswordHashSurvey: Send + Sync {
    /// Each kind of hash once, by what [`crate::decoy::cost`] says of it, with one of the stored hashes of that kind and their
    /// number; in any order. MUST count every user, whatever the state, and MUST NOT keep others waiting meanwhile, however
    /// many users there are.
    async fn survey(&self) -> Result<Vec<HashKind>, StoreError>;
}
