//! Where secrets are kept sealed, seen by who seals them anew.

use async_trait::async_trait;

use super::{SealContext, Sealed, StoreError};
use crate::key::KeyRing;

/// A sealed secret where it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// What it is for, and whose it is.
    pub context: SealContext,
    /// The secret.
    pub sealed: Sealed,
}

/// The same secret, sealed anew.
#[derive(Clone, PartialEq, Eq)]
pub struct Resealing {
    /// What it is for, and whose it is.
    pub context: SealContext,
    /// How it was sealed.
    pub from: Sealed,
    /// How it is to be sealed.
    pub to: Sealed,
}

/// Everything that one database keeps sealed: what stands beside the ring is shown page by page, and replaced together with it.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait SealedSecrets: Send + Sync {
    /// At most `limit` secrets that are none of signing keys, from behind `after` on: in the order of their purposes, and of each
    /// purpose in an order that never changes. None means that there are no more.
    ///
    /// MUST show those of every other purpose, also of what is over, and each in the context in which it was sealed. MUST show also
    /// those that were damaged, so that they can be told beside all the others. MUST go on
    /// where it was also if `after` is gone by now.
    async fn page(&self, after: Option<SealContext>, limit: u32) -> Result<Vec<SealedSecret>, StoreError>;

    /// Replaces the stored ring by `ring`, as [`super::KeyRepository::store`] does, and with it every secret that is still as it
    /// was, bytes and encryption key; answers how many secrets. What is gone, or sealed with the encryption key of
    /// [`Resealing::to`] already, MUST be left alone. A secret of a signing key among `resealings` MUST be passed over: it is in the
    /// ring.
    ///
    /// MUST fail with [`StoreError::Conflict`] unless the stored revision equals `ring.revision`, and where a secret is sealed
    /// otherwise than it was with any other encryption key. MUST be atomic: it does all of it and nothing else, or changes nothing.
    /// MUST survive the machine before it answers: the encryption key that sealed what was there may be gone right after.
    async fn replace(&self, ring: &KeyRing, resealings: &[Resealing]) -> Result<u64, StoreError>;
}
