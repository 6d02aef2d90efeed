//! The governor adapter of the RateLimiter port, for one process.
