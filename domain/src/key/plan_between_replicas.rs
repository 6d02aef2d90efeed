//! What the simulation found of plans that several replicas make at the same time, by clocks that differ.

use std::time::Duration;

use super::plan_laws::{START, carry_out, policy, revocation};
use super::{
    Algorithm, KeyPolicy, KeyRing, KeyState, PublicJwk, PublicParameters, RotationMode, SigningKey, plan, plan_import,
    plan_rotation,
};

/// The ring after a first start.
fn first_ring(policy: &KeyPolicy, number: &mut u8) -> KeyRing {
    carry_out(&KeyRing::default(), &plan(&KeyRing::default(), policy, START), number, START)
}

/// Two replicas that started at once made two pairs of keys, where the clock of one was behind.
#[test]
fn a_replica_whose_clock_is_behind_makes_no_key_that_another_has_made() {
    let (policy, mut number) = (policy(), 0);
    let (ring, behind) = (first_ring(&policy, &mut number), START.minus(policy.replica_lag));
    assert!(plan(&ring, &policy, behind).is_settled());
    assert!(ring.signer_at(behind).is_some(), "it signs at once");

    let revoked = revocation(&ring, &policy, START, ring.signer_at(START));
    let after = carry_out(&ring, &revoked, &mut number, START);
    assert!(plan(&after, &policy, behind).is_settled());
    assert_eq!(after.signer_at(behind).map(SigningKey::kid), after.signer_at(START).map(SigningKey::kid));
}

/// The first keys were listed as published before they were made.
#[test]
fn the_first_keys_are_told_to_begin_when_they_were_made() {
    let ring = first_ring(&policy(), &mut 0);
    let signer = ring.signer_at(START).unwrap();
    assert!(signer.schedule.signs_from < signer.created_at, "by the schedule it signs by every clock");
    for key in &ring.keys {
        assert_eq!((key.created_at, key.life().published_from), (START, START));
    }
    assert_eq!(signer.life().signs_from, START);
    assert_eq!(ring.expired_fixture().map(|key| key.life().published_until), Some(START));
}

/// A replica whose clock was behind revoked the key that it signed with, and had nobody to sign until its clock had reached the
/// instant at which another replica had let the stand-by sign.
#[test]
fn after_a_revocation_somebody_signs_by_every_clock() {
    let (policy, mut number) = (policy(), 0);
    let ring = first_ring(&policy, &mut number);
    let rotation = plan_rotation(&ring, &policy, START, RotationMode::Careful).unwrap();
    let rotated = carry_out(&ring, &rotation, &mut number, START);
    let behind = START.minus(Duration::from_secs(2));
    let old = rotated.signer_at(behind).unwrap();
    let after = carry_out(&rotated, &revocation(&rotated, &policy, behind, Some(old)), &mut number, behind);
    assert_ne!(Some(old.kid()), rotated.signer_at(START).map(SigningKey::kid), "by the other clock it is retired");
    assert_eq!(after.signer_at(behind).map(SigningKey::kid), rotated.signer_at(START).map(SigningKey::kid));
    assert!(plan(&after, &policy, behind).is_settled());
}

/// Forced rotations had cut off the key that was to bridge the time until the clock of a replica had reached them, and nobody signed
/// there until then.
#[test]
fn after_forced_rotations_somebody_signs_by_every_clock() {
    let (policy, mut number) = (KeyPolicy { max_keys: 3, ..policy() }, 0);
    let force = |ring: &KeyRing, number: &mut u8, at| {
        carry_out(ring, &plan_rotation(ring, &policy, at, RotationMode::Forced).unwrap(), number, at)
    };
    let (first, then) = (START.plus(Duration::from_secs(10)), START.plus(Duration::from_secs(11)));
    let rotated = force(&first_ring(&policy, &mut number), &mut number, first);
    let behind = first.minus(Duration::from_secs(2));
    let revoked = revocation(&rotated, &policy, first, rotated.signer_at(behind));
    let mut ring = carry_out(&rotated, &revoked, &mut number, first);
    let cut = ring.signer_at(first).unwrap().kid().clone();
    for _ in 0..2 {
        ring = force(&ring, &mut number, then);
    }
    assert_eq!(ring.find(&cut).map(|key| key.state_at(then)), Some(KeyState::Expired));

    let after = carry_out(&ring, &plan(&ring, &policy, behind), &mut number, behind);
    assert_eq!(after.signer_at(behind).map(SigningKey::kid), Some(&cut));
    assert!(after.published_at(then) == ring.published_at(then), "it stays cut off");
    assert!(plan(&after, &policy, behind).is_settled());
}

/// A stand-by that signed already by the clock of another replica was made to wait, and taken away while it did.
#[test]
fn a_stand_by_that_may_sign_already_is_not_made_to_wait() {
    let (policy, mut number) = (policy(), 0);
    let ring = first_ring(&policy, &mut number);
    let rotation = plan_rotation(&ring, &policy, START, RotationMode::Careful).unwrap();
    let mut ring = carry_out(&ring, &rotation, &mut number, START);
    // What was made in that instant, and would have told what time it is there, was taken away again.
    ring.keys.retain(|key| key.schedule.signs_from <= START);
    ring.keys.iter_mut().for_each(|key| key.created_at = START.minus(policy.rotation_period));
    let (behind, promoted) = (START.minus(Duration::from_secs(2)), ring.signer_at(START).unwrap().kid().clone());
    let after = carry_out(&ring, &plan(&ring, &policy, behind), &mut number, behind);
    assert_eq!(after.find(&promoted).map(|key| key.schedule.signs_from), Some(START));
}

/// A rotation by a replica with another algorithm left the reserve where it was, and two keys were to sign at once.
#[test]
fn a_rotation_leaves_no_reserve_of_another_algorithm() {
    let (policy, mut number) = (policy(), 0);
    let ring = first_ring(&policy, &mut number);
    let shortly_before = ring.standby_at(START).unwrap().schedule.signs_from.minus(policy.known_after());
    let ring = carry_out(&ring, &plan(&ring, &policy, shortly_before), &mut number, shortly_before);
    let reserve = ring.reserve_at(shortly_before).unwrap().kid();
    let other = KeyPolicy { algorithm: Algorithm::Es256, ..policy.clone() };
    let rotation = plan_rotation(&ring, &other, shortly_before, RotationMode::Careful).unwrap();
    assert_eq!(rotation.erase.first(), Some(reserve));
    assert_eq!(rotation.create.len(), 1);
}

/// The last published key was revoked while a reserve was there; two more keys were made, and two were to sign at once.
#[test]
fn a_reserve_signs_where_nothing_is_published() {
    let (policy, mut number) = (policy(), 0);
    let ring = first_ring(&policy, &mut number);
    let shortly_before = ring.standby_at(START).unwrap().schedule.signs_from.minus(policy.known_after());
    let mut ring = carry_out(&ring, &plan(&ring, &policy, shortly_before), &mut number, shortly_before);
    let reserve = ring.reserve_at(shortly_before).unwrap().kid().clone();
    ring.keys.retain(|key| *key.kid() == reserve);
    let after = carry_out(&ring, &plan(&ring, &policy, shortly_before), &mut number, shortly_before);
    assert_eq!(after.signer_at(shortly_before).map(SigningKey::kid), Some(&reserve));
}

/// A stand-by was taken away that signed already by the clock of another replica.
#[test]
fn a_stand_by_that_may_sign_already_is_not_taken_away() {
    let (policy, mut number) = (policy(), 0);
    let ring = first_ring(&policy, &mut number);
    let standby = ring.standby_at(START).unwrap();
    let shortly_before = standby.schedule.signs_from.minus(policy.replica_lag);
    let other = KeyPolicy { algorithm: Algorithm::Es256, ..policy.clone() };
    assert!(plan(&ring, &other, START).erase.contains(standby.kid()), "there is time");
    assert!(!plan(&ring, &other, shortly_before).erase.contains(standby.kid()));

    let imported = PublicJwk::new(policy.algorithm, PublicParameters::Okp { x: vec![99; 32] });
    assert!(plan_import(&ring, &policy, START, &imported).unwrap().erase.contains(standby.kid()), "there is time");
    let late = plan_import(&ring, &policy, shortly_before, &imported).unwrap();
    assert!(late.erase.is_empty());
    assert_eq!(late.create.last().map(|order| order.schedule.signs_from), Some(standby.schedule.signs_until));
}

/// A careful rotation forgot the caches that go on with what is stale.
#[test]
fn a_careful_rotation_waits_for_every_cache() {
    let (policy, mut number) = (KeyPolicy { publish_lead: Duration::from_secs(900), ..policy() }, 0);
    let ring = first_ring(&policy, &mut number);
    let rotation = plan_rotation(&ring, &policy, START, RotationMode::Careful).unwrap();
    let ring = carry_out(&ring, &rotation, &mut number, START);
    let ready_at = START.plus(policy.publish_lead);
    let before = ready_at.minus(Duration::from_secs(1));
    assert!(plan_rotation(&ring, &policy, before, RotationMode::Careful).is_err());
    assert!(plan_rotation(&ring, &policy, ready_at, RotationMode::Careful).is_ok());
}
