//! The error of every use case that could not be done because something it depends on is down.

use crate::ports::{CipherError, HasherError, SignerError, StoreError};

/// Something that the server depends on is down: the same call may succeed later. Its sources are for the log, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum Outage {
    /// A store.
    #[error("a store is down")]
    Store(#[from] StoreError),
    /// The signer.
    #[error("the signer is down")]
    Signer(#[from] SignerError),
    /// The password hasher.
    #[error("the password hasher is down")]
    Hasher(#[from] HasherError),
    /// The cipher, or a secret of a session or a second factor does not open.
    #[error("the cipher is down")]
    Cipher(#[from] CipherError),
    /// No key can sign at this instant.
    #[error("no key can sign")]
    NoKey,
}
