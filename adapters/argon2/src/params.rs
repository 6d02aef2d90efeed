//! What a hash costs, and how many may be under way.

use std::num::NonZeroUsize;

use argon2::Params;

/// The cost of one hash with Argon2id version 1.3 (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Params {
    /// The memory that it fills, in KiB.
    pub memory_kib: u32,
    /// How many times it goes over the memory.
    pub iterations: u32,
    /// Into how many lanes the memory is divided. They are computed one after the other.
    pub parallelism: u32,
}

/// How much may be under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many hashes are computed at once: as many as there are cores, more gain nothing.
    pub concurrent: NonZeroUsize,
    /// How many may wait beside.
    pub queue: usize,
    /// The most memory that a stored hash may ask for, in KiB; one that asks for more matches no password. Never less than
    /// new hashes take.
    pub stored_memory_kib: u32,
}

/// Why there can be no hasher.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The parameters are outside of what Argon2 is defined for.
    #[error("impossible Argon2 parameters: {0}")]
    ImpossibleParams(argon2::Error),
    /// The system gives no thread to hash on.
    #[error("no thread to hash passwords on")]
    NoThread(#[source] std::io::Error),
}

impl Default for Argon2Params {
    /// The parameters that OWASP's Password Storage Cheat Sheet names first for one lane.
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

impl Bounds {
    /// One hash a core, 32 waiting for each, and stored hashes of up to 64 MiB, the default of other libraries.
    pub const fn of_cores(cores: NonZeroUsize) -> Self {
        Self { concurrent: cores, queue: 32 * cores.get(), stored_memory_kib: 65_536 }
    }
}

impl Argon2Params {
    /// The length of the tag in bytes.
    const TAG: usize = 32;

    pub(crate) fn check(self) -> Result<Params, SetUpError> {
        Params::new(self.memory_kib, self.iterations, self.parallelism, Some(Self::TAG))
            .map_err(SetUpError::ImpossibleParams)
    }
}
