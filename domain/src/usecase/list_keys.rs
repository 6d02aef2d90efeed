//! Listing the keys for an administrator.

use std::sync::Arc;

use super::{Keyring, Outage};
use crate::key::KeyRing;
use crate::ports::Clock;
use crate::time::Timestamp;

/// Tells of every key, published or not.
pub struct ListKeys {
    keyring: Arc<Keyring>,
    clock: Arc<dyn Clock>,
}

impl ListKeys {
    /// Lists the keys of `keyring`.
    pub fn new(keyring: Arc<Keyring>, clock: Arc<dyn Clock>) -> Self {
        Self { keyring, clock }
    }

    /// The ring as the store has it, and the instant for which to ask it of states.
    ///
    /// # Errors
    /// [`Outage`] if the store is down.
    pub async fn run(&self) -> Result<(Arc<KeyRing>, Timestamp), Outage> {
        let now = self.clock.now();
        Ok((self.keyring.refresh(now).await?, now))
    }
}
