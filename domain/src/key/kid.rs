//! Names of keys that say nothing of their secrets.

use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Text that is no id of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key id")]
pub struct MalformedId;

/// The id of a signing key: its RFC 7638 SHA-256 thumbprint, 43 base64url characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Kid(String);

impl Kid {
    /// Reads a kid.
    ///
    /// # Errors
    /// Fails for anything but 43 base64url characters.
    pub fn parse(text: &str) -> Result<Self, MalformedId> {
        let base64url = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        if text.len() == 43 && text.bytes().all(base64url) { Ok(Self(text.to_owned())) } else { Err(MalformedId) }
    }

    pub(super) const fn from_thumbprint(text: String) -> Self {
        Self(text)
    }

    /// The text of the kid.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of an encryption key: the first 8 bytes, in hex, of a labelled SHA-256 of the key. Tells two keys apart and no more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EncryptionKeyId(String);

impl EncryptionKeyId {
    /// The id of `key`.
    pub fn of(key: &[u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(b"jwksd:encryption-key-id:v1:").chain_update(key).finalize();
        Self(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The id as a store has it, whatever stands there: a row that was damaged is still to be shown, and told as one.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// Whether it can be the id of any key: 16 lower-case hexadecimal digits.
    pub fn is_well_formed(&self) -> bool {
        let hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        self.0.len() == 16 && self.0.bytes().all(hex)
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EncryptionKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
