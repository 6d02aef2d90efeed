//! Rotating when other replicas are faster, or something is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering};

use super::{
    HOUR, NOW, clock, down, key, keyring, new_key, origin, policy, recording_log, settled_ring, working_signer,
};
use crate::audit::Event;
use crate::key::{KeyRing, KeySchedule, RotationMode, SigningKey};
use crate::ports::{MockClock, MockKeyRepository, MockSigner, StoreError};
use crate::time::Timestamp;
use crate::usecase::{ChangeRing, RotateError, RotateKeys, Rotation, Trigger};

fn making_signer() -> MockSigner {
    let mut signer = working_signer();
    let number = AtomicU8::new(10);
    signer.expect_generate().returning(move |_| Ok(new_key(number.fetch_add(1, Ordering::SeqCst))));
    signer
}

async fn rotate(repository: MockKeyRepository, signer: MockSigner, trigger: Trigger) -> Result<Rotation, RotateError> {
    rotate_and_log(repository, signer, trigger).await.0
}

/// Rotates; answers what came of it, and how often the log tells of it.
async fn rotate_and_log(
    repository: MockKeyRepository,
    signer: MockSigner,
    trigger: Trigger,
) -> (Result<Rotation, RotateError>, usize) {
    let keyring = keyring(repository).await;
    let (log, entries) = recording_log();
    let change = ChangeRing::new(keyring, Arc::new(signer), clock());
    let rotated = RotateKeys::new(Arc::new(change), Arc::new(log), policy()).run(trigger).await;
    let entries = std::mem::take(&mut *entries.lock().unwrap());
    assert!(entries.iter().all(|entry| entry.event == Event::KeysRotated));
    (rotated, entries.len())
}

/// A store of that ring, which the schedule replaces once.
fn replaced_once(ring: KeyRing) -> MockKeyRepository {
    let mut repository = MockKeyRepository::new();
    repository.expect_load().returning(move || Ok(ring.clone()));
    repository.expect_store().times(1).returning(|_| Ok(()));
    repository
}

#[tokio::test]
async fn nothing_to_do_makes_no_key_and_stores_nothing() {
    let mut repository = MockKeyRepository::new();
    repository.expect_load().returning(|| Ok(settled_ring(3)));
    assert_eq!(rotate(repository, working_signer(), Trigger::Schedule).await.unwrap(), Rotation::Settled);
}

/// The schedule moves instants and erases what is over without anybody having to know.
#[tokio::test]
async fn the_log_tells_of_a_schedule_only_where_the_signer_changed_or_a_key_was_made() {
    let past = |mut key: SigningKey| {
        key.schedule = KeySchedule::new(NOW.minus(HOUR * 9), NOW.minus(HOUR * 8), NOW.minus(HOUR * 7), HOUR);
        key
    };
    let with = |key: SigningKey| KeyRing { keys: [vec![key], settled_ring(1).keys].concat(), ..settled_ring(1) };
    let one_is_over = with(past(key(3, NOW)));
    let mut one_is_moved = settled_ring(1);
    one_is_moved.keys[1].schedule.signs_until = NOW.plus(HOUR);
    for ring in [one_is_over, one_is_moved] {
        let told = rotate_and_log(replaced_once(ring), working_signer(), Trigger::Schedule).await;
        assert_eq!((told.0.unwrap(), told.1), (Rotation::Settled, 0));
    }
    let lacks_a_standby = KeyRing { keys: settled_ring(1).keys[..1].to_vec(), ..settled_ring(1) };
    let told = rotate_and_log(replaced_once(lacks_a_standby), making_signer(), Trigger::Schedule).await;
    assert_eq!((told.0.unwrap(), told.1), (Rotation::Done(Some(key(1, NOW).kid().clone())), 1), "a key was made");
    let lacks_a_signer =
        KeyRing { keys: vec![key(2, NOW.plus(HOUR / 2)), key(3, NOW.plus(HOUR * 3 / 2))], ..settled_ring(1) };
    let told = rotate_and_log(replaced_once(lacks_a_signer), working_signer(), Trigger::Schedule).await;
    assert_eq!((told.0.unwrap(), told.1), (Rotation::Done(Some(key(2, NOW).kid().clone())), 1), "the signer changed");
}

/// What somebody asked for is told whatever it came to.
#[tokio::test]
async fn a_rotation_that_was_asked_for_is_always_told() {
    let lacks_a_standby = KeyRing { keys: settled_ring(1).keys[..1].to_vec(), ..settled_ring(1) };
    let asked = Trigger::Asked(RotationMode::Careful, origin());
    assert_eq!(rotate_and_log(replaced_once(lacks_a_standby), making_signer(), asked).await.1, 1);
}

/// dex#976: two replicas that rotated at once wiped the key set.
#[tokio::test]
async fn a_faster_replica_is_already_done() {
    let mut repository = MockKeyRepository::new();
    let loads = AtomicU64::new(0);
    repository.expect_load().returning(move || match loads.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => Ok(KeyRing::default()),
        _ => Ok(settled_ring(1)),
    });
    repository.expect_store().times(1).returning(|_| Err(StoreError::Conflict));
    assert_eq!(rotate(repository, making_signer(), Trigger::Schedule).await.unwrap(), Rotation::AlreadyDone);
}

#[tokio::test]
async fn a_rotation_asked_for_twice_at_once_happens_once() {
    let mut repository = MockKeyRepository::new();
    let loads = AtomicU64::new(0);
    repository.expect_load().returning(move || match loads.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => Ok(settled_ring(1)),
        _ => Ok(KeyRing { keys: vec![key(2, NOW), key(3, NOW.plus(HOUR))], ..settled_ring(2) }),
    });
    repository.expect_store().times(1).returning(|_| Err(StoreError::Conflict));
    let asked = Trigger::Asked(RotationMode::Careful, origin());
    assert_eq!(rotate(repository, making_signer(), asked).await.unwrap(), Rotation::AlreadyDone);
}

/// What another replica did at the same time may have been something else.
#[tokio::test]
async fn a_rotation_that_meets_another_change_happens_all_the_same() {
    let mut repository = MockKeyRepository::new();
    repository.expect_load().returning(|| Ok(settled_ring(1)));
    let stores = AtomicU64::new(0);
    repository.expect_store().times(2).returning(move |_| match stores.fetch_add(1, Ordering::SeqCst) {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    });
    let asked = Trigger::Asked(RotationMode::Careful, origin());
    assert!(matches!(rotate(repository, making_signer(), asked).await.unwrap(), Rotation::Done(Some(_))));
}

#[tokio::test]
async fn a_rotation_lets_the_standby_sign() {
    let mut repository = MockKeyRepository::new();
    repository.expect_load().returning(|| Ok(settled_ring(1)));
    let standby = key(2, NOW.plus(HOUR / 2));
    repository.expect_store().times(1).withf(|ring| ring.revision == 1 && ring.keys.len() == 3).returning(|_| Ok(()));
    let asked = Trigger::Asked(RotationMode::Careful, origin());
    let done = rotate(repository, making_signer(), asked).await.unwrap();
    assert_eq!(done, Rotation::Done(Some(standby.kid().clone())));
}

#[tokio::test]
async fn a_store_that_is_down_changes_nothing() {
    let mut repository = MockKeyRepository::new();
    repository.expect_load().returning(|| Ok(KeyRing::default()));
    repository.expect_store().returning(|_| Err(down()));
    let failed = rotate(repository, making_signer(), Trigger::Schedule).await;
    assert!(matches!(failed, Err(RotateError::Unavailable(_))));
}

/// A key is published from when it is stored, not from when somebody began to make it.
#[tokio::test]
async fn what_took_long_to_make_is_planned_anew_with_the_keys_that_are_there() {
    let seconds = Arc::new(AtomicI64::new(NOW.unix_seconds()));
    let (mut clock, hands) = (MockClock::new(), Arc::clone(&seconds));
    clock.expect_now().returning(move || Timestamp::from_unix_seconds(hands.load(Ordering::SeqCst)));
    let (mut signer, number) = (working_signer(), AtomicU8::new(10));
    signer.expect_generate().times(2).returning(move |_| {
        seconds.fetch_add(2, Ordering::SeqCst);
        Ok(new_key(number.fetch_add(1, Ordering::SeqCst)))
    });
    let mut repository = MockKeyRepository::new();
    repository.expect_load().returning(|| Ok(KeyRing::default()));
    let late = NOW.plus(HOUR / 900);
    let is_late = move |ring: &KeyRing| ring.keys.iter().all(|key| key.created_at == late);
    repository.expect_store().times(1).withf(is_late).returning(|_| Ok(()));
    let change = ChangeRing::new(keyring(repository).await, Arc::new(signer), Arc::new(clock));
    let rotate = RotateKeys::new(Arc::new(change), Arc::new(recording_log().0), policy());
    assert!(matches!(rotate.run(Trigger::Schedule).await.unwrap(), Rotation::Done(Some(_))));
}
