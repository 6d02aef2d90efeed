//! The AES-256-GCM adapter of the Cipher port.
