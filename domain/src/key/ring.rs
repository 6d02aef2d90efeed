//! The key ring: every key that is known, as one aggregate with a revision.

use std::collections::BTreeSet;

use super::{KeyPurpose, KeyState, Kid, Plan, Revocation, SigningKey};
use crate::time::Timestamp;

/// All keys, and the kids that must never come back. Answers questions about any instant; changes nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeyRing {
    /// How often the stored ring has been replaced; 0 if it was never stored.
    pub revision: u64,
    /// The keys, oldest first.
    pub keys: Vec<SigningKey>,
    /// The kids of every key ever revoked, erased ones included.
    pub revoked: BTreeSet<Kid>,
}

impl KeyRing {
    /// The key that signs at `now`. By the laws of [`super::plan()`] there is at most one.
    pub fn signer_at(&self, now: Timestamp) -> Option<&SigningKey> {
        self.signing_keys().find(|key| key.state_at(now) == KeyState::Active)
    }

    /// The key that is published at `now` and signs next.
    pub fn standby_at(&self, now: Timestamp) -> Option<&SigningKey> {
        let standby = self.signing_keys().filter(|key| key.state_at(now) == KeyState::Standby);
        standby.min_by_key(|key| key.schedule.signs_from)
    }

    /// The key that is made already and published when the stand-by begins to sign.
    pub fn reserve_at(&self, now: Timestamp) -> Option<&SigningKey> {
        let pending = self.signing_keys().filter(|key| key.state_at(now) == KeyState::Pending);
        pending.min_by_key(|key| key.schedule.signs_from)
    }

    /// The keys in the JWKS at `now`: the signer first, the stand-by next, then the retired ones, newest first.
    pub fn published_at(&self, now: Timestamp) -> Vec<&SigningKey> {
        let mut keys: Vec<_> = self.keys.iter().filter(|key| key.is_published_at(now)).collect();
        keys.sort_by_key(|key| {
            let rank = match key.state_at(now) {
                KeyState::Active => 0,
                KeyState::Standby => 1,
                _ => 2,
            };
            (rank, std::cmp::Reverse(key.schedule.signs_until))
        });
        keys
    }

    /// The first instant after `now` at which the published set is another one, if it is known yet.
    pub fn next_publication_change_after(&self, now: Timestamp) -> Option<Timestamp> {
        let live = self.keys.iter().filter(|key| key.revocation.is_none());
        let instants = live.flat_map(|key| [key.schedule.published_from, key.schedule.published_until]);
        instants.filter(|instant| *instant > now).min()
    }

    /// The key of that kid.
    pub fn find(&self, kid: &Kid) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.kid() == kid)
    }

    /// The expired fixture, if the ring has one.
    pub fn expired_fixture(&self) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.purpose == KeyPurpose::ExpiredFixture)
    }

    /// The ring after `plan` was carried out with the keys made for it; the revision stays, since a store moves it.
    #[must_use]
    pub fn carried_out(&self, plan: &Plan, made: Vec<SigningKey>) -> Self {
        let mut ring = match &plan.revoke {
            Some((kid, revocation)) => self.with_revoked(kid, revocation.clone()),
            None => self.clone(),
        };
        ring.keys.retain(|key| !plan.erase.contains(key.kid()));
        for key in &mut ring.keys {
            if let Some((_, schedule)) = plan.reschedule.iter().find(|(kid, _)| kid == key.kid()) {
                key.schedule = *schedule;
            }
        }
        ring.keys.extend(made.into_iter().filter(|key| !self.revoked.contains(key.kid())));
        ring
    }

    /// The ring with that key revoked; its kid never comes back.
    pub(super) fn with_revoked(&self, kid: &Kid, revocation: Revocation) -> Self {
        let mut ring = self.clone();
        for key in ring.keys.iter_mut().filter(|key| key.kid() == kid) {
            key.revocation = Some(revocation.clone());
        }
        ring.revoked.insert(kid.clone());
        ring
    }

    pub(super) fn signing_keys(&self) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter().filter(|key| key.purpose == KeyPurpose::Signing)
    }
}
