//! Where the key ring is kept.

use async_trait::async_trait;

use super::StoreError;
use crate::key::KeyRing;

/// Keeps the key ring as one aggregate with a revision, so that two replicas can never both rotate.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait KeyRepository: Send + Sync {
    /// The stored ring. MUST answer an empty ring at revision 0 if none was ever stored, and MUST answer every key,
    /// instant and revocation as it was stored.
    async fn load(&self) -> Result<KeyRing, StoreError>;

    /// Replaces the stored ring by `ring` and moves the stored revision to `ring.revision + 1`.
    ///
    /// MUST fail with [`StoreError::Conflict`], and change nothing, unless the stored revision equals `ring.revision`.
    /// MUST fail with [`StoreError::Duplicate`] naming `kid` if two keys have one kid.
    /// MUST be atomic and durable: after `Ok`, `load` answers `ring` at the new revision, also after a crash.
    async fn store(&self, ring: &KeyRing) -> Result<(), StoreError>;
}
