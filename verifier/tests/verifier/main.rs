//! What is accepted and what is refused, from outside the crate.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod encodings;
mod http;
mod issuer;
mod middleware;
mod remote;
mod rotation;
mod served;
mod sets;
mod signatures;
mod status;
mod tampering;
mod tokens;
