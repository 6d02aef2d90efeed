//! Where one-time codes are kept.

use async_trait::async_trait;

use super::StoreError;
use crate::otp::{OtpHash, OtpId, StoredOtp};
use crate::time::Timestamp;

/// Keeps one-time codes, one of each id.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait OtpRepository: Send + Sync {
    /// Keeps `otp` in place of the one of the same id, if there is one.
    ///
    /// MUST be durable before it answers. MUST forget codes that are over at `now`, at least two at each call while there are any,
    /// so that the store does not grow for ever; MUST keep all others.
    async fn replace(&self, otp: &StoredOtp, now: Timestamp) -> Result<(), StoreError>;

    /// Spends one attempt at the code of that id ([`StoredOtp::spend_attempt`]) and answers the code as it then is; `None` where
    /// there is none, where it is over at `now`, and where no attempt is left.
    /// MUST be atomic and durable: of attempts at the same instant no more are answered than were left, also after a restart.
    async fn attempt(&self, id: OtpId, now: Timestamp) -> Result<Option<StoredOtp>, StoreError>;

    /// Uses the code of that id up, if its hash is still `hash`; tells whether.
    /// MUST be atomic and durable: of calls at the same instant exactly one is told so, and no later one ever.
    async fn consume(&self, id: OtpId, hash: &OtpHash) -> Result<bool, StoreError>;
}
