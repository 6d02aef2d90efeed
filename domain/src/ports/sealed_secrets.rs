//! Where secrets of one purpose are kept sealed, seen by who seals them anew.

use async_trait::async_trait;

use super::{Purpose, SealContext, Sealed, StoreError};

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

/// Every sealed secret of one purpose. The private halves of signing keys are none of these: they are replaced with their ring.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait SealedSecrets: Send + Sync {
    /// What they are for.
    fn purpose(&self) -> Purpose;

    /// At most `limit` secrets in ascending order of [`SealContext::subject`], byte by byte, from behind the subject `after` on.
    /// MUST show all of them, also those of what is over, and each in the context in which it was sealed.
    async fn page(&self, after: Option<String>, limit: u32) -> Result<Vec<SealedSecret>, StoreError>;

    /// Puts secrets in the place of what they were, each where that is still as it was, bytes and encryption key; answers how many.
    ///
    /// MUST do all of it as one, and change nothing else. MUST survive the machine before it answers: the encryption key that
    /// sealed what was there may be gone right after.
    async fn replace(&self, resealings: &[Resealing]) -> Result<u64, StoreError>;
}
