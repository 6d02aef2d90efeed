//! The entries of the lists, and how they are set apart for those who issue tokens.

/// How many entries a list has.
pub const LIST_SIZE: u32 = 1 << u16::BITS;

/// How many entries are set apart at once.
pub const BLOCK_SIZE: u16 = 1 << 10;

/// One entry: that of one token, and of no other ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusEntry {
    /// The number of the list, from one on.
    pub list: u32,
    /// The place in the list.
    pub index: u16,
}

/// [`BLOCK_SIZE`] entries that belong to whoever has set them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusBlock {
    /// The number of the list, from one on.
    pub list: u32,
    /// The place of its first entry, a multiple of [`BLOCK_SIZE`].
    pub first: u16,
}

impl StatusBlock {
    /// The very first block.
    pub const FIRST: Self = Self { list: 1, first: 0 };

    /// The block behind this one, in the next list where this one is full.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.first.checked_add(BLOCK_SIZE) {
            Some(first) => Self { first, ..self },
            None => Self { list: self.list.saturating_add(1), first: 0 },
        }
    }

    /// The entry that is given out as number `turn` of the block, counted from zero and below [`BLOCK_SIZE`].
    ///
    /// Which one that is depends on `key`, so that neighbours in the list are not those in time (section 12.5.1 of the draft). A step
    /// that is odd meets every entry of a block whose size is a power of two, each once.
    pub const fn entry(self, turn: u16, key: u32) -> StatusEntry {
        let [start, step] = [key as u16, (key >> u16::BITS) as u16 | 1];
        let place = start.wrapping_add(turn.wrapping_mul(step)) % BLOCK_SIZE;
        StatusEntry { list: self.list, index: self.first + place }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_cover_every_list_from_its_first_entry_to_its_last() {
        let per_list = usize::try_from(LIST_SIZE).unwrap() / usize::from(BLOCK_SIZE);
        let blocks: Vec<_> =
            std::iter::successors(Some(StatusBlock::FIRST), |block| Some(block.next())).take(2 * per_list).collect();
        assert_eq!(blocks[per_list - 1], StatusBlock { list: 1, first: u16::MAX - BLOCK_SIZE + 1 });
        assert_eq!(blocks[per_list], StatusBlock { list: 2, first: 0 });
        assert_eq!(blocks.iter().collect::<BTreeSet<_>>().len(), blocks.len());
    }

    proptest! {
        #[test]
        fn every_entry_of_a_block_is_given_out_once(key: u32) {
            let block = StatusBlock { list: 7, first: 3 * BLOCK_SIZE };
            let entries: BTreeSet<_> = (0..BLOCK_SIZE).map(|turn| block.entry(turn, key)).collect();
            let own = (block.first..block.first + BLOCK_SIZE).map(|index| StatusEntry { list: 7, index });
            prop_assert_eq!(entries, own.collect::<BTreeSet<_>>());
        }
    }
}
