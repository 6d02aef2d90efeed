//! What must be done next to the ring: pure functions of the ring, the policy and the clock.
//!
//! The laws, each a property test in `plan_laws.rs`: once a plan is carried out exactly one key signs and a stand-by is published,
//! also in the instant in which the stand-by begins to sign;
//! a key signs only if it was published for the lead before, unless no other key could sign; no key leaves the JWKS while its
//! tokens live; and planning again at the same instant plans nothing.

use std::cmp::Reverse;
use std::time::Duration;

use super::{Algorithm, KeyPolicy, KeyPurpose, KeyRing, KeySchedule, KeyState, Kid, Revocation, SigningKey};
use crate::ports::NewKey;
use crate::time::Timestamp;

/// A key that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyOrder {
    /// What it signs with.
    pub algorithm: Algorithm,
    /// What it is kept for.
    pub purpose: KeyPurpose,
    /// When it does what.
    pub schedule: KeySchedule,
}

impl KeyOrder {
    /// The ordered key, made at `now`.
    pub fn fill(&self, key: NewKey, now: Timestamp) -> SigningKey {
        SigningKey {
            public: key.public,
            private: key.private,
            purpose: self.purpose,
            created_at: now.floor_second(),
            schedule: self.schedule,
            revocation: None,
        }
    }
}

/// What is to be done, all of it in one replacement of the ring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Keys to forget.
    pub erase: Vec<Kid>,
    /// Keys whose instants change.
    pub reschedule: Vec<(Kid, KeySchedule)>,
    /// Keys to make.
    pub create: Vec<KeyOrder>,
    /// A key to revoke.
    pub revoke: Option<(Kid, Revocation)>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub const fn is_settled(&self) -> bool {
        self.erase.is_empty() && self.reschedule.is_empty() && self.create.is_empty() && self.revoke.is_none()
    }

    pub(super) fn reschedule(&mut self, key: &SigningKey, schedule: KeySchedule) {
        if key.schedule != schedule {
            self.reschedule.push((key.kid().clone(), schedule));
        }
    }
}

/// What the schedule asks for at `now`. Settled if the ring is as it should be.
pub fn plan(ring: &KeyRing, policy: &KeyPolicy, now: Timestamp) -> Plan {
    let (by_this_clock, now) = (now.floor_second(), agreed(ring, policy, now));
    let mut plan = Plan { erase: outlived(ring, policy, now), ..Plan::default() };
    let begins = begins_at_once(ring, by_this_clock, now);
    let since = for_every_clock(ring, policy, by_this_clock);
    match who_signs(ring, policy, now) {
        Some(signer) if begins == Some(signer.key) => {
            continue_from(&mut plan, &Signer { from: since, ..signer }, ring, policy, now);
        }
        Some(signer) => continue_from(&mut plan, &signer, ring, policy, now),
        None => {
            let since = for_every_clock(ring, policy, now);
            let first = schedule(since, since, policy);
            plan.create.push(order(policy, first));
            plan.create.push(order(policy, schedule(since, first.signs_until, policy)));
        }
    }
    if let Some(key) = begins.filter(|key| key.schedule.signs_until <= now) {
        let bridging = window(key, since, key.schedule.signs_until, policy);
        // One that a forced rotation has cut off meanwhile stays cut off.
        let is_cut = now >= key.schedule.published_until;
        let published_until = if is_cut { key.schedule.published_until } else { bridging.published_until };
        plan.reschedule(key, KeySchedule { published_until, ..bridging });
    }
    plan.create.extend(missing_fixture(ring, policy, now));
    plan
}

/// Where nobody signs by this clock, the key that began to by the clock of another replica, which is ahead.
fn begins_at_once(ring: &KeyRing, by_this_clock: Timestamp, by_the_other: Timestamp) -> Option<&SigningKey> {
    let has_begun = |key: &&SigningKey| {
        key.revocation.is_none() && key.schedule.signs_from > by_this_clock && key.schedule.signs_from <= by_the_other
    };
    match ring.signer_at(by_this_clock) {
        Some(_) => None,
        None => ring.signing_keys().filter(has_begun).min_by_key(|key| key.schedule.signs_from),
    }
}

/// The instant to plan for: now, or what another replica took for now when it made a key, where its clock is ahead by no more
/// than is allowed. What is pending only by this clock would be made a second time.
pub(super) fn agreed(ring: &KeyRing, policy: &KeyPolicy, now: Timestamp) -> Timestamp {
    let allowed = now.plus(policy.replica_lag);
    let made = ring.keys.iter().map(|key| key.created_at).filter(|made| *made <= allowed);
    made.max().map_or(now, |made| made.max(now)).floor_second()
}

/// Whether a stand-by may sign already by the clock of another replica, or before the plan is carried out: it is neither taken
/// away then nor made to wait.
pub(super) fn may_sign_already(standby: &SigningKey, policy: &KeyPolicy, now: Timestamp) -> bool {
    standby.schedule.signs_from <= now.plus(policy.replica_lag)
}

/// What is to be so at once, since nobody signs, is so from here on, by the clock of a replica that is behind too; though not
/// while somebody still signed.
fn for_every_clock(ring: &KeyRing, policy: &KeyPolicy, now: Timestamp) -> Timestamp {
    let others = ring.signing_keys().filter(|key| key.revocation.is_none()).map(|key| key.schedule.signs_until);
    let nobody_since = others.filter(|until| *until <= now).max();
    let since = now.minus(policy.replica_lag).floor_second();
    nobody_since.map_or(since, |nobody_since| nobody_since.max(since))
}

/// The clean-up of S1: every expired key is forgotten now, the fixture aside.
pub fn plan_clean_up(ring: &KeyRing, now: Timestamp) -> Plan {
    let expired = ring.signing_keys().filter(|key| now >= key.schedule.published_until);
    Plan { erase: expired.map(|key| key.kid().clone()).collect(), ..Plan::default() }
}

/// The key that signs, with the window in which it does; the window may be another than the key's schedule says.
struct Signer<'a> {
    key: &'a SigningKey,
    from: Timestamp,
    until: Timestamp,
}

/// The key that signs at `now`: the active one; else the stand-by, at once, since caches know it; else, after a long sleep, the
/// newest one still published, as a bridge until a new key is known.
fn who_signs<'a>(ring: &'a KeyRing, policy: &KeyPolicy, now: Timestamp) -> Option<Signer<'a>> {
    if let Some(key) = ring.signer_at(now) {
        return Some(Signer { key, from: key.schedule.signs_from, until: key.schedule.signs_until });
    }
    let at_once = |key| {
        let from = for_every_clock(ring, policy, now);
        Signer { key, from, until: from.plus(policy.rotation_period) }
    };
    if let Some(key) = ring.standby_at(now) {
        return Some(at_once(key));
    }
    let retired = ring.signing_keys().filter(|key| key.state_at(now) == KeyState::Retired);
    match retired.max_by_key(|key| key.schedule.signs_until) {
        Some(bridge) => Some(Signer { key: bridge, from: bridge.schedule.signs_from, until: now }),
        // It is known as little as a new one.
        None => ring.reserve_at(now).map(at_once),
    }
}

/// Lets the signer sign until its successor may, and sees to it that there is one; and in time one after that, which is published
/// in the instant of the switch, so that there never is none.
fn continue_from(plan: &mut Plan, signer: &Signer<'_>, ring: &KeyRing, policy: &KeyPolicy, now: Timestamp) {
    let others = ring.signing_keys().filter(|key| key.kid() != signer.key.kid());
    let waiting = others.filter(|key| matches!(key.state_at(now), KeyState::Standby | KeyState::Pending));
    let is_kept = |key: &&SigningKey| key.algorithm() == policy.algorithm || may_sign_already(key, policy, now);
    let (mut fitting, stale): (Vec<_>, Vec<_>) = waiting.partition(is_kept);
    plan.erase.extend(stale.into_iter().map(|key| key.kid().clone()));
    fitting.sort_by_key(|key| (key.state_at(now) == KeyState::Pending, key.schedule.signs_from));
    let mut fitting = fitting.into_iter();
    let (next, after) = (fitting.next(), fitting.next());
    // By a clock that is behind another's there may be more.
    plan.erase.extend(fitting.map(|key| key.kid().clone()));

    let soonest = now.plus(Duration::from_secs(1));
    let wanted = if signer.key.algorithm() == policy.algorithm {
        signer.until.min(signer.from.plus(policy.rotation_period)).max(soonest)
    } else {
        soonest
    };
    let published_from = next.map_or(now, |key| key.schedule.published_from.min(now));
    let allowed = wanted.max(published_from.plus(policy.known_after())).max(room_from(signer, ring, policy, now));
    let about_to_sign = next.filter(|key| may_sign_already(key, policy, now));
    let switch = about_to_sign.map_or(allowed, |key| key.schedule.signs_from);
    let retired = window(signer.key, signer.from, switch, policy);
    plan.reschedule(signer.key, retired);
    let ends = ends_of_retired(signer, ring, now).chain([retired.published_until]).collect();
    let until = switch.plus(policy.rotation_period).max(room_after(ends, policy).unwrap_or(switch));
    match next {
        Some(key) => plan.reschedule(key, KeySchedule { published_from, ..window(key, switch, until, policy) }),
        None => plan.create.push(order(policy, KeySchedule::new(now, switch, until, policy.retention()))),
    }
    match after {
        Some(key) => {
            let published_from = if key.is_published_at(now) { key.schedule.published_from } else { switch };
            let window = window(key, until, until.plus(policy.rotation_period), policy);
            plan.reschedule(key, KeySchedule { published_from, ..window });
        }
        None if switch.since(now) <= policy.known_after() => {
            plan.create.push(order(policy, schedule(switch, until, policy)));
        }
        None => {}
    }
}

/// From when on the JWKS has room for a successor and its stand-by, beside the signer and the keys that are retired by then: after
/// rotations that were asked for the signer may have to sign for longer.
fn room_from(signer: &Signer<'_>, ring: &KeyRing, policy: &KeyPolicy, now: Timestamp) -> Timestamp {
    room_after(ends_of_retired(signer, ring, now).collect(), policy).unwrap_or(now)
}

/// When those leave the JWKS that have retired before the signer.
fn ends_of_retired<'a>(
    signer: &Signer<'_>,
    ring: &'a KeyRing,
    now: Timestamp,
) -> impl Iterator<Item = Timestamp> + use<'a> {
    let signer = signer.key.kid().clone();
    let others = ring.signing_keys().filter(move |key| *key.kid() != signer);
    others.filter(move |key| key.state_at(now) == KeyState::Retired).map(|key| key.schedule.published_until)
}

/// When so many of those that leave the JWKS at `ends` have left that a signer may retire beside its successor and a stand-by.
pub(super) fn room_after(mut ends: Vec<Timestamp>, policy: &KeyPolicy) -> Option<Timestamp> {
    ends.sort_by_key(|end| Reverse(*end));
    ends.get(policy.max_keys.saturating_sub(3)).copied()
}

/// The schedule of a key that signs in another window than before. It stays published for as long after as its tokens may live,
/// by this policy or by the one under which it was scheduled, whichever is longer.
pub(super) fn window(key: &SigningKey, from: Timestamp, until: Timestamp, policy: &KeyPolicy) -> KeySchedule {
    let promised = key.schedule.published_until.since(key.schedule.signs_until);
    KeySchedule::new(key.schedule.published_from.min(from), from, until, promised.max(policy.retention()))
}

pub(super) fn schedule(published_from: Timestamp, signs_from: Timestamp, policy: &KeyPolicy) -> KeySchedule {
    KeySchedule::new(published_from, signs_from, signs_from.plus(policy.rotation_period), policy.retention())
}

pub(super) const fn order(policy: &KeyPolicy, schedule: KeySchedule) -> KeyOrder {
    KeyOrder { algorithm: policy.algorithm, purpose: KeyPurpose::Signing, schedule }
}

/// Keys that left the JWKS a rotation period ago, and a fixture that the policy does not want.
fn outlived(ring: &KeyRing, policy: &KeyPolicy, now: Timestamp) -> Vec<Kid> {
    let gone = |key: &&SigningKey| match key.purpose {
        KeyPurpose::Signing => now >= key.schedule.published_until.plus(policy.rotation_period),
        KeyPurpose::ExpiredFixture => !policy.expired_fixture,
    };
    ring.keys.iter().filter(gone).map(|key| key.kid().clone()).collect()
}

/// The fixture has been out of the JWKS for an hour when it is made, and was never in it.
fn missing_fixture(ring: &KeyRing, policy: &KeyPolicy, now: Timestamp) -> Option<KeyOrder> {
    if !policy.expired_fixture || ring.expired_fixture().is_some() {
        return None;
    }
    let hour = Duration::from_secs(3600);
    let from = now.minus(hour * 3);
    let schedule = KeySchedule::new(from, from, now.minus(hour * 2), hour);
    Some(KeyOrder { algorithm: policy.algorithm, purpose: KeyPurpose::ExpiredFixture, schedule })
}
