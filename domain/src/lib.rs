//! The rules of jwksd.
pub mod audit;
pub mod field;
pub mod key;
pub mod limit;
pub mod password_policy;
pub mod ports;
pub mod time;
pub mod token;
pub mod usecase;
pub mod user;
