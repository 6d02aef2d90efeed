//! A password hasher that is fast, and therefore none.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use jwksd_domain::ports::{HasherError, PasswordHasher, Verification};
use jwksd_domain::user::{Password, PasswordHash};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// Hashes with one round of SHA-256, into `$plain$strength$salt$hash`; its salts are a counter.
pub struct PlainHasher {
    strength: u32,
    salts: AtomicU64,
}

impl PlainHasher {
    /// A hasher to which hashes of less `strength` are outdated.
    pub const fn new(strength: u32) -> Self {
        Self { strength, salts: AtomicU64::new(1) }
    }
}

impl Default for PlainHasher {
    fn default() -> Self {
        Self::new(1)
    }
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        Ok(PasswordHash(plain(self.strength, self.salts.fetch_add(1, Ordering::SeqCst), password)))
    }

    async fn verify<'a>(
        &self,
        password: &Password,
        hash: Option<&'a PasswordHash>,
    ) -> Result<Verification, HasherError> {
        Ok(match hash.and_then(|hash| Some((hash, read(&hash.0)?))) {
            Some((hash, (strength, salt))) if plain(strength, salt, password) == hash.0 => {
                Verification::Matches { outdated: strength < self.strength }
            }
            _ => Verification::Differs,
        })
    }
}

fn plain(strength: u32, salt: u64, password: &Password) -> String {
    let normalized: String = password.expose().nfc().collect();
    let hash = Sha256::new().chain_update(salt.to_be_bytes()).chain_update(normalized).finalize();
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("$plain${strength}${salt}${hash}")
}

/// Strength and salt.
fn read(hash: &str) -> Option<(u32, u64)> {
    let mut parts = hash.strip_prefix("$plain$")?.split('$');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
