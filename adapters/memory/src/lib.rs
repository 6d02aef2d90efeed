//! The in-memory adapter: every store port over plain maps.
