//! The rules of jwksd: what keys, tokens, users and limits are, and when what happens to them. No I/O, no clock, no randomness,
//! no runtime, no HTTP, no SQL.
//!
//! # Vocabulary
//!
//! - A **key** is a [`key::SigningKey`]: a public half, a sealed private half and a schedule. Its **kid** is its RFC 7638
//!   thumbprint. Its state is a question to the clock, never stored.
//! - The **ring** is a [`key::KeyRing`]: every key as one aggregate with a **revision**, replaced by compare-and-swap.
//! - The **published set** is what the JWKS holds at an instant: [`key::published_set()`].
//! - A **plan** is what must be done next to the ring: [`key::plan()`].
//! - To **seal** is to encrypt at rest, bound to what the secret is for: [`ports::Cipher`].
//! - A **one-time code** is good once and for a short while: the six digits for a login, or the token that sets a password anew.
//! - A **session** is what a login opens and a logout ends: a family of refresh tokens, each with one successor:
//!   [`session::Session`]. Its **generation** is the number of its newest token.
//! - A **second factor** is what a user shows beside a password: [`second_factor::SecondFactor`].
//! - A **client** is a machine with tokens of its own: [`client::Client`], one aggregate with a revision.
//! - A **status list** tells of 65,536 tokens which were called back: [`status_list`]. Each token has one **entry** of one list.
//! - A **bucket** holds the tries that a [`limit::Quota`] grants to an address or an account.
//! - An **entry** of the audit log is one attempt, whatever came of it: [`audit::AuditEntry`].
//!
//! # The life of a key
//!
//! ```text
//!           publish lead                       longest token life + skew
//!  published_from ──▶ signs_from ═══ signing ═══ signs_until ──────────▶ published_until ──▶ erased
//!      standby                 active                     retired                   expired
//! ```
//!
//! A stand-by is always published, so an emergency switch meets caches that know it; the one after it is made a lead ahead, and
//! published in the instant in which the stand-by begins to sign. The first key needs no lead. After a long
//! sleep the newest key that is still published signs on until its successor is known.
//!
//! # Modules, in reading order
//!
//! [`time`], [`field`] and [`user`] are values that cannot be invalid; [`key`], [`token`], [`session`], [`second_factor`], [`client`] and
//! [`status_list`] are the rules; [`otp`], [`mail`], [`limit`], [`audit`], [`decoy`] and [`password_policy`] the smaller ones; [`lab`] is what the dev profile has to test
//! verifiers with; [`ports`] is what the core needs of the outside; [`usecase`] is what jwksd does.
//!
//! # How to add a use case
//!
//! Write the rule as a pure function where it belongs, with tests of plain values. Add a file to `usecase` with one struct and one
//! method `run` that fetches, asks the rule, and carries out. Log before answering. Give it the ports it needs and no others.

pub mod audit;
pub mod client;
mod constant_time;
pub mod decoy;
pub mod field;
pub mod key;
pub mod lab;
#[cfg(test)]
mod laws;
pub mod limit;
pub mod mail;
pub mod otp;
pub mod password_policy;
pub mod ports;
mod role;
pub mod second_factor;
pub mod session;
pub mod status_list;
pub mod time;
pub mod token;
pub mod usecase;
pub mod user;
mod uuid;
