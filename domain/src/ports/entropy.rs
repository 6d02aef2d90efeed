//! The one source of randomness.

/// Draws random bytes.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with bytes fit for keys, nonces and identifiers. MUST fill all of them and MUST NOT repeat.
    fn fill(&self, bytes: &mut [u8]);
}
