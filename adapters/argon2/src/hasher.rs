//! The hasher: waits for a turn, then works on a thread of the pool.

use std::sync::Arc;

use argon2::Block;
use argon2::password_hash::phc::Salt;
use async_trait::async_trait;
use jwksd_domain::ports::{Entropy, HasherError, PasswordHasher, Verification};
use jwksd_domain::user::{Password, PasswordHash};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::params::{Argon2Params, Bounds, SetUpError};
use crate::pool::Pool;
use crate::stored_hash::{Limits, StoredHash};

/// Hashes passwords with Argon2id.
pub struct Argon2Hasher {
    limits: Limits,
    decoy: StoredHash,
    pool: Pool,
    entropy: Arc<dyn Entropy>,
}

impl Argon2Hasher {
    /// A hasher whose new hashes cost `params`.
    ///
    /// # Errors
    /// Fails for parameters that Argon2 is not defined for, and where the system gives no threads.
    pub fn new(params: Argon2Params, bounds: Bounds, entropy: Arc<dyn Entropy>) -> Result<Self, SetUpError> {
        let checked = params.check()?;
        Ok(Self {
            decoy: StoredHash::decoy(&checked, &*entropy),
            pool: Pool::new(bounds, params, checked.block_count()).map_err(SetUpError::NoThread)?,
            limits: Limits { params: checked, stored_memory_kib: bounds.stored_memory_kib },
            entropy,
        })
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        let password = normalized(password);
        let params = self.limits.params.clone();
        let mut salt = [0; Salt::RECOMMENDED_LENGTH];
        self.entropy.fill(&mut salt);
        let work = move |memory: &mut [Block]| StoredHash::make(&params, password.as_bytes(), salt, memory);
        let hash = self.pool.run(self.limits.params.block_count(), work).await?;
        hash.map(PasswordHash).map_err(unavailable)
    }

    async fn verify<'a>(
        &self,
        password: &Password,
        hash: Option<&'a PasswordHash>,
    ) -> Result<Verification, HasherError> {
        let password = normalized(password);
        let stored = hash.and_then(|hash| StoredHash::parse(&hash.0, &self.limits));
        let compared = stored.clone().unwrap_or_else(|| self.decoy.clone());
        let work = move |memory: &mut [Block]| compared.matches(password.as_bytes(), memory);
        let blocks = stored.as_ref().unwrap_or(&self.decoy).blocks();
        let matches = self.pool.run(blocks, work).await?.map_err(unavailable)?;
        // What the decoy came to is not looked at: there is no password that could match it.
        match stored {
            Some(stored) if matches => {
                Ok(Verification::Matches { outdated: stored.is_weaker_than(&self.limits.params) })
            }
            Some(_) | None => Ok(Verification::Differs),
        }
    }
}

/// One password, however it was typed: in Unicode normalization form C (NIST SP 800-63B-4 section 3.1.1.2).
fn normalized(password: &Password) -> Zeroizing<String> {
    let given = password.expose();
    // Room for the longest form (UAX #15: three times), so that no copy is left behind by growing.
    let mut text = Zeroizing::new(String::with_capacity(3 * given.len()));
    text.extend(given.nfc());
    text
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> HasherError {
    HasherError::Unavailable(Box::new(error))
}
