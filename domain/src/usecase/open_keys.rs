//! Opening the stored keys at start, so that a wrong encryption key is met before anything is written.

use std::sync::Arc;

use super::concurrently::join_all;
use super::{Keyring, Outage};
use crate::ports::Signer;

/// Loads the ring and makes ready every key that is not revoked.
pub struct OpenKeys {
    keyring: Arc<Keyring>,
    signer: Arc<dyn Signer>,
}

impl OpenKeys {
    /// Opens the keys of `keyring`.
    pub fn new(keyring: Arc<Keyring>, signer: Arc<dyn Signer>) -> Self {
        Self { keyring, signer }
    }

    /// Opens them. Writes nothing.
    ///
    /// # Errors
    /// [`Outage::Signer`] naming the first key that does not open; [`Outage::Store`] if the ring cannot be loaded.
    pub async fn run(&self) -> Result<(), Outage> {
        let ring = self.keyring.refresh().await?;
        let live = ring.keys.iter().filter(|key| key.revocation.is_none());
        let opened = join_all(live.map(|key| self.signer.prepare(key)).collect()).await;
        opened.into_iter().collect::<Result<(), _>>()?;
        Ok(())
    }
}
