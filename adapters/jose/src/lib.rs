//! The software signer and verifier: RSA, ECDSA and Ed25519 keys.
//!
//! Private keys are used by aws-lc-rs only, whose operations are constant-time; the `rsa` crate, whose private-key operations
//! are not (RUSTSEC-2023-0071), reads public encodings and nothing else. Signatures are checked by `jsonwebtoken`.

mod custody;
mod private_key;
mod signer;
mod verifier;

pub use private_key::RsaSize;
pub use signer::SoftwareSigner;
pub use verifier::SoftwareVerifier;
