//! Where the ids of tokens are kept that were called back before their end.

use async_trait::async_trait;

use super::StoreError;
use crate::time::Timestamp;

/// A token that was called back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedToken {
    /// Its id.
    pub jti: String,
    /// When it would have ended by itself.
    pub expires_at: Timestamp,
}

/// Keeps the ids of tokens that were called back. Instants are in whole seconds.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait RevocationList: Send + Sync {
    /// Puts a token on the list; one that is there already stays. MUST be durable before it answers.
    /// MUST forget tokens whose end is before `forget_before`, at least two at each call while there are any, so that the store
    /// does not grow for ever; MUST keep all others.
    async fn revoke(&self, token: &RevokedToken, forget_before: Timestamp) -> Result<(), StoreError>;

    /// Whether the token of that id is on the list.
    /// MUST answer what was written by any call that was answered before, in whatever process.
    async fn contains(&self, jti: &str) -> Result<bool, StoreError>;
}
