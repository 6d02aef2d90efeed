//! A deterministic simulation of the life of keys: replicas over one store with compare-and-swap, verifiers with caches, clocks
//! that differ, crashes at every scheduling point, and operators, all of it chosen by one seed.
//!
//! `world` is the system and `moves` what happens to it; `judge` and `ledger` say what must hold after every step; `teeth` plants
//! faults and sees them caught. CONTRIBUTING.md says how to run longer and how to replay a seed.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod backstage;
mod deeds;
mod dice;
mod errands;
mod fault;
mod invariant;
mod judge;
mod ledger;
mod looks;
mod moves;
mod ports;
mod replica;
mod seeds;
mod setting;
mod tally;
mod task;
mod teeth;
mod trace;
mod trouble;
mod verifier;
mod world;
