//! The rules of jwksd.
pub mod audit;
pub mod field;
pub mod key;
pub mod limit;
pub mod ports;
pub mod time;
pub mod user;
