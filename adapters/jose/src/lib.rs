//! The software signer and verifier: RSA, ECDSA and Ed25519 keys.
