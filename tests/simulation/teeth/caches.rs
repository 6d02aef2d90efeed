//! Faults in what caches are told, and in how long they are waited for.

use std::time::Duration;

use jwksd_domain::key::{KeyPolicy, KeyRing};

use super::is_caught_as;
use crate::fault::Fault;
use crate::invariant::Invariant;
use crate::verifier::Answer;

#[test]
fn a_lead_shorter_than_max_age() {
    struct Impatient;
    impl Fault for Impatient {
        fn policy(&self, policy: &KeyPolicy) -> KeyPolicy {
            let (publish_lead, max_age) = (Duration::from_secs(1), Duration::ZERO);
            KeyPolicy { publish_lead, max_age, ..policy.clone() }
        }
    }
    is_caught_as(&Impatient, &[Invariant::KnownBeforeItSigns]);
}

#[test]
fn a_policy_that_forgets_the_other_replicas() {
    struct Lonely;
    impl Fault for Lonely {
        fn policy(&self, policy: &KeyPolicy) -> KeyPolicy {
            KeyPolicy { publish_lead: policy.max_age, replica_lag: Duration::ZERO, ..policy.clone() }
        }
    }
    is_caught_as(&Lonely, &[Invariant::OneSigner, Invariant::KnownBeforeItSigns]);
}

#[test]
fn a_max_age_that_reaches_past_the_next_change() {
    struct Steady;
    impl Fault for Steady {
        fn answer(&self, answer: Answer, _: &KeyRing, policy: &KeyPolicy) -> Answer {
            Answer { max_age: policy.max_age, ..answer }
        }
    }
    is_caught_as(&Steady, &[Invariant::NoCachePastAChange]);
}

#[test]
fn a_cache_that_may_go_on_with_what_is_stale_for_ever() {
    struct Stale;
    impl Fault for Stale {
        fn answer(&self, answer: Answer, _: &KeyRing, policy: &KeyPolicy) -> Answer {
            Answer { stale_while_revalidate: policy.rotation_period * 2, ..answer }
        }
    }
    is_caught_as(&Stale, &[Invariant::NoCachePastAChange, Invariant::KnownBeforeItSigns]);
}

#[test]
fn a_clock_that_is_a_minute_off() {
    struct Wrong;
    impl Fault for Wrong {
        fn ahead(&self, ahead: i64) -> i64 {
            if ahead % 2 == 0 { ahead + 60_000 } else { ahead }
        }
    }
    is_caught_as(&Wrong, &[Invariant::KnownBeforeItSigns, Invariant::TokensVerify, Invariant::OneSigner]);
}

#[test]
fn a_fallback_key_that_is_never_published() {
    struct Secretive;
    impl Fault for Secretive {
        fn answer(&self, mut answer: Answer, ring: &KeyRing, _: &KeyPolicy) -> Answer {
            let last = ring.keys.iter().map(|key| key.schedule.signs_from).max();
            answer.keys.retain(|key| ring.find(key.kid()).map(|key| key.schedule.signs_from) < last);
            answer
        }
    }
    is_caught_as(&Secretive, &[Invariant::KnownBeforeItSigns]);
}
