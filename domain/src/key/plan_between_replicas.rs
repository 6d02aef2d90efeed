//! What the simulation found of plans that several replicas make at the same time, by clocks that differ.

use std::time::Duration;

use super::plan_laws::{START, carry_out, policy, revocation};
use super::{
    Algorithm, KeyPolicy, KeyRing, PublicJwk, PublicParameters, RotationMode, SigningKey, plan, plan_import,
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
