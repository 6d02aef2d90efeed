//! Entries of status lists for tokens that are issued: from memory, and from the store a thousand at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Outage;
use crate::ports::{Entropy, StatusLists};
use crate::status_list::{BLOCK_SIZE, StatusBlock, StatusEntry};
use crate::time::Timestamp;

/// Gives each token an entry of its own.
pub struct StatusEntries {
    lists: Arc<dyn StatusLists>,
    entropy: Arc<dyn Entropy>,
    /// What is left. Several where many tokens were issued at the moment at which the last one ran out.
    blocks: Mutex<Vec<Block>>,
}

/// A block of which entries are left.
struct Block {
    block: StatusBlock,
    reserved_at: Timestamp,
    /// How many are given out.
    turn: u16,
    /// In which order: see [`StatusBlock::entry`].
    key: u32,
}

impl StatusEntries {
    /// For how long after it was set apart entries of a block are given out. What is left then is never given out, and a list
    /// whose tokens have ended is known to get no others.
    pub(super) const BLOCK_LIFE: Duration = Duration::from_secs(3600);

    /// Takes entries from `lists`, in an order that `entropy` decides.
    pub fn new(lists: Arc<dyn StatusLists>, entropy: Arc<dyn Entropy>) -> Self {
        Self { lists, entropy, blocks: Mutex::default() }
    }

    /// An entry that no other token has.
    ///
    /// # Errors
    /// [`Outage`] if none are left and the store is down.
    pub(super) async fn next(&self, now: Timestamp) -> Result<StatusEntry, Outage> {
        if let Some(entry) = self.left(now) {
            return Ok(entry);
        }
        let mut key = [0; 4];
        self.entropy.fill(&mut key);
        let block = self.lists.reserve(now).await?;
        let key = u32::from_be_bytes(key);
        self.lock().push(Block { block, reserved_at: now, turn: 1, key });
        Ok(block.entry(0, key))
    }

    fn left(&self, now: Timestamp) -> Option<StatusEntry> {
        let mut blocks = self.lock();
        blocks.retain(|block| block.turn < BLOCK_SIZE && now.since(block.reserved_at) < Self::BLOCK_LIFE);
        let Block { block, turn, key, .. } = blocks.first_mut()?;
        let entry = block.entry(*turn, *key);
        *turn += 1;
        Some(entry)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Block>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
