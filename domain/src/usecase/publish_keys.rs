//! Publishing the public keys: from memory, without any secret.

use std::sync::Arc;
use std::time::Duration;

use super::Keyring;
use crate::key::{KeyPolicy, PublishedSet, published_set};
use crate::ports::Clock;
use crate::time::Timestamp;

/// Tells what the JWKS is now.
pub struct PublishKeys {
    keyring: Arc<Keyring>,
    clock: Arc<dyn Clock>,
    policy: KeyPolicy,
}

impl PublishKeys {
    /// Publishes from `keyring`; neither a cipher nor a signer is at hand here (I7).
    pub fn new(keyring: Arc<Keyring>, clock: Arc<dyn Clock>, policy: KeyPolicy) -> Self {
        Self { keyring, clock, policy }
    }

    /// The published keys now.
    pub fn run(&self) -> PublishedSet {
        published_set(&self.keyring.current(), self.now())
    }

    /// Whoever keeps a rendering of [`PublishKeys::run`] throws it away when this moves on, or at the set's `until`.
    pub fn generation(&self) -> u64 {
        self.keyring.generation()
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How long a cache may keep `set` from `now` on, in whole seconds.
    pub fn max_age(&self, set: &PublishedSet, now: Timestamp) -> Duration {
        set.max_age_at(now, &self.policy)
    }
}
