//! Fakes and contract suites.
//!
//! A port is real when two adapters pass the same suite. `suites` has one module a port: its cases are public async functions
//! over the port's trait object, and its macro expands to one named `#[tokio::test]` a case, so that a new case reaches every
//! adapter. An adapter's `tests/contract.rs` calls the macro with an async function that makes a fresh adapter:
//!
//! ```text
//! jwksd_testkit::key_repository_suite!(fresh_repository);
//! ```

mod fake_cipher;
mod fake_custody;
mod fake_hasher;
mod fake_limiter;
mod fake_mailer;
mod fake_signer;
mod fakes;
mod fixture;
mod macros;
pub mod measure;
pub mod suites;

pub use fake_cipher::FakeCipher;
pub use fake_hasher::PlainHasher;
pub use fake_limiter::MemoryLimiter;
pub use fake_mailer::FakeMailer;
pub use fake_signer::{FakeSigner, FakeVerifier};
pub use fakes::{ManualClock, SeededEntropy};
pub use fixture::Fixture;

#[doc(hidden)]
pub use tokio;
