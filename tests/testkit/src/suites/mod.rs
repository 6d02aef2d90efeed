//! The contract suites, one module a port.

#![expect(clippy::unwrap_used, reason = "suites are tests, in a library so that every adapter can run them")]

pub mod audit_log;
pub mod cipher;
pub mod client_repository;
pub mod clock;
pub mod durability;
pub mod entropy;
pub mod key_custody;
pub mod key_repository;
pub mod mailer;
pub mod otp_repository;
pub mod password_hash_survey;
pub mod password_hasher;
pub mod rate_limiter;
pub mod revocation_list;
pub mod sealed_secrets;
pub mod second_factor_repository;
pub mod session_journal;
pub mod session_repository;
pub mod signature_verifier;
pub mod signer;
pub mod status_lists;
pub mod user_repository;
