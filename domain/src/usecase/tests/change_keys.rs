//! Revoking, importing, exporting and rewrapping when something is down, or another replica is faster.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use super::{
    HOUR, NOW, clock, down, failing_log, key, keyring, new_key, origin, policy, recording_log, settled_ring,
    working_signer,
};
use crate::audit::{Event, IssuedTokens, Outcome};
use crate::key::{EncryptionKeyId, KeyRing, RevocationRefused};
use crate::ports::{
    AuditLog, BoxError, MockAuditLog, MockCipher, MockKeyCustody, MockKeyRepository, MockSealedSecrets, MockSigner,
    PemPair, Resealing, Sealed, SignerError, StoreError,
};
use crate::usecase::{
    ChangeRing, ExportKey, ImportKey, KeyRevoked, Outage, ResealSecrets, RevocationReason, RevokeError, RevokeKey,
    RewrapKeys, RewrapMode,
};
use crate::user::DemoUsers;

fn stored(ring: KeyRing) -> MockKeyRepository {
    let mut repository = MockKeyRepository::new();
    repository.expect_load().returning(move || Ok(ring.clone()));
    repository
}

fn making_signer() -> MockSigner {
    let mut signer = working_signer();
    signer.expect_generate().returning(|_| Ok(new_key(50)));
    signer
}

async fn changing(repository: MockKeyRepository, signer: MockSigner) -> Arc<ChangeRing> {
    Arc::new(ChangeRing::new(keyring(repository).await, Arc::new(signer), clock()))
}

async fn revoke(repository: MockKeyRepository, audit: MockAuditLog) -> Result<KeyRevoked, RevokeError> {
    let use_case = RevokeKey::new(changing(repository, making_signer()).await, Arc::new(audit), policy());
    let kid = key(1, NOW).kid().clone();
    use_case.run(&kid, RevocationReason::parse("test").unwrap(), origin()).await
}

#[tokio::test]
async fn a_revocation_is_stored_once_and_logged() {
    let mut repository = stored(settled_ring(1));
    let kid = key(1, NOW).kid().clone();
    let revoked = kid.clone();
    repository.expect_store().times(1).withf(move |ring| ring.revoked.contains(&revoked)).returning(|_| Ok(()));
    let (mut log, entries) = recording_log();
    log.expect_issued_by().returning(|_, _| Ok(IssuedTokens { tokens: 3, users: 2 }));
    let done = revoke(repository, log).await.unwrap();
    assert!(!done.already && done.issued.tokens == 3);
    assert_eq!(done.withdrawal.signer, Some(key(2, NOW).kid().clone()), "the stand-by");
    let entries = entries.lock().unwrap();
    assert_eq!((entries[0].event, entries[0].kid.as_ref()), (Event::KeyRevoked, Some(&kid)));
    assert_eq!((entries[0].outcome, entries[0].detail.as_deref()), (Outcome::Success, Some("test")));
}

#[tokio::test]
async fn a_revocation_that_meets_another_change_is_planned_anew() {
    let mut repository = stored(settled_ring(1));
    let first = AtomicBool::new(true);
    repository.expect_store().times(2).returning(move |_| match first.swap(false, Ordering::SeqCst) {
        true => Err(StoreError::Conflict),
        false => Ok(()),
    });
    let (mut log, _) = recording_log();
    log.expect_issued_by().returning(|_, _| Ok(IssuedTokens::default()));
    assert!(!revoke(repository, log).await.unwrap().already);
}

#[tokio::test]
async fn a_revocation_of_nothing_stores_and_logs_nothing() {
    let ring = KeyRing { keys: vec![key(2, NOW.minus(HOUR / 2)), key(3, NOW.plus(HOUR / 2))], ..settled_ring(1) };
    let refused = revoke(stored(ring), MockAuditLog::new()).await;
    assert!(matches!(refused, Err(RevokeError::Refused(RevocationRefused::UnknownKey(_)))));
}

#[tokio::test]
async fn a_revocation_that_is_not_logged_is_told_as_an_outage() {
    let mut repository = stored(settled_ring(1));
    repository.expect_store().returning(|_| Ok(()));
    assert!(matches!(revoke(repository, failing_log()).await, Err(RevokeError::Unavailable(_))));
}

#[tokio::test]
async fn an_import_that_cannot_be_stored_changes_nothing() {
    let mut repository = stored(settled_ring(1));
    repository.expect_store().times(1).returning(|_| Err(down()));
    let mut custody = MockKeyCustody::new();
    custody.expect_import().returning(|_, _| Ok(new_key(60)));
    // The signer makes no key: the imported one is all that is needed.
    let change = changing(repository, working_signer()).await;
    let use_case =
        ImportKey::new(change, Arc::new(custody), Arc::new(MockAuditLog::new()), policy(), DemoUsers::Refused);
    assert!(use_case.run(&Zeroizing::new("pem".to_owned()), origin()).await.is_err());
}

#[tokio::test]
async fn nothing_is_given_out_that_is_not_logged() {
    let mut custody = MockKeyCustody::new();
    custody
        .expect_export()
        .returning(|_| Ok(PemPair { private: Zeroizing::new("private".to_owned()), public: "public".to_owned() }));
    let ring = keyring(stored(settled_ring(1))).await;
    let export = |audit: Arc<dyn AuditLog>, custody| ExportKey::new(Arc::clone(&ring), custody, audit, clock());
    let custody: Arc<MockKeyCustody> = Arc::new(custody);
    let kid = key(1, NOW).kid().clone();
    assert!(export(Arc::new(failing_log()), Arc::clone(&custody) as _).run(&kid, origin()).await.is_err());
    let (log, entries) = recording_log();
    let pair = export(Arc::new(log), custody as _).run(&kid, origin()).await;
    assert!(pair.is_ok_and(|pair| *pair.private == "private"));
    assert_eq!(entries.lock().unwrap()[0].event, Event::KeyExported);
}

/// Key 1 is sealed anew, key 2 does not open.
fn half_opening_custody() -> MockKeyCustody {
    let mut custody = MockKeyCustody::new();
    custody.expect_reseal().returning(|sealed| match sealed.private.bytes[..] {
        [2] => Err(SignerError::Rejected(sealed.kid().clone())),
        _ => Ok(Sealed { bytes: vec![9], sealed_by: EncryptionKeyId::of(&[1; 32]) }),
    });
    custody
}

/// A store of such keys, which has no other secrets, and how it is asked to replace the ring.
fn sealing(ring: KeyRing) -> (MockKeyRepository, MockSealedSecrets) {
    let mut secrets = MockSealedSecrets::new();
    secrets.expect_page().returning(|_, _| Ok(Vec::new()));
    (stored(ring), secrets)
}

async fn rewrapping(
    (repository, secrets): (MockKeyRepository, MockSealedSecrets),
    custody: MockKeyCustody,
    audit: MockAuditLog,
) -> RewrapKeys {
    let secrets = ResealSecrets::new(Arc::new(secrets), Arc::new(MockCipher::new()));
    RewrapKeys::new(keyring(repository).await, Arc::new(custody), Arc::new(secrets), Arc::new(audit), clock())
}

#[tokio::test]
async fn a_dry_run_tells_and_stores_nothing() {
    let use_case = rewrapping(sealing(settled_ring(1)), half_opening_custody(), MockAuditLog::new()).await;
    let report = use_case.run(RewrapMode::DryRun, origin()).await.unwrap();
    assert_eq!((report.resealed.len(), report.current, report.unopened.len()), (1, 0, 1));
}

#[tokio::test]
async fn what_does_not_open_stays_as_it_is() {
    let (repository, mut secrets) = sealing(settled_ring(1));
    let halves = |ring: &KeyRing| ring.keys.iter().map(|key| key.private.bytes.clone()).collect::<Vec<_>>();
    let is_it = move |ring: &KeyRing, _: &[Resealing]| ring.revision == 1 && halves(ring) == [vec![9], vec![2]];
    secrets.expect_replace().times(1).withf(is_it).returning(|_, _| Ok(0));
    let (log, entries) = recording_log();
    let use_case = rewrapping((repository, secrets), half_opening_custody(), log).await;
    let report = use_case.run(RewrapMode::Forced, origin()).await.unwrap();
    assert_eq!((report.resealed.len(), report.unopened.len(), report.is_done), (1, 1, true));
    assert_eq!(entries.lock().unwrap()[0].event, Event::KeysRewrapped);
}

/// `replace` of the mock fails the test.
#[tokio::test]
async fn where_a_key_does_not_open_nothing_is_written_unless_it_is_forced() {
    let use_case = rewrapping(sealing(settled_ring(1)), half_opening_custody(), MockAuditLog::new()).await;
    let report = use_case.run(RewrapMode::Careful, origin()).await.unwrap();
    assert_eq!((report.resealed.len(), report.unopened.len(), report.is_done), (1, 1, false));
}

#[tokio::test]
async fn a_rewrap_that_meets_another_change_is_begun_anew() {
    let (repository, mut secrets) = sealing(settled_ring(1));
    let first = AtomicBool::new(true);
    secrets.expect_replace().times(2).returning(move |_, _| match first.swap(false, Ordering::SeqCst) {
        true => Err(StoreError::Conflict),
        false => Ok(0),
    });
    let use_case = rewrapping((repository, secrets), half_opening_custody(), recording_log().0).await;
    assert!(use_case.run(RewrapMode::Forced, origin()).await.is_ok());
}

#[tokio::test]
async fn a_rewrap_that_always_meets_another_change_ends_as_an_outage() {
    let (repository, mut secrets) = sealing(settled_ring(1));
    secrets.expect_replace().times(8).returning(|_, _| Err(StoreError::Conflict));
    let use_case = rewrapping((repository, secrets), half_opening_custody(), MockAuditLog::new()).await;
    let ended = use_case.run(RewrapMode::Forced, origin()).await;
    assert!(matches!(ended, Err(Outage::Store(StoreError::Conflict))));
}

/// A key that opens another time must not be told as one that is lost.
#[tokio::test]
async fn nothing_is_sealed_anew_while_the_custody_is_down() {
    let mut custody = MockKeyCustody::new();
    custody.expect_reseal().returning(|_| Err(SignerError::Unavailable(BoxError::from("out of reach"))));
    let use_case = rewrapping(sealing(settled_ring(1)), custody, MockAuditLog::new()).await;
    assert!(matches!(use_case.run(RewrapMode::Forced, origin()).await, Err(Outage::Signer(_))));
}
