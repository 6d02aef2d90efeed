//! What every `KeyRepository` promises.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::key::{
    Algorithm, EncryptionKeyId, KeyPurpose, KeyRing, KeySchedule, KeyType, Kid, PublicJwk, PublicParameters,
    Revocation, SigningKey,
};
use jwksd_domain::ports::{KeyRepository, Sealed, StoreError};
use jwksd_domain::time::Timestamp;

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn KeyRepository>` without a stored
/// ring, or a [`Fixture`](crate::Fixture) of one.
#[macro_export]
macro_rules! key_repository_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            key_repository,
            $make,
            [
                is_empty_at_first,
                answers_what_was_stored,
                answers_every_instant_as_it_was,
                answers_every_reason_as_it_was,
                keeps_the_order_of_the_keys,
                replaces_the_ring,
                takes_an_empty_ring,
                keeps_the_kids_of_erased_keys,
                refuses_any_revision_but_the_stored_one,
                refuses_a_kid_twice,
                lets_one_of_many_concurrent_stores_win,
            ]
        );
    };
}

/// Nothing stored is an empty ring, not an error.
pub async fn is_empty_at_first(repository: &Arc<dyn KeyRepository>) {
    assert!(repository.load().await.unwrap() == KeyRing::default());
}

/// Keys of every algorithm and purpose come back with all that they are.
pub async fn answers_what_was_stored(repository: &Arc<dyn KeyRepository>) {
    let mut keys: Vec<_> = (1..).zip(Algorithm::ALL).map(|(seed, algorithm)| key(seed, algorithm)).collect();
    keys[1].purpose = KeyPurpose::ExpiredFixture;
    keys[2].revocation = Some(Revocation { at: at(77), reason: "leaked".to_owned() });
    keys[3].private.bytes = (0..=255).cycle().take(10_000).collect();
    let revoked = BTreeSet::from([keys[2].kid().clone()]);
    let ring = KeyRing { revision: 0, keys, revoked };
    repository.store(&ring).await.unwrap();
    assert_stored(repository, &KeyRing { revision: 1, ..ring }).await;
}

/// Instants of long ago and of times to come are instants like any other.
pub async fn answers_every_instant_as_it_was(repository: &Arc<dyn KeyRepository>) {
    let instants = [0, 1, 1_000_000_000, 2_147_483_648, 253_402_300_799].map(Timestamp::from_unix_seconds);
    let mut key = key(1, Algorithm::Es256);
    key.created_at = instants[0];
    key.schedule = KeySchedule {
        published_from: instants[1],
        signs_from: instants[2],
        signs_until: instants[3],
        published_until: instants[4],
    };
    let ring = ring(0, vec![key]);
    repository.store(&ring).await.unwrap();
    assert_stored(repository, &KeyRing { revision: 1, ..ring }).await;
}

/// A reason is text and nothing but text.
pub async fn answers_every_reason_as_it_was(repository: &Arc<dyn KeyRepository>) {
    let reasons = ["", "'); DROP TABLE keys; --", "\"", "%_\\", "?1 $1 :a @b", "línea\n行", "NULL", "0x00"];
    let revoked = (1..).zip(reasons).map(|(seed, reason)| {
        let revocation = Some(Revocation { at: at(1), reason: reason.to_owned() });
        SigningKey { revocation, ..key(seed, Algorithm::EdDsa) }
    });
    let ring = ring(0, revoked.collect());
    repository.store(&ring).await.unwrap();
    assert_stored(repository, &KeyRing { revision: 1, ..ring }).await;
}

/// The order of the keys is that of the stored ring, whichever came first.
pub async fn keeps_the_order_of_the_keys(repository: &Arc<dyn KeyRepository>) {
    let [a, b, c] = [1, 2, 3].map(|seed| key(seed, Algorithm::Es256));
    repository.store(&ring(0, vec![b.clone(), c.clone()])).await.unwrap();
    repository.store(&ring(1, vec![c.clone(), a.clone(), b.clone()])).await.unwrap();
    assert_stored(repository, &ring(2, vec![c, a, b])).await;
}

/// After a second store nothing is left of what it leaves out, and everything is as it says.
pub async fn replaces_the_ring(repository: &Arc<dyn KeyRepository>) {
    let [erased, mut kept, mut revoked, new] = [1, 2, 3, 4].map(|seed| key(seed, Algorithm::Rs256));
    repository.store(&ring(0, vec![erased, kept.clone(), revoked.clone()])).await.unwrap();
    kept.schedule = kept.schedule.signing_in(at(5), at(6), Duration::from_secs(7));
    kept.private = sealed(99, "ffffffffffffffff");
    revoked.revocation = Some(Revocation { at: at(8), reason: "lost".to_owned() });
    let revoked_kids = BTreeSet::from([revoked.kid().clone()]);
    let ring = KeyRing { revision: 1, keys: vec![kept, revoked, new], revoked: revoked_kids };
    repository.store(&ring).await.unwrap();
    assert_stored(repository, &KeyRing { revision: 2, ..ring }).await;
}

/// A ring without keys is a ring.
pub async fn takes_an_empty_ring(repository: &Arc<dyn KeyRepository>) {
    repository.store(&ring(0, vec![key(1, Algorithm::Es384)])).await.unwrap();
    repository.store(&ring(1, vec![])).await.unwrap();
    assert_stored(repository, &ring(2, vec![])).await;
}

/// What was revoked is known for good, also when its key is gone.
pub async fn keeps_the_kids_of_erased_keys(repository: &Arc<dyn KeyRepository>) {
    let [erased, kept] = [1, 2].map(|seed| key(seed, Algorithm::Es256));
    let revoked = BTreeSet::from([erased.kid().clone()]);
    let mut ring = KeyRing { revision: 0, keys: vec![erased, kept], revoked };
    repository.store(&ring).await.unwrap();
    ring.revision = 1;
    ring.keys.remove(0);
    repository.store(&ring).await.unwrap();
    ring.revision = 2;
    assert_stored(repository, &ring).await;
}

/// A ring that was loaded before another store changes nothing, and neither does one from nowhere.
pub async fn refuses_any_revision_but_the_stored_one(repository: &Arc<dyn KeyRepository>) {
    let other = |revision| ring(revision, vec![key(9, Algorithm::EdDsa)]);
    assert!(matches!(repository.store(&other(1)).await, Err(StoreError::Conflict)));
    assert_stored(repository, &KeyRing::default()).await;
    repository.store(&ring(0, vec![key(1, Algorithm::Rs256)])).await.unwrap();
    repository.store(&ring(1, vec![key(2, Algorithm::Rs256)])).await.unwrap();
    for revision in [0, 1, 3, u64::MAX] {
        let outcome = repository.store(&other(revision)).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "revision {revision}");
    }
    assert_stored(repository, &ring(2, vec![key(2, Algorithm::Rs256)])).await;
}

/// A kid names one key.
pub async fn refuses_a_kid_twice(repository: &Arc<dyn KeyRepository>) {
    let twice = ring(0, vec![key(1, Algorithm::Rs256), key(2, Algorithm::Rs256), key(1, Algorithm::Rs256)]);
    assert!(matches!(repository.store(&twice).await, Err(StoreError::Duplicate { field: "kid" })));
    assert_stored(repository, &KeyRing::default()).await;
}

/// Of many replicas that rotate at once, one does and the others learn of it.
pub async fn lets_one_of_many_concurrent_stores_win(repository: &Arc<dyn KeyRepository>) {
    for revision in 0..3 {
        let contenders = (1..=16).map(|seed| {
            let repository = Arc::clone(repository);
            tokio::spawn(async move {
                let ring = ring(revision, vec![key(seed, Algorithm::Es256)]);
                (repository.store(&ring).await, seed)
            })
        });
        let mut winners = vec![];
        for contender in contenders.collect::<Vec<_>>() {
            match contender.await.unwrap() {
                (Ok(()), seed) => winners.push(seed),
                (Err(StoreError::Conflict), _) => {}
                (Err(error), seed) => panic!("contender {seed}: {error:?}"),
            }
        }
        assert_eq!(winners.len(), 1, "at revision {revision} these won: {winners:?}");
        assert_stored(repository, &ring(revision + 1, vec![key(winners[0], Algorithm::Es256)])).await;
    }
}

/// A ring of these keys, none of them revoked.
pub(super) const fn ring(revision: u64, keys: Vec<SigningKey>) -> KeyRing {
    KeyRing { revision, keys, revoked: BTreeSet::new() }
}

/// A key that differs from that of every other seed; no key that could sign.
pub(super) fn key(seed: u8, algorithm: Algorithm) -> SigningKey {
    let bytes = |length| vec![seed; length];
    let parameters = match algorithm.key_type() {
        KeyType::Rsa => PublicParameters::Rsa { n: bytes(256), e: vec![1, 0, 1] },
        KeyType::P256 => PublicParameters::Ec { x: bytes(32), y: vec![0; 32] },
        KeyType::P384 => PublicParameters::Ec { x: bytes(48), y: vec![0; 48] },
        KeyType::Ed25519 => PublicParameters::Okp { x: bytes(32) },
    };
    let start = 1000 * i64::from(seed);
    SigningKey {
        public: PublicJwk::new(algorithm, parameters),
        private: sealed(seed, "0123456789abcdef"),
        purpose: KeyPurpose::Signing,
        created_at: at(start),
        schedule: KeySchedule::new(at(start + 1), at(start + 20), at(start + 300), Duration::from_secs(400)),
        revocation: None,
    }
}

pub(super) async fn assert_stored(repository: &Arc<dyn KeyRepository>, expected: &KeyRing) {
    let stored = repository.load().await.unwrap();
    assert_eq!(stored.revision, expected.revision, "the revision");
    let kids = |ring: &KeyRing| ring.keys.iter().map(|key| key.kid().clone()).collect::<Vec<Kid>>();
    assert_eq!(kids(&stored), kids(expected), "the keys");
    assert_eq!(stored.revoked, expected.revoked, "the revoked kids");
    for (stored, expected) in stored.keys.iter().zip(&expected.keys) {
        assert!(stored == expected, "key {} is not as it was stored", expected.kid());
    }
}

fn sealed(seed: u8, sealed_by: &str) -> Sealed {
    let bytes = (0..60).map(|n| seed.wrapping_mul(n)).collect();
    Sealed { bytes, sealed_by: EncryptionKeyId::stored(sealed_by.to_owned()) }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + seconds)
}
