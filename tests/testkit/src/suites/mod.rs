//! The contract suites, one module a port.

pub mod audit_log;
pub mod cipher;
pub mod key_repository;
pub mod password_hasher;
pub mod rate_limiter;
pub mod signature_verifier;
pub mod signer;
pub mod user_repository;
