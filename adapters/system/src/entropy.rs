//! The randomness of the operating system.

use jwksd_domain::ports::Entropy;

/// Draws from the operating system's generator (`getrandom(2)` on Linux).
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// # Panics
    /// Panics where the operating system has no randomness. There is nothing to fall back on: a salt, nonce or key from
    /// a weaker source would break every promise made with it, so the request that needed it must die.
    fn fill(&self, bytes: &mut [u8]) {
        match getrandom::fill(bytes) {
            Ok(()) => {}
            Err(error) => panic!("the operating system gives no randomness, so no secret can be made: {error}"),
        }
    }
}
