//! Sealing secrets anew when some do not open, the store is down, or there is nothing to do.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{clock, down, origin, recording_log, settled_keyring, settled_ring};
use crate::audit::{AuditEntry, Event};
use crate::key::{EncryptionKeyId, KeyRing};
use crate::ports::{
    BoxError, CipherError, MockCipher, MockKeyCustody, MockSealedSecrets, Resealing, SealContext, Sealed, SealedSecret,
    StoreError,
};
use crate::session::SessionId;
use crate::usecase::{Outage, ResealSecrets, RewrapKeys, RewrapMode, Rewrapped};

fn sealed(number: u8, by: u8) -> Sealed {
    Sealed { bytes: vec![number; 40], sealed_by: EncryptionKeyId::of(&[by; 32]) }
}

fn context(number: u8) -> SealContext {
    SealContext::of_session(SessionId::from_random([number; 16]))
}

/// A cipher that has the encryption keys 1 and 2, seals with 2, and finds secret number 3 damaged.
fn cipher() -> MockCipher {
    let mut cipher = MockCipher::new();
    cipher.expect_open().returning(|_, from| match from.bytes[0] {
        _ if from.sealed_by == EncryptionKeyId::of(&[9; 32]) => Err(CipherError::UnknownKey(from.sealed_by.clone())),
        3 => Err(CipherError::Rejected),
        _ => Ok(Zeroizing::new(from.bytes.clone())),
    });
    cipher.expect_seal().returning(|_, opened| Ok(sealed(opened[0], 2)));
    cipher
}

/// A store of two pages, whose secrets are sealed by the encryption keys `by`.
fn store(by: [u8; 4]) -> MockSealedSecrets {
    let mut secrets = MockSealedSecrets::new();
    let of = move |number: u8| SealedSecret {
        context: context(number),
        sealed: sealed(number, by[usize::from(number) - 1]),
    };
    secrets.expect_page().returning(move |after, _| match after {
        None => Ok(vec![of(1), of(2)]),
        Some(after) if after == context(2) => Ok(vec![of(3), of(4)]),
        Some(_) => Ok(vec![]),
    });
    secrets
}

async fn run(
    secrets: MockSealedSecrets,
    cipher: MockCipher,
    mode: RewrapMode,
) -> (Result<Rewrapped, Outage>, Vec<AuditEntry>) {
    let (log, entries) = recording_log();
    let mut custody = MockKeyCustody::new();
    custody.expect_reseal().returning(|key| Ok(key.private.clone()));
    let secrets = Arc::new(ResealSecrets::new(Arc::new(secrets), Arc::new(cipher)));
    let use_case = RewrapKeys::new(settled_keyring().await, Arc::new(custody), secrets, Arc::new(log), clock());
    let result = use_case.run(mode, origin()).await;
    let entries = std::mem::take(&mut *entries.lock().unwrap());
    (result, entries)
}

/// What does not open, and why.
fn told(report: &Rewrapped) -> Vec<(SealContext, String)> {
    report.all_unopened().map(|unopened| (unopened.context.clone(), unopened.why.to_string())).collect()
}

#[tokio::test]
async fn all_pages_are_replaced_as_one_with_the_ring_and_what_does_not_open_is_told() {
    let mut secrets = store([1, 2, 1, 1]);
    let is_it = |ring: &KeyRing, resealings: &[Resealing]| {
        let is_sealed_anew = |resealing: &Resealing, number| {
            resealing.context == context(number)
                && resealing.from == sealed(number, 1)
                && resealing.to == sealed(number, 2)
        };
        let is_complete = matches!(resealings, [one, four] if is_sealed_anew(one, 1) && is_sealed_anew(four, 4));
        is_complete && *ring == settled_ring(1)
    };
    secrets.expect_replace().withf(is_it).times(1).returning(|_, _| Ok(2));
    let (result, entries) = run(secrets, cipher(), RewrapMode::Forced).await;
    let report = result.unwrap();
    assert_eq!((report.secrets.resealed, report.secrets.current), (2, 1));
    assert_eq!(told(&report), [(context(3), "the ciphertext was changed or belongs elsewhere".to_owned())]);
    assert!(report.is_done);
    assert_eq!(entries.iter().map(|entry| entry.event).collect::<Vec<_>>(), [Event::KeysRewrapped]);
}

/// Whatever can be wrong with one row hides no other, and is told as what it is.
#[tokio::test]
async fn every_row_that_does_not_open_is_told_with_what_is_wrong_with_it_and_nothing_is_written() {
    let of = |number, bytes: &[u8], sealed_by: &str| SealedSecret {
        context: context(number),
        sealed: Sealed { bytes: bytes.to_vec(), sealed_by: EncryptionKeyId::stored(sealed_by.to_owned()) },
    };
    let known = EncryptionKeyId::of(&[1; 32]);
    let rows = [
        of(1, &[3; 40], "no id"),
        of(2, &[], known.as_str()),
        of(3, &[3; 27], known.as_str()),
        of(4, &[3; 40], known.as_str()),
        of(5, &[3; 40], EncryptionKeyId::of(&[9; 32]).as_str()),
        of(6, &[6; 40], known.as_str()),
    ];
    for mode in [RewrapMode::DryRun, RewrapMode::Careful] {
        let (mut secrets, rows) = (MockSealedSecrets::new(), rows.clone());
        secrets.expect_page().returning(move |after, _| Ok(after.map_or_else(|| rows.to_vec(), |_| Vec::new())));
        let mut cipher = MockCipher::new();
        cipher.expect_open().returning(|_, from| match from.bytes.first() {
            _ if from.sealed_by == EncryptionKeyId::of(&[9; 32]) => {
                Err(CipherError::UnknownKey(from.sealed_by.clone()))
            }
            Some(6) => Ok(Zeroizing::new(from.bytes.clone())),
            _ => Err(CipherError::Rejected),
        });
        cipher.expect_seal().returning(|_, opened| Ok(sealed(opened[0], 2)));
        let (result, entries) = run(secrets, cipher, mode).await;
        let report = result.unwrap();
        let dropped = format!("sealed with encryption key {}, which is not configured", EncryptionKeyId::of(&[9; 32]));
        let why = [
            "sealed_by is no id of an encryption key",
            "the ciphertext is missing",
            "the ciphertext is too short",
            "the ciphertext was changed or belongs elsewhere",
            &dropped,
        ];
        let expected = (1..).map(context).zip(why.map(str::to_owned)).collect::<Vec<_>>();
        assert_eq!((told(&report), report.secrets.resealed), (expected, 1));
        assert!(!report.is_done && entries.is_empty());
    }
}

#[tokio::test]
async fn what_is_gone_meanwhile_is_not_counted_as_done() {
    let mut secrets = store([1; 4]);
    secrets.expect_replace().returning(|_, _| Ok(1));
    assert_eq!(run(secrets, cipher(), RewrapMode::Forced).await.0.unwrap().secrets.resealed, 1);
}

#[tokio::test]
async fn a_dry_run_counts_and_writes_nothing() {
    let (result, entries) = run(store([1, 9, 1, 1]), cipher(), RewrapMode::DryRun).await;
    let report = result.unwrap();
    assert_eq!((report.secrets.resealed, report.secrets.unopened.len(), entries.len()), (2, 2, 0));
}

#[tokio::test]
async fn where_all_is_done_nothing_is_written_or_logged() {
    let (result, entries) = run(store([2, 2, 9, 2]), cipher(), RewrapMode::Forced).await;
    assert_eq!((result.unwrap().secrets.current, entries.len()), (3, 0));
}

#[tokio::test]
async fn an_outage_leaves_all_for_the_next_time() {
    let mut secrets = store([1; 4]);
    secrets.expect_replace().times(1).returning(|_, _| Err(down()));
    let (result, entries) = run(secrets, cipher(), RewrapMode::Forced).await;
    assert!(result.is_err() && entries.is_empty());
    let mut cipher = MockCipher::new();
    cipher.expect_open().returning(|_, _| Err(CipherError::Unavailable(BoxError::from("gone"))));
    assert!(run(store([1; 4]), cipher, RewrapMode::Forced).await.0.is_err());
}

/// The next time begins where the first one did, and finds done what another process has done.
#[tokio::test]
async fn after_an_interruption_all_is_read_anew() {
    let mut secrets = store([1; 4]);
    let mut times = mockall::Sequence::new();
    secrets.expect_replace().times(1).in_sequence(&mut times).returning(|_, _| Err(StoreError::Conflict));
    secrets.expect_replace().times(1).in_sequence(&mut times).withf(|_, all| all.len() == 3).returning(|_, _| Ok(3));
    let report = run(secrets, cipher(), RewrapMode::Forced).await.0.unwrap();
    assert_eq!((report.secrets.resealed, report.secrets.unopened.len()), (3, 1), "each is counted once");
}
