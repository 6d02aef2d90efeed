//! Publishing the public keys: from memory, without any secret.

use std::sync::Arc;
use std::time::Duration;

use super::Keyring;
use crate::key::{KeyPolicy, PublishedSet, published_set};
use crate::ports::Clock;
use crate::time::Timestamp;

/// What caches are told of a set, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// How long it is fresh (RFC 9111 section 5.2.2.1).
    pub max_age: Duration,
    /// How long they may go on with it after that while they fetch another (RFC 5861 section 3); zero where that is not safe.
    pub stale_while_revalidate: Duration,
}

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

    /// How long caches may keep `set` from `now` on. Less and less where the store is not reached: others may have published
    /// what is not known here, and may sign with it when whatever was kept of their last common set is over.
    pub fn freshness(&self, set: &PublishedSet, now: Timestamp) -> Freshness {
        let overdue = self.keyring.overdue(now);
        let left = |age: Duration| Duration::from_secs(age.saturating_sub(overdue).as_secs());
        Freshness {
            max_age: left(set.max_age_at(now, &self.policy)),
            stale_while_revalidate: left(set.stale_for_at(now, &self.policy)),
        }
    }
}
