//! Entries of status lists for tokens that are issued: from memory, and from the store a thousand at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Outage;
use crate::ports::{Entropy, StatusLists};
use crate::status_list::{BlockSize, StatusBlock, StatusEntry};
use crate::time::Timestamp;

/// Gives each token an entry of its own.
pub struct StatusEntries {
    lists: Arc<dyn StatusLists>,
    entropy: Arc<dyn Entropy>,
    supply: Mutex<Supply>,
}

/// What is left.
struct Supply {
    /// Several where many tokens were issued at the moment at which the last one ran out.
    blocks: Vec<Block>,
    /// How many are set apart next: few at first.
    size: BlockSize,
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
        let supply = Mutex::new(Supply { blocks: Vec::new(), size: BlockSize::Small });
        Self { lists, entropy, supply }
    }

    /// An entry that no other token has.
    ///
    /// # Errors
    /// [`Outage`] if none are left and the store is down.
    pub(super) async fn next(&self, now: Timestamp) -> Result<StatusEntry, Outage> {
        let size = match self.left(now) {
            Ok(entry) => return Ok(entry),
            Err(size) => size,
        };
        let mut key = [0; 4];
        self.entropy.fill(&mut key);
        let block = self.lists.reserve(size, now).await?;
        let key = u32::from_be_bytes(key);
        let mut supply = self.lock();
        supply.size = BlockSize::Usual;
        supply.blocks.push(Block { block, reserved_at: now, turn: 1, key });
        Ok(block.entry(0, key))
    }

    /// An entry that is left, or how many are to be set apart.
    fn left(&self, now: Timestamp) -> Result<StatusEntry, BlockSize> {
        let mut supply = self.lock();
        let is_left =
            |block: &Block| block.turn < block.block.size.entries() && now.since(block.reserved_at) < Self::BLOCK_LIFE;
        supply.blocks.retain(is_left);
        let size = supply.size;
        let Block { block, turn, key, .. } = supply.blocks.first_mut().ok_or(size)?;
        let entry = block.entry(*turn, *key);
        *turn += 1;
        Ok(entry)
    }

    fn lock(&self) -> MutexGuard<'_, Supply> {
        self.supply.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ports::{MockEntropy, MockStatusLists};
    use crate::usecase::tests::NOW;

    /// Entries of a store that sets block after block apart, and the sizes that it was asked for.
    fn entries() -> (StatusEntries, Arc<Mutex<Vec<BlockSize>>>) {
        let (asked, mut entropy, mut lists) = (Arc::default(), MockEntropy::new(), MockStatusLists::new());
        let (sizes, mut last) = (Arc::clone(&asked), None);
        entropy.expect_fill().returning(|bytes| bytes.fill(9));
        lists.expect_reserve().returning(move |size, _| {
            let block = StatusBlock::behind(last, size);
            last = Some((block.list, block.end()));
            let sizes: &Mutex<Vec<_>> = &sizes;
            sizes.lock().unwrap().push(size);
            Ok(block)
        });
        (StatusEntries::new(Arc::new(lists), Arc::new(entropy)), asked)
    }

    #[tokio::test]
    async fn no_two_tokens_have_one_entry_and_few_are_set_apart_for_the_first() {
        let (entries, asked) = entries();
        let mut given = BTreeSet::new();
        for count in 1..=2000 {
            assert!(given.insert(entries.next(NOW).await.unwrap()));
            let reserved: u32 = asked.lock().unwrap().iter().map(|size| u32::from(size.entries())).sum();
            let expected = [32, 32 + 1024, 32 + 2048].into_iter().find(|reserved| count <= *reserved);
            assert_eq!(Some(reserved), expected, "after {count}");
        }
    }

    #[tokio::test]
    async fn what_is_left_after_an_hour_is_never_given_out() {
        let (entries, asked) = entries();
        let first = entries.next(NOW).await.unwrap();
        let late = NOW.plus(StatusEntries::BLOCK_LIFE);
        entries.next(late.minus(Duration::from_millis(1))).await.unwrap();
        assert_eq!(asked.lock().unwrap().len(), 1);
        let next = entries.next(late).await.unwrap();
        assert_eq!(*asked.lock().unwrap(), [BlockSize::Small, BlockSize::Usual]);
        assert!(next.index >= 32 && first.index < 32);
    }
}
