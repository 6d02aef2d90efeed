//! The one source of time.

use crate::time::Timestamp;

/// Tells the time. Nothing else in the core, nor behind a port, decides by another clock.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait Clock: Send + Sync {
    /// The present instant. MUST NOT block.
    fn now(&self) -> Timestamp;
}
