//! The entries of the lists, and how they are set apart for those who issue tokens.

/// How many entries a list has.
pub const LIST_SIZE: u32 = 1 << u16::BITS;

/// One entry: that of one token, and of no other ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusEntry {
    /// The number of the list, from one on.
    pub list: u32,
    /// The place in the list.
    pub index: u16,
}

/// How many entries are set apart at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockSize {
    /// 32: for the first tokens of a process, which may be a command that issues one.
    Small,
    /// 1024.
    Usual,
}

impl BlockSize {
    /// The number: a power of two.
    pub const fn entries(self) -> u16 {
        match self {
            Self::Small => 1 << 5,
            Self::Usual => 1 << 10,
        }
    }
}

/// Entries that belong to whoever has set them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusBlock {
    /// The number of the list, from one on.
    pub list: u32,
    /// The place of the first of them.
    pub first: u16,
    /// How many there are.
    pub size: BlockSize,
}

impl StatusBlock {
    /// The block of that size behind the last one: `last` is its list, and how many entries of that were set apart. In the next list
    /// where it does not fit.
    pub const fn behind(last: Option<(u32, u32)>, size: BlockSize) -> Self {
        match last {
            Some((list, reserved)) if reserved + size.entries() as u32 <= LIST_SIZE => {
                Self { list, first: reserved as u16, size }
            }
            Some((list, _)) => Self { list: list.saturating_add(1), first: 0, size },
            None => Self { list: 1, first: 0, size },
        }
    }

    /// How many entries of its list are set apart with it.
    pub const fn end(self) -> u32 {
        self.first as u32 + self.size.entries() as u32
    }

    /// The entry that is given out as number `turn` of the block, counted from zero and below its size.
    ///
    /// Which one that is depends on `key`, so that neighbours in the list are not those in time (section 12.5.1 of the draft). A step
    /// that is odd meets every entry of a block whose size is a power of two, each once.
    pub const fn entry(self, turn: u16, key: u32) -> StatusEntry {
        let [start, step] = [key as u16, (key >> u16::BITS) as u16 | 1];
        let place = start.wrapping_add(turn.wrapping_mul(step)) % self.size.entries();
        StatusEntry { list: self.list, index: self.first + place }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn size() -> impl Strategy<Value = BlockSize> {
        prop_oneof![Just(BlockSize::Small), Just(BlockSize::Usual)]
    }

    proptest! {
        #[test]
        fn blocks_follow_one_another_and_end_with_their_list(sizes in prop::collection::vec(size(), 1..300)) {
            let mut last = None;
            for size in sizes {
                let block = StatusBlock::behind(last, size);
                match last {
                    Some((list, reserved)) if block.list == list => prop_assert_eq!(u32::from(block.first), reserved),
                    Some((list, reserved)) => {
                        prop_assert_eq!((block.list, block.first), (list + 1, 0));
                        prop_assert!(reserved + u32::from(size.entries()) > LIST_SIZE);
                    }
                    None => prop_assert_eq!((block.list, block.first), (1, 0)),
                }
                prop_assert!(block.end() <= LIST_SIZE);
                last = Some((block.list, block.end()));
            }
        }

        #[test]
        fn every_entry_of_a_block_is_given_out_once(key: u32, size in size()) {
            let block = StatusBlock { list: 7, first: 96, size };
            let entries: BTreeSet<_> = (0..size.entries()).map(|turn| block.entry(turn, key)).collect();
            let own = (96..96 + size.entries()).map(|index| StatusEntry { list: 7, index });
            prop_assert_eq!(entries, own.collect::<BTreeSet<_>>());
        }
    }
}
