//! Where it is known which token has which entry of which status list, and which were called back.

use async_trait::async_trait;

use super::StoreError;
use crate::status_list::{BlockSize, StatusBlock};
use crate::time::Timestamp;

/// The status of tokens, as far as the audit log tells of them and the other stores of those they were issued to.
///
/// A list is alive at an instant if entries of it were set apart since `idle_since`, or a token that has one ends later than that
/// instant by its entry of the audit log.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait StatusLists: Send + Sync {
    /// Sets apart the block of that size behind the last one: see [`StatusBlock::behind`].
    ///
    /// MUST NOT answer a block twice, to whatever process, and MUST be durable before it answers.
    async fn reserve(&self, size: BlockSize, now: Timestamp) -> Result<StatusBlock, StoreError>;

    /// Which entries of the list belong to tokens that end later than `now` and were called back, in ascending order; `None` if the
    /// list is not alive at `now`.
    ///
    /// Called back is a token that is on the [`super::RevocationList`], one whose session was ended, one whose user is not active,
    /// and one of a client that is not active. MUST answer what was written by any call that was answered before, in whatever
    /// process.
    async fn find(&self, list: u32, now: Timestamp, idle_since: Timestamp) -> Result<Option<Vec<u16>>, StoreError>;

    /// The numbers of the lists that are alive at `now`, in ascending order.
    async fn alive(&self, now: Timestamp, idle_since: Timestamp) -> Result<Vec<u32>, StoreError>;
}
