//! Sealing secrets anew when some do not open, the store is down, or there is nothing to do.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{clock, down, origin, recording_log, settled_keyring};
use crate::audit::{AuditEntry, Event};
use crate::key::EncryptionKeyId;
use crate::ports::{
    BoxError, CipherError, MockCipher, MockKeyCustody, MockSealedSecrets, SealContext, Sealed, SealedSecret,
};
use crate::session::SessionId;
use crate::usecase::{Outage, ResealSecrets, RewrapKeys, RewrapMode, Rewrapped};

fn sealed(number: u8, by: u8) -> Sealed {
    Sealed { bytes: vec![number], sealed_by: EncryptionKeyId::of(&[by; 32]) }
}

fn context(number: u8) -> SealContext {
    SealContext::of_session(SessionId::from_random([number; 16]))
}

/// A cipher that has the encryption keys 1 and 2, seals with 2, and finds secret number 3 damaged.
fn cipher() -> MockCipher {
    let mut cipher = MockCipher::new();
    cipher.expect_open().returning(|_, from| match from.bytes[..] {
        _ if from.sealed_by == EncryptionKeyId::of(&[9; 32]) => Err(CipherError::UnknownKey(from.sealed_by.clone())),
        [3] => Err(CipherError::Rejected),
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
    let subject = |number| Some(context(number).subject().to_owned());
    secrets.expect_page().returning(move |after, _| match after {
        None => Ok(vec![of(1), of(2)]),
        after if after == subject(2) => Ok(vec![of(3), of(4)]),
        _ => Ok(vec![]),
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
    let secrets = Arc::new(ResealSecrets::new(vec![Arc::new(secrets)], Arc::new(cipher)));
    let use_case = RewrapKeys::new(settled_keyring().await, Arc::new(custody), secrets, Arc::new(log), clock());
    let result = use_case.run(mode, origin()).await;
    let entries = std::mem::take(&mut *entries.lock().unwrap());
    (result, entries)
}

#[tokio::test]
async fn each_page_is_replaced_as_one_and_what_does_not_open_is_told() {
    let mut secrets = store([1, 2, 1, 1]);
    for number in [1, 4] {
        let is_it = move |resealings: &[crate::ports::Resealing]| {
            matches!(resealings, [one] if one.context == context(number)
                && one.from == sealed(number, 1) && one.to == sealed(number, 2))
        };
        secrets.expect_replace().withf(is_it).times(1).returning(|_| Ok(1));
    }
    let (result, entries) = run(secrets, cipher(), RewrapMode::Write).await;
    let report = result.unwrap();
    assert_eq!((report.secrets.resealed, report.secrets.current), (2, 1));
    assert!(matches!(&report.secrets.unopened[..], [(damaged, CipherError::Rejected)] if *damaged == context(3)));
    assert_eq!(entries.iter().map(|entry| entry.event).collect::<Vec<_>>(), [Event::KeysRewrapped]);
}

#[tokio::test]
async fn a_dry_run_counts_and_writes_nothing() {
    let (result, entries) = run(store([1, 9, 1, 1]), cipher(), RewrapMode::DryRun).await;
    let report = result.unwrap();
    assert_eq!((report.secrets.resealed, report.secrets.unopened.len(), entries.len()), (2, 2, 0));
}

#[tokio::test]
async fn where_all_is_done_nothing_is_written_or_logged() {
    let (result, entries) = run(store([2, 2, 9, 2]), cipher(), RewrapMode::Write).await;
    assert_eq!((result.unwrap().secrets.current, entries.len()), (3, 0));
}

#[tokio::test]
async fn an_outage_leaves_the_rest_for_the_next_time() {
    let mut secrets = store([1; 4]);
    secrets.expect_replace().times(1).returning(|_| Err(down()));
    assert!(run(secrets, cipher(), RewrapMode::Write).await.0.is_err());
    let mut cipher = MockCipher::new();
    cipher.expect_open().returning(|_, _| Err(CipherError::Unavailable(BoxError::from("gone"))));
    assert!(run(store([1; 4]), cipher, RewrapMode::Write).await.0.is_err());
}
