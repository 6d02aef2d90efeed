//! One thread that hashes, and the memory that it hashes in.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use allocator_api2::alloc::System;
use allocator_api2::vec::Vec;
use argon2::Block;

use crate::pool::{Next, Shared};

/// How long a thread keeps its memory when there is nothing to do: between the logins of a busy minute taking it anew would cost
/// a tenth of a hash.
const KEEPS_MEMORY_FOR: Duration = Duration::from_secs(2);

/// Allocations beyond 32 MiB are mapped, and given back to the system when they are freed; smaller ones glibc may keep, for each
/// thread. So room is reserved for this much. What is not touched costs nothing.
const MAPPED_BLOCKS: usize = 33 * 1024;

/// What a thread is given to do.
pub(crate) type Job = Box<dyn FnOnce(&mut Memory) -> Answer + Send>;

/// Tells the caller what the job came to.
pub(crate) type Answer = Box<dyn FnOnce()>;

/// The memory of one thread. It comes from the system's allocator, whichever the program has: that one gives back what is mapped.
pub(crate) struct Memory {
    blocks: Vec<Block, System>,
    kept: usize,
}

/// Does one job after the other until the pool is closed; gives the memory back when there has been none for a while.
pub(crate) fn work(shared: &Shared, kept_blocks: usize) {
    let mut memory = Memory { blocks: Vec::new_in(System), kept: kept_blocks };
    loop {
        let job = match shared.next_within(KEEPS_MEMORY_FOR) {
            Next::Job(job) => job,
            Next::Nothing => {
                memory.give_back();
                match shared.next() {
                    Some(job) => job,
                    None => return,
                }
            }
            Next::Closed => return,
        };
        metrics::gauge!("jwksd_hashes_in_flight").increment(1.0);
        // A panic ends the job, whose caller then hears of it, and not the thread.
        let answer = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
        metrics::gauge!("jwksd_hashes_in_flight").decrement(1.0);
        memory.give_back_surplus();
        // First free, then the answer: who hears it and comes again finds a thread that is idle.
        shared.finish();
        if let Ok(answer) = answer {
            answer();
        }
    }
}

impl Memory {
    /// At least so many blocks, with anything in them: a hash writes each before it reads it.
    pub(crate) fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.blocks.len() < count {
            // Freed first, so that there never are both.
            self.blocks = Vec::new_in(System);
            self.blocks.reserve_exact(count.max(MAPPED_BLOCKS));
            self.blocks.resize(count, Block::new());
        }
        &mut self.blocks
    }

    fn give_back(&mut self) {
        self.blocks = Vec::new_in(System);
    }

    /// What an old hash with a higher cost needed is not kept.
    fn give_back_surplus(&mut self) {
        if self.blocks.len() > self.kept {
            self.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_memory_of_one_usual_hash() {
        let mut memory = Memory { blocks: Vec::new_in(System), kept: 10 };
        let first = memory.blocks(10).as_ptr();
        memory.give_back_surplus();
        assert_eq!(memory.blocks(8).as_ptr(), first);
        memory.blocks(11);
        memory.give_back_surplus();
        assert_eq!(memory.blocks.capacity(), 0);
    }
}
