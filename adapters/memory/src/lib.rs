//! The in-memory adapter: every store port over plain maps.
//!
//! It keeps each MUST of the ports and forgets everything with the process. Each method that changes something holds one lock from
//! its first look to its last change, which is what makes it atomic, and gives it back before anything else runs.

mod audit_log;
mod client_repository;
mod key_repository;
mod otp_repository;
mod revocation_list;
mod sealed_secrets;
mod second_factor_repository;
mod session_journal;
mod session_repository;
mod status_lists;
mod user_repository;

pub use audit_log::MemoryAuditLog;
pub use client_repository::MemoryClientRepository;
pub use key_repository::MemoryKeyRepository;
pub use otp_repository::MemoryOtpRepository;
pub use revocation_list::MemoryRevocationList;
pub use sealed_secrets::MemorySealedSecrets;
pub use second_factor_repository::MemorySecondFactorRepository;
pub use session_journal::MemorySessionJournal;
pub use session_repository::MemorySessionRepository;
pub use status_lists::{MemoryStatusLists, MemoryStatusSources};
pub use user_repository::MemoryUserRepository;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the lock. A thread that panicked while it held the lock had either changed nothing yet or was done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
