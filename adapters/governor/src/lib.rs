//! The governor adapter of the RateLimiter port, for one process.

mod decision;
mod ledger;
mod limiter;

pub use limiter::GovernorLimiter;
