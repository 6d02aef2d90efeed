//! Fakes and contract suites.
//!
//! A port is real when two adapters pass the same suite. `suites` has one module a port: its cases are public async functions
//! over the port's trait object, and its macro expands to one named `#[tokio::test]` a case, so that a new case reaches every
//! adapter. An adapter's `tests/contract.rs` calls the macro with an async function that makes a fresh adapter:
//!
//! ```ignore
//! jwksd_testkit::key_repository_suite!(fresh_repository);
//! ```

mod fakes;
mod macros;
pub mod suites;

pub use fakes::{ManualClock, SeededEntropy};

#[doc(hidden)]
pub use tokio;
