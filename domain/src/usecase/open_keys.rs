//! Opening the stored keys at start, so that a wrong encryption key is met before anything is written.

use std::sync::Arc;

use super::concurrently::join_all;
use super::{Keyring, Outage};
use crate::key::KeyState;
use crate::ports::{Clock, Signer, SignerError};

/// Loads the ring and makes ready every key that is not revoked.
pub struct OpenKeys {
    keyring: Arc<Keyring>,
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
}

impl OpenKeys {
    /// Opens the keys of `keyring`.
    pub fn new(keyring: Arc<Keyring>, signer: Arc<dyn Signer>, clock: Arc<dyn Clock>) -> Self {
        Self { keyring, signer, clock }
    }

    /// Opens them. Writes nothing.
    ///
    /// # Errors
    /// [`Outage::Signer`] naming the first key that does not open, but for one that was damaged and signs no more; [`Outage::Store`] if the ring cannot be loaded.
    pub async fn run(&self) -> Result<(), Outage> {
        let now = self.clock.now();
        let ring = self.keyring.refresh(now).await?;
        let live: Vec<_> = ring.keys.iter().filter(|key| key.revocation.is_none()).collect();
        let opened = join_all(live.iter().map(|key| self.signer.prepare(key)).collect()).await;
        for (key, opened) in live.into_iter().zip(opened) {
            match (key.state_at(now), opened) {
                (_, Ok(())) => {}
                // It signs no more: its tokens verify with the public half.
                (KeyState::Retired | KeyState::Expired, Err(SignerError::Rejected(_))) => {}
                (_, Err(error)) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
