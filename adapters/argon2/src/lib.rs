//! The Argon2id adapter of the PasswordHasher port, off the async threads and bounded.
//!
//! [`Bounds::concurrent`] threads compute hashes, each in memory of its own, and [`Bounds::queue`] callers may wait for them;
//! whoever comes later is refused at once. So all hashing together takes no more memory than `concurrent` hashes do, whatever
//! the flood, and soon after it none.

mod hasher;
mod params;
mod pool;
mod stored_hash;
mod worker;

pub use hasher::Argon2Hasher;
pub use params::{Argon2Params, Bounds, SetUpError};
