//! Faults in the life of a key: it signs too soon, it leaves too soon, it never leaves.

use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::key::{KeyRing, SigningKey};
use jwksd_domain::ports::KeyRepository;

use super::faulty_store::{Changing, LastWins, Remembering, storing};
use super::is_caught_as;
use crate::fault::Fault;
use crate::invariant::Invariant;
use crate::replica::Use;

/// What tokens of a key that is stored with an hour too little live longer.
const HOUR: Duration = Duration::from_secs(3600);

fn changed(mut ring: KeyRing, change: impl Fn(&mut SigningKey)) -> KeyRing {
    ring.keys.iter_mut().for_each(change);
    ring
}

#[test]
fn a_key_that_signs_at_once_on_publication() {
    struct Hasty;
    /// The stand-by that was just made signs until the next key does, and nobody else.
    fn hasty(before: &KeyRing, mut ring: KeyRing) -> KeyRing {
        let is_new = |key: &&SigningKey| before.find(key.kid()).is_none() && matches!(before.keys.len(), 1..=3);
        let made = ring.keys.iter().filter(is_new).min_by_key(|key| key.schedule.published_from).cloned();
        let Some(made) = made else { return ring };
        let at = made.schedule.published_from;
        let later = ring.keys.iter().map(|key| key.schedule.signs_from).filter(|from| *from > at);
        let until = later.min().unwrap_or(made.schedule.signs_until);
        for key in &mut ring.keys {
            match key.kid() == made.kid() {
                true => (key.schedule.signs_from, key.schedule.signs_until) = (at, until),
                false if key.schedule.signs_from <= at => key.schedule.signs_until = key.schedule.signs_until.min(at),
                false => {}
            }
        }
        ring
    }
    impl Fault for Hasty {
        fn keys(&self, keys: Arc<dyn KeyRepository>, _: Use) -> Option<Arc<dyn KeyRepository>> {
            storing(keys, hasty)
        }
    }
    is_caught_as(&Hasty, &[Invariant::KnownBeforeItSigns]);
}

#[test]
fn a_key_that_is_unpublished_when_it_retires() {
    struct Forgetful;
    impl Fault for Forgetful {
        fn keys(&self, keys: Arc<dyn KeyRepository>, _: Use) -> Option<Arc<dyn KeyRepository>> {
            storing(keys, |_, ring| changed(ring, |key| key.schedule.published_until = key.schedule.signs_until))
        }
    }
    is_caught_as(&Forgetful, &[Invariant::OutlivesNoKey, Invariant::TokensVerify]);
}

#[test]
fn a_token_that_outlives_its_key() {
    struct LongLived;
    impl Fault for LongLived {
        fn keys(&self, keys: Arc<dyn KeyRepository>, _: Use) -> Option<Arc<dyn KeyRepository>> {
            let longer =
                |ring| changed(ring, |key| key.schedule.published_until = key.schedule.published_until.plus(HOUR));
            let stored = |_: &KeyRing, ring| {
                changed(ring, |key| key.schedule.published_until = key.schedule.published_until.minus(HOUR))
            };
            Some(Arc::new(Changing { keys, load: longer, store: stored }))
        }
        fn token_life(&self, policy: &jwksd_domain::key::KeyPolicy) -> Duration {
            policy.token_life + HOUR / 2
        }
    }
    is_caught_as(&LongLived, &[Invariant::OutlivesNoKey]);
}

#[test]
fn keys_that_are_never_erased() {
    struct Hoarding;
    impl Fault for Hoarding {
        fn keys(&self, keys: Arc<dyn KeyRepository>, _: Use) -> Option<Arc<dyn KeyRepository>> {
            storing(keys, |before, mut ring| {
                let newest = ring.keys.iter().map(|key| key.schedule.published_from).max();
                let erased = before.keys.iter().filter(|key| ring.find(key.kid()).is_none());
                let old = erased
                    .filter(|key| Some(key.schedule.published_until) < newest && !ring.revoked.contains(key.kid()));
                let kept: Vec<_> = old.cloned().collect();
                ring.keys.extend(kept);
                ring
            })
        }
    }
    is_caught_as(&Hoarding, &[Invariant::Bounded]);
}

#[test]
fn two_replicas_without_compare_and_swap() {
    struct Racing;
    impl Fault for Racing {
        fn keys(&self, keys: Arc<dyn KeyRepository>, _: Use) -> Option<Arc<dyn KeyRepository>> {
            Some(Arc::new(LastWins(keys)))
        }
    }
    is_caught_as(&Racing, &[Invariant::OutlivesNoKey, Invariant::RevokedStaysAway, Invariant::KnownBeforeItSigns]);
}

#[test]
fn a_replica_that_never_looks_at_the_store_again() {
    struct Blind;
    impl Fault for Blind {
        fn keys(&self, keys: Arc<dyn KeyRepository>, purpose: Use) -> Option<Arc<dyn KeyRepository>> {
            (purpose == Use::Everything).then(|| Arc::new(Remembering::new(keys)) as _)
        }
    }
    is_caught_as(&Blind, &[Invariant::KnownBeforeItSigns, Invariant::OutlivesNoKey, Invariant::TokensVerify]);
}
