//! What the simulation remembers in order to judge: the stored ring, the tokens that somebody holds, and which keys may sign
//! although a cache does not know them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::key::{KeyPurpose, KeyRing, Kid, SigningKey};
use jwksd_domain::time::Timestamp;

use crate::invariant::{Invariant, Violation};
use crate::setting::Setting;
use crate::trace::short;

/// A token that somebody holds.
#[derive(Clone)]
pub(crate) struct Held {
    /// The token.
    pub(crate) text: String,
    /// The key that signed it.
    pub(crate) kid: Kid,
    /// What was signed.
    pub(crate) signing_input: String,
    /// The signature.
    pub(crate) signature: Vec<u8>,
    /// When it is over.
    pub(crate) over: Timestamp,
}

/// Who replaced the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The schedule, or an operation that breaks nothing.
    Usual,
    /// A rotation that was forced.
    Forced,
}

/// A replacement of the stored ring.
pub(crate) struct Replacement {
    /// The ring until then.
    pub(crate) before: Arc<KeyRing>,
    /// The ring from then on.
    pub(crate) after: Arc<KeyRing>,
    /// Who replaced it.
    pub(crate) cause: Cause,
}

/// What is remembered.
pub(crate) struct Ledger {
    setting: Setting,
    /// The stored ring.
    pub(crate) ring: Arc<KeyRing>,
    /// The tokens that are alive.
    pub(crate) tokens: Vec<Held>,
    appeared: BTreeMap<Kid, Timestamp>,
    cold: BTreeMap<Kid, Timestamp>,
    waived: BTreeSet<Kid>,
    revoked: BTreeMap<Kid, Timestamp>,
    /// Since when the store is up.
    pub(crate) up_since: Timestamp,
    /// Whether everything is sealed with the present encryption key, while an earlier one is still configured.
    pub(crate) is_rewrapped: bool,
    /// When somebody asked for what makes a key beside the schedule.
    pub(crate) asked: Vec<Timestamp>,
}

impl Ledger {
    /// Nothing yet.
    pub(crate) fn new(setting: Setting, now: Timestamp) -> Self {
        Self {
            setting,
            ring: Arc::default(),
            tokens: Vec::new(),
            appeared: BTreeMap::new(),
            cold: BTreeMap::new(),
            waived: BTreeSet::new(),
            revoked: BTreeMap::new(),
            up_since: now,
            is_rewrapped: false,
            asked: Vec::new(),
        }
    }

    /// When every replica knows what was stored at `since`.
    pub(crate) fn known_everywhere(&self, since: Timestamp) -> Timestamp {
        since.max(self.up_since).plus(self.setting.lag())
    }

    /// Whether somebody whose keys are those of the instant `since` may lack the key of that kid although it signs.
    pub(crate) fn may_lack(&self, kid: &Kid, since: Timestamp) -> bool {
        let is_cold = self.cold.get(kid).is_some_and(|cold| since < self.known_everywhere(*cold));
        is_cold || self.waived.contains(kid) || self.revoked.contains_key(kid)
    }

    /// Whether somebody whose keys are those of the instant `since` may still have the key of that kid.
    pub(crate) fn may_have(&self, kid: &Kid, since: Timestamp) -> bool {
        self.revoked.get(kid).is_none_or(|revoked| since < self.known_everywhere(*revoked))
    }

    /// Whether the key of that kid was revoked.
    pub(crate) fn is_revoked(&self, kid: &Kid) -> bool {
        self.revoked.contains_key(kid)
    }

    /// The kids that were revoked.
    pub(crate) fn revoked_kids(&self) -> impl Iterator<Item = &Kid> {
        self.revoked.keys()
    }

    /// Whether a token that is over at `over` is so for every clock.
    pub(crate) fn is_over(&self, over: Timestamp, now: Timestamp) -> bool {
        over.plus(self.setting.skew / 2) <= now
    }

    /// Forgets tokens that are over, and all but the last of the rest.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        let tokens = std::mem::take(&mut self.tokens);
        self.tokens = tokens.into_iter().filter(|token| !self.is_over(token.over, now)).collect();
        if self.tokens.len() > 40 {
            self.tokens.remove(0);
        }
    }

    /// Judges a replacement of the stored ring.
    pub(crate) fn stored(&mut self, replaced: &Replacement, now: Timestamp) -> Result<(), Violation> {
        let Replacement { before, after, cause } = replaced;
        self.ring = Arc::clone(after);
        for key in after.keys.iter().filter(|key| before.find(key.kid()).is_none()) {
            self.appeared.insert(key.kid().clone(), now);
            self.cold.remove(key.kid());
        }
        self.judge_revocations(after, now)?;
        judge_signers(after, now.minus(self.setting.skew / 2))?;
        if *cause == Cause::Forced {
            let cut = before.keys.iter().filter(|key| published_until(after, key) < published_until(before, key));
            self.waived.extend(cut.map(|key| key.kid().clone()));
        }
        for key in signing(after).filter(|key| key.revocation.is_none()) {
            if let Some(since) = self.signs_cold_since(key, replaced, now) {
                self.cold.entry(key.kid().clone()).or_insert(since);
            }
        }
        self.judge_tokens(after, now)?;
        self.judge_size(after, now)
    }

    fn judge_revocations(&mut self, after: &KeyRing, now: Timestamp) -> Result<(), Violation> {
        for kid in &after.revoked {
            self.revoked.entry(kid.clone()).or_insert(now);
        }
        let lost = self.revoked.keys().find(|kid| {
            let is_back = after.find(kid).is_some_and(|key| key.revocation.is_none());
            !after.revoked.contains(*kid) || is_back
        });
        Invariant::RevokedStaysAway.holds(lost.is_none(), || format!("{} is no longer revoked", short(lost.unwrap())))
    }

    /// Since when a key signs that a cache may not know, where that is allowed: where nothing was published, in the emergency
    /// after the revocation of the signer, where it was forced, and where it is known for as long as the signer before it.
    fn signs_cold_since(&self, key: &SigningKey, replaced: &Replacement, now: Timestamp) -> Option<Timestamp> {
        let Replacement { before, after, cause } = replaced;
        let skew = self.setting.skew;
        let known = self.appeared[key.kid()].plus(self.setting.policy.known_after());
        if key.schedule.signs_from.minus(skew) >= known {
            return None;
        }
        let revoked = |kid: &Kid| after.revoked.contains(kid);
        let published = |other: &&SigningKey| other.schedule.published_until > now.plus(skew / 2);
        let nothing_published = !signing(before).filter(|other| !revoked(other.kid())).any(|other| published(&other));
        let was_to_sign = |other: &&SigningKey| {
            other.schedule.signs_from <= now.plus(skew) && other.schedule.signs_until >= now.minus(self.setting.lag())
        };
        let is_emergency = signing(after).filter(|other| revoked(other.kid())).any(|other| was_to_sign(&other));
        if nothing_published || is_emergency || *cause == Cause::Forced {
            return Some(now);
        }
        let by_some_clock = [now.minus(skew / 2), now, now.plus(skew / 2)];
        let signers = by_some_clock.into_iter().filter_map(|at| before.signer_at(at));
        let no_longer_known = signers.filter(|signer| key.schedule.published_from <= signer.schedule.published_from);
        let since = no_longer_known.filter_map(|signer| self.cold.get(signer.kid())).max()?;
        Some(self.appeared[key.kid()].max(*since))
    }

    fn judge_tokens(&self, after: &KeyRing, now: Timestamp) -> Result<(), Violation> {
        for token in self.tokens.iter().filter(|token| !self.is_over(token.over, now)) {
            self.judge_token(token, after)?;
        }
        Ok(())
    }

    /// Judges a token by the stored ring.
    pub(crate) fn judge_token(&self, token: &Held, ring: &KeyRing) -> Result<(), Violation> {
        let kid = &token.kid;
        if self.waived.contains(kid) || self.is_revoked(kid) {
            return Ok(());
        }
        let until = ring.find(kid).map(|key| key.schedule.published_until);
        Invariant::OutlivesNoKey.holds(until.is_some_and(|until| token.over <= until), || {
            let until = until.map_or_else(|| "gone".to_owned(), |until| format!("published until {until}"));
            format!("a token lives until {}, and its key {} is {until}", token.over, short(kid))
        })
    }

    /// What the JWKS may hold, what has left it within a rotation period, the fixture, and what was asked for meanwhile.
    fn judge_size(&mut self, after: &KeyRing, now: Timestamp) -> Result<(), Violation> {
        let policy = &self.setting.policy;
        let horizon = policy.rotation_period * 3 + Duration::from_secs(300) + policy.clock_skew * 2;
        self.asked.retain(|asked| asked.plus(horizon) > now);
        let bound = policy.max_keys + 4 + self.asked.len();
        Invariant::Bounded.holds(after.keys.len() <= bound, || {
            format!("the ring has {} keys, and {bound} are enough", after.keys.len())
        })
    }
}

fn signing(ring: &KeyRing) -> impl Iterator<Item = &SigningKey> {
    ring.keys.iter().filter(|key| key.purpose == KeyPurpose::Signing)
}

fn published_until(ring: &KeyRing, key: &SigningKey) -> Option<Timestamp> {
    ring.find(key.kid()).map(|key| key.schedule.published_until)
}

/// No two keys sign at any instant that has not gone by.
fn judge_signers(ring: &KeyRing, now: Timestamp) -> Result<(), Violation> {
    let mut windows: Vec<_> = signing(ring)
        .filter(|key| key.revocation.is_none())
        .map(|key| (key.schedule.signs_from.max(now), key.schedule.signs_until, key.kid()))
        .filter(|(from, until, _)| from < until)
        .collect();
    windows.sort();
    let both = windows.windows(2).find(|pair| pair[1].0 < pair[0].1);
    Invariant::OneSigner.holds(both.is_none(), || {
        let both = both.unwrap();
        format!("{} and {} both sign at {}", short(both[0].2), short(both[1].2), both[1].0)
    })
}
