//! The laws of [`super::plan()`], over rings that grew by it at arbitrary instants.

use std::time::Duration;

use proptest::prelude::{Just, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{
    Algorithm, EncryptionKeyId, KeyOrder, KeyPolicy, KeyPurpose, KeyRing, KeyState, Plan, PublicJwk, PublicParameters,
    RevocationRefused, RotationMode, SigningKey, plan, plan_clean_up, plan_import, plan_revocation, plan_rotation,
    published_set,
};
use crate::ports::Sealed;
use crate::time::Timestamp;

pub(super) const START: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Rotate,
    RevokeSigner,
    RevokeStandby,
    Import,
    CleanUp,
    Algorithm(Algorithm),
    TokenLife(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0_u64..20_000).prop_map(Step::Wait),
        2 => Just(Step::Rotate),
        1 => Just(Step::RevokeSigner),
        1 => Just(Step::RevokeStandby),
        1 => Just(Step::Import),
        1 => Just(Step::CleanUp),
        1 => prop::sample::select(Algorithm::ALL.to_vec()).prop_map(Step::Algorithm),
        1 => (1_u64..7200).prop_map(Step::TokenLife),
    ];
    prop::collection::vec(step, 1..40)
}

pub(super) fn policy() -> KeyPolicy {
    KeyPolicy {
        algorithm: Algorithm::Rs256,
        rotation_period: Duration::from_secs(3600),
        publish_lead: Duration::from_secs(304),
        token_life: Duration::from_secs(900),
        clock_skew: Duration::from_secs(60),
        replica_lag: Duration::from_secs(4),
        max_age: Duration::from_secs(300),
        max_keys: 5,
        expired_fixture: true,
        demo_token_life: None,
    }
}

fn made(order: &KeyOrder, number: &mut u8, now: Timestamp) -> SigningKey {
    *number = number.wrapping_add(1);
    let public = PublicJwk::new(order.algorithm, PublicParameters::Okp { x: vec![*number; 32] });
    let private = Sealed { bytes: vec![], sealed_by: EncryptionKeyId::of(&[0; 32]) };
    let created_at = now.floor_second();
    SigningKey { public, private, purpose: order.purpose, created_at, schedule: order.schedule, revocation: None }
}

pub(super) fn carry_out(ring: &KeyRing, plan: &Plan, number: &mut u8, now: Timestamp) -> KeyRing {
    let keys = plan.create.iter().map(|order| made(order, number, now)).collect();
    ring.carried_out(plan, keys)
}

/// The plan for revoking that key; none where there is no such key.
pub(super) fn revocation(ring: &KeyRing, policy: &KeyPolicy, now: Timestamp, key: Option<&SigningKey>) -> Plan {
    let planned = |key: &SigningKey| plan_revocation(ring, policy, now, key.kid(), "test").unwrap();
    key.map(planned).unwrap_or_default()
}

/// The plan for taking in a key of a number that no other has.
fn import(ring: &KeyRing, policy: &KeyPolicy, now: Timestamp, number: u8) -> Plan {
    let parameters = PublicParameters::Okp { x: vec![number.wrapping_add(1); 32] };
    plan_import(ring, policy, now, &PublicJwk::new(policy.algorithm, parameters)).unwrap_or_default()
}

/// Every instant at which anything changes within two periods, where the laws are looked at too.
fn instants(ring: &KeyRing, now: Timestamp) -> Vec<Timestamp> {
    let of_key = |key: &SigningKey| [key.schedule.signs_from, key.schedule.signs_until, key.schedule.published_until];
    let mut all: Vec<_> = ring.keys.iter().flat_map(of_key).filter(|at| *at >= now).collect();
    all.push(now);
    all
}

proptest! {
    #![proptest_config(crate::laws::config())]

    #[test]
    fn the_laws_hold_whatever_happens(steps in steps()) {
        let (mut policy, mut ring, mut now, mut number) = (policy(), KeyRing::default(), START, 0);
        let first = plan(&ring, &policy, now);
        ring = carry_out(&ring, &first, &mut number, now);
        for step in steps {
            let before = ring.clone();
            let lived = policy.retention();
            let asked = match step {
                Step::Rotate => plan_rotation(&ring, &policy, now, RotationMode::Careful).unwrap_or_default(),
                Step::RevokeSigner => revocation(&ring, &policy, now, ring.signer_at(now)),
                Step::RevokeStandby => revocation(&ring, &policy, now, ring.standby_at(now)),
                Step::Import => import(&ring, &policy, now, number),
                Step::CleanUp => plan_clean_up(&ring, now),
                Step::Wait(_) | Step::Algorithm(_) | Step::TokenLife(_) => Plan::default(),
            };
            ring = carry_out(&ring, &asked, &mut number, now);
            match step {
                Step::Wait(seconds) => now = now.plus(Duration::from_millis(seconds * 1000 + 7)),
                Step::Algorithm(algorithm) => policy.algorithm = algorithm,
                Step::TokenLife(seconds) => policy.token_life = Duration::from_secs(seconds),
                _ => {}
            }
            ring = carry_out(&ring, &plan(&ring, &policy, now), &mut number, now);

            prop_assert!(plan(&ring, &policy, now).is_settled(), "planning again plans nothing");
            prop_assert!(ring.standby_at(now).is_some(), "a stand-by is published");
            prop_assert!(ring.expired_fixture().is_some_and(|key| key.state_at(now) == KeyState::Expired));
            for at in instants(&ring, now) {
                let signers = ring.keys.iter().filter(|key| key.state_at(at) == KeyState::Active).count();
                prop_assert!(signers <= 1, "two keys sign at {at}");
            }
            let signer = ring.signer_at(now);
            prop_assert!(signer.is_some(), "a key signs at {now}");
            let signed_before = before.signer_at(now).or_else(|| before.standby_at(now));
            if let (Some(signer), Some(_)) = (signer, signed_before) {
                prop_assert!(before.find(signer.kid()).is_some(), "a new key signs though another could");
            }
            let switch = signer.map_or(now, |key| key.schedule.signs_until);
            let is_near = switch.since(now.floor_second()) <= policy.known_after();
            prop_assert!(!is_near || ring.standby_at(switch).is_some(), "nor is there none in the instant of the switch");
            let next = ring.standby_at(now).map(|key| key.schedule);
            prop_assert!(next.is_some_and(|key| key.signs_from >= key.published_from.plus(policy.known_after())));
            prop_assert_eq!(next.map(|key| key.signs_from), signer.map(|key| key.schedule.signs_until), "no gap");
            for key in before.keys.iter().filter(|key| key.purpose == KeyPurpose::Signing && key.schedule.signs_from < now) {
                let stops = key.schedule.signs_until.min(now).floor_second();
                let alive = stops.plus(lived.min(key.schedule.published_until.since(key.schedule.signs_until))) > now;
                let kept = ring.find(key.kid()).is_some_and(|key| key.is_published_at(now) || key.revocation.is_some());
                prop_assert!(!alive || kept, "a key left while its tokens live");
            }
            for key in &ring.keys {
                let life = key.life();
                let told = [key.created_at, life.published_from, life.signs_from, life.signs_until, life.published_until];
                prop_assert!(told.is_sorted(), "what is told of a key is out of order: {told:?}");
                let retold = SigningKey { schedule: life, ..key.clone() };
                prop_assert_eq!(retold.state_at(now), key.state_at(now), "it is told to be what it is not");
            }
            let set = published_set(&ring, now);
            prop_assert!(set.keys.len() <= policy.max_keys, "the JWKS holds no more than it may");
            prop_assert!(set.until.is_none_or(|until| until > now));
            prop_assert!(set.keys.iter().all(|key| !ring.revoked.contains(key.kid())));
            prop_assert!(ring.revoked.is_superset(&before.revoked), "a revoked key never comes back");
        }
    }
}

#[test]
fn the_default_schedules_fit_their_bounds() {
    let dev = KeyPolicy { demo_token_life: Some(Duration::from_secs(7200)), ..policy() };
    assert_eq!(dev.longest_token_life(), Duration::from_secs(7200));
    assert_eq!(dev.keys_needed(), 5);
    assert_eq!(dev.check(), Ok(()));
    let day = Duration::from_secs(86_400);
    let prod = KeyPolicy { rotation_period: day * 30, publish_lead: day, ..policy() };
    assert_eq!(prod.keys_needed(), 3);
    assert_eq!(prod.check(), Ok(()));
}

#[test]
fn impossible_policies_are_named() {
    let impossible = KeyPolicy {
        publish_lead: Duration::from_secs(10),
        rotation_period: Duration::from_secs(5),
        token_life: Duration::ZERO,
        ..policy()
    };
    let problems: Vec<_> = impossible.check().unwrap_err().iter().map(ToString::to_string).collect();
    let options = ["access-token-ttl", "key-publish-lead", "key-rotation-period", "jwks-max-keys"];
    assert_eq!(problems.len(), options.len());
    assert!(problems.iter().zip(options).all(|(problem, option)| problem.contains(option)), "{problems:?}");
}

#[test]
fn the_lead_covers_the_age_of_a_cache_and_the_lag_of_the_replicas() {
    let lag = Duration::from_secs(64);
    let with = |lead| KeyPolicy { publish_lead: Duration::from_secs(lead), replica_lag: lag, ..policy() };
    assert_eq!(with(364).check(), Ok(()));
    let problems = with(363).check().unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].to_string().starts_with("key-publish-lead (363s)"), "{problems:?}");
    assert_eq!(with(400).known_after(), Duration::from_secs(400));
}

#[test]
fn what_is_not_there_is_not_revoked() {
    let (policy, mut number) = (policy(), 0);
    let ring = carry_out(&KeyRing::default(), &plan(&KeyRing::default(), &policy, START), &mut number, START);
    let stranger = PublicJwk::new(Algorithm::EdDsa, PublicParameters::Okp { x: vec![99; 32] });
    let refused = plan_revocation(&ring, &policy, START, stranger.kid(), "test");
    assert_eq!(refused, Err(RevocationRefused::UnknownKey(stranger.kid().clone())));
    let fixture = ring.expired_fixture().unwrap().kid();
    let refused = plan_revocation(&ring, &policy, START, fixture, "test");
    assert_eq!(refused, Err(RevocationRefused::Fixture(fixture.clone())));
}

#[test]
fn a_rotation_that_would_strand_tokens_is_refused_unless_forced() {
    let (policy, mut now, mut number) = (policy(), START, 0);
    let mut ring = carry_out(&KeyRing::default(), &plan(&KeyRing::default(), &policy, now), &mut number, now);
    for _ in 0..3 {
        let rotation = plan_rotation(&ring, &policy, now, RotationMode::Careful).unwrap();
        ring = carry_out(&ring, &rotation, &mut number, now);
        now = now.plus(policy.known_after());
    }
    assert_eq!(published_set(&ring, now).keys.len(), 5);
    assert!(plan_rotation(&ring, &policy, now, RotationMode::Careful).is_err());
    let forced = plan_rotation(&ring, &policy, now, RotationMode::Forced).unwrap();
    assert_eq!(published_set(&carry_out(&ring, &forced, &mut number, now), now).keys.len(), 5);
}
