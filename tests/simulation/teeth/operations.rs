//! Faults in what operators ask for: clean-up, revocation, import, rewrapping, and the log of it.

use std::sync::Arc;

use jwksd_domain::key::{KeyPurpose, KeyRing};
use jwksd_domain::ports::{AuditLog, KeyRepository, SealedSecrets};

use super::faulty_store::{Changing, Forgetting, LeavingOne, storing};
use super::is_caught_as;
use crate::fault::Fault;
use crate::invariant::Invariant;
use crate::replica::Use;

#[test]
fn a_clean_up_that_erases_retired_keys() {
    struct Eager;
    impl Fault for Eager {
        fn keys(&self, keys: Arc<dyn KeyRepository>, purpose: Use) -> Option<Arc<dyn KeyRepository>> {
            let eager = |before: &KeyRing, mut ring: KeyRing| {
                let begun = before.keys.iter().map(|key| key.created_at).max();
                ring.keys.retain(|key| {
                    key.purpose == KeyPurpose::ExpiredFixture
                        || begun.is_none_or(|begun| key.schedule.signs_until > begun)
                });
                ring
            };
            (purpose == Use::CleaningUp).then(|| storing(keys, eager)).flatten()
        }
    }
    is_caught_as(&Eager, &[Invariant::OutlivesNoKey]);
}

#[test]
fn a_clean_up_that_erases_the_current_key() {
    struct Thorough;
    impl Fault for Thorough {
        fn keys(&self, keys: Arc<dyn KeyRepository>, purpose: Use) -> Option<Arc<dyn KeyRepository>> {
            let all_but_the_newest = |_: &KeyRing, mut ring: KeyRing| {
                ring.keys.drain(..ring.keys.len() - 1);
                ring
            };
            (purpose == Use::CleaningUp).then(|| storing(keys, all_but_the_newest)).flatten()
        }
    }
    is_caught_as(&Thorough, &[Invariant::OutlivesNoKey]);
}

#[test]
fn a_revocation_that_is_lost() {
    struct Lenient;
    impl Fault for Lenient {
        fn keys(&self, keys: Arc<dyn KeyRepository>, purpose: Use) -> Option<Arc<dyn KeyRepository>> {
            let lenient = |_: &KeyRing, mut ring: KeyRing| {
                ring.keys.iter_mut().for_each(|key| key.revocation = None);
                ring.revoked.clear();
                ring
            };
            match purpose {
                Use::Revoking => Some(keys),
                _ => storing(keys, lenient),
            }
        }
    }
    is_caught_as(&Lenient, &[Invariant::RevokedStaysAway]);
}

#[test]
fn a_revoked_key_that_returns_by_import() {
    struct Forgiving;
    impl Fault for Forgiving {
        fn keys(&self, keys: Arc<dyn KeyRepository>, purpose: Use) -> Option<Arc<dyn KeyRepository>> {
            let load = |mut ring: KeyRing| {
                let revoked = std::mem::take(&mut ring.revoked);
                ring.keys.retain(|key| !revoked.contains(key.kid()));
                ring
            };
            let store = |before: &KeyRing, ring: KeyRing| KeyRing { revoked: before.revoked.clone(), ..ring };
            (purpose == Use::Importing).then(|| Arc::new(Changing { keys, load, store }) as _)
        }
    }
    is_caught_as(&Forgiving, &[Invariant::RevokedStaysAway]);
}

#[test]
fn a_rewrapping_that_forgets_one_key() {
    struct Careless;
    impl Fault for Careless {
        fn secrets(&self, secrets: Arc<dyn SealedSecrets>, keys: Arc<dyn KeyRepository>) -> Arc<dyn SealedSecrets> {
            Arc::new(LeavingOne { secrets, keys })
        }
    }
    is_caught_as(&Careless, &[Invariant::OpensWithTheNewKey]);
}

#[test]
fn a_log_that_writes_nothing_down() {
    struct Silent;
    impl Fault for Silent {
        fn audit(&self, audit: Arc<dyn AuditLog>) -> Arc<dyn AuditLog> {
            Arc::new(Forgetting(audit))
        }
    }
    is_caught_as(&Silent, &[Invariant::DoneIsStored]);
}
