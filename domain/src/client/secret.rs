//! The secrets of clients: shown once, kept as hashes, compared in constant time.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::time::Timestamp;

/// The longest secret that is looked at, in bytes: ours have 43.
const SHOWN_MAX: usize = 512;

/// A secret: 43 characters of base64url that stand for 256 random bits, or what somebody shows for one. Zeroed when dropped; has no
/// `Debug`, no `Display` and no way into a log.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// The secret of these bytes, which must be random.
    pub fn from_random(mut bytes: [u8; 32]) -> Self {
        let secret = Self(Base64UrlUnpadded::encode_string(&bytes));
        bytes.zeroize();
        secret
    }

    /// What somebody shows; `None` for what is longer than any secret, so that nobody is made to hash it.
    pub fn shown(mut text: String) -> Option<Self> {
        if text.len() <= SHOWN_MAX {
            return Some(Self(text));
        }
        text.zeroize();
        None
    }

    /// The secret itself: for the one answer that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(&self.0).into())
    }
}

/// The SHA-256 hash of a secret: enough to know it by, and nothing that could be shown. A secret has 256 random bits, so a slow hash
/// would add nothing.
#[derive(Clone, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The name of the secret that it is the hash of.
    pub fn id(&self) -> SecretId {
        let digest = Sha256::new().chain_update(b"jwksd:client-secret-id:v1:").chain_update(self.0).finalize();
        SecretId(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl PartialEq for SecretHash {
    /// Looks at every byte, wherever the first difference is.
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(0, |differences, (one, other)| differences | (one ^ other)) == 0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// What a secret is called where it is retired: 16 hexadecimal digits that tell nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretId(String);

impl SecretId {
    /// The id that is written like this, if one is.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        (text.len() == 16 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A secret as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSecret {
    /// Its hash.
    pub hash: SecretHash,
    /// When it was made, in whole seconds.
    pub created_at: Timestamp,
}

impl StoredSecret {
    /// The name of it.
    pub fn id(&self) -> SecretId {
        self.hash.id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_and_named_by_neither() {
        let secret = ClientSecret::from_random([7; 32]);
        assert_eq!(secret.expose().len(), 43);
        let shown = ClientSecret::shown(secret.expose().to_owned()).unwrap();
        assert!(shown.hash() == secret.hash());
        assert!(ClientSecret::from_random([8; 32]).hash() != secret.hash());
        let id = secret.hash().id();
        assert_eq!(SecretId::parse(id.as_str()), Some(id.clone()));
        let hexadecimal: String = secret.hash().bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!hexadecimal.contains(id.as_str()));
        assert!(ClientSecret::shown("a".repeat(513)).is_none());
    }

    #[test]
    fn what_is_no_id_is_none() {
        for text in ["", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef0", "0123456789abcdeg"] {
            assert_eq!(SecretId::parse(text), None, "{text}");
        }
    }
}
