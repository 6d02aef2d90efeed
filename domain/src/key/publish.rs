//! What the JWKS is at an instant, and until when that stays true.

use std::time::Duration;

use super::{KeyPolicy, KeyRing, PublicJwk};
use crate::time::Timestamp;

/// The longest that a cache may go on with a set whose age is over while it fetches another (RFC 5861 section 3).
const STALE_MAX: Duration = Duration::from_secs(60);

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

    /// How long a cache may go on with the set beyond [`PublishedSet::max_age_at`] while it fetches another, in whole seconds: a
    /// minute at most, and no longer than the publish lead leaves room for; zero where that is not safe.
    pub fn stale_for_at(&self, now: Timestamp, policy: &KeyPolicy) -> Duration {
        let age = self.max_age_at(now, policy);
        let room = policy.publish_lead.saturating_sub(policy.max_age + policy.replica_lag).min(STALE_MAX);
        let stale = self.until.map_or(room, |until| room.min(until.since(now).saturating_sub(age)));
        Duration::from_secs(stale.as_secs())
    }
}

/// How long after a change of the ring the last cache that heeds what it was told has forgotten the set before.
pub fn forgotten_after(policy: &KeyPolicy) -> Duration {
    let stale = PublishedSet { keys: Vec::new(), until: None }.stale_for_at(Timestamp::from_unix_seconds(0), policy);
    policy.max_age.min(policy.publish_lead) + stale + policy.replica_lag
}

/// The published set of `ring` at `now`.
pub fn published_set(ring: &KeyRing, now: Timestamp) -> PublishedSet {
    let keys = ring.published_at(now).into_iter().map(|key| key.public.clone()).collect();
    PublishedSet { keys, until: ring.next_publication_change_after(now) }
}
