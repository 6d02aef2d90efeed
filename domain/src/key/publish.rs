//! What the JWKS is at an instant, and until when that stays true.

use std::time::Duration;

use super::{KeyPolicy, KeyRing, PublicJwk};
use crate::time::Timestamp;

/// The published keys at an instant. A function of the ring, the policy and the clock, and of nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedSet {
    /// The public keys: the signer's first, then the stand-by, then the retired ones.
    pub keys: Vec<PublicJwk>,
    /// When the set becomes another one by schedule; no rendering is kept beyond it.
    pub until: Option<Timestamp>,
}

impl PublishedSet {
    /// How long a cache may keep the set from `now` on, in whole seconds: the configured age, or less if the set changes before.
    pub fn max_age_at(&self, now: Timestamp, policy: &KeyPolicy) -> Duration {
        let bound = policy.max_age.min(policy.publish_lead);
        let age = self.until.map_or(bound, |until| bound.min(until.since(now)));
        Duration::from_secs(age.as_secs())
    }
}

/// The published set of `ring` at `now`.
pub fn published_set(ring: &KeyRing, now: Timestamp) -> PublishedSet {
    let keys = ring.published_at(now).into_iter().map(|key| key.public.clone()).collect();
    PublishedSet { keys, until: ring.next_publication_change_after(now) }
}
