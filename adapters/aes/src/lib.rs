//! The AES-256-GCM adapter of the Cipher port.
//!
//! A sealed secret is a fresh 96-bit nonce, then the ciphertext with its 128-bit tag. Sealing takes the current encryption
//! key; opening also knows the previous ones, so that a key can be changed while old ciphertexts are still about.

mod cipher;
mod encryption_key;

pub use cipher::AesGcmCipher;
pub use encryption_key::EncryptionKey;
