//! The system clock and the operating system's randomness.
