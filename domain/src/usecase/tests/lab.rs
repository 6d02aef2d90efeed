//! The lab where something fails, and what it never touches.

use std::sync::Arc;
use std::time::Duration;

use super::{
    allowance, clock, down, failing_log, new_key, origin, policy, recording_log, settled_keyring, token_issuer, user,
    working_signer,
};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::lab::Specimen;
use crate::limit::{Allowance, Bucket, Refusal};
use crate::ports::{
    AuditLog, BoxError, MockAuditLog, MockEntropy, MockRateLimiter, MockSigner, MockUserRepository, SignerError,
    StoreError,
};
use crate::usecase::{
    ChangeRing, LabKeys, LabKeysParts, MintSpecimen, MintSpecimenError, MintSpecimenParts, Minted, RequestSpecimen,
    RequestSpecimenError, RevokeKey,
};
use crate::user::User;

type Spent = fn() -> Result<Result<Allowance, Refusal>, StoreError>;
type Found = fn() -> Result<Option<User>, StoreError>;

fn specimen(name: &str) -> Specimen {
    Specimen::from_name(name).unwrap()
}

/// Users of whom one is asked for; without `found` none may be.
fn users(found: Option<Found>) -> MockUserRepository {
    let mut users = MockUserRepository::new();
    if let Some(found) = found {
        users.expect_find().returning(move |_| found());
    }
    users
}

/// A lab over those; `signer` signs specimens and makes the keys of the lab, another one signs sound tokens.
async fn lab(users: MockUserRepository, signer: MockSigner, audit: Arc<dyn AuditLog>) -> MintSpecimen {
    let keyring = settled_keyring().await;
    let tokens = token_issuer(&keyring, working_signer());
    let signer = Arc::new(signer);
    let change = Arc::new(ChangeRing::new(Arc::clone(&keyring), Arc::clone(&signer) as _, clock()));
    let revoke = Arc::new(RevokeKey::new(Arc::clone(&change), Arc::clone(&audit), policy()));
    let mut entropy = MockEntropy::new();
    entropy.expect_fill().returning(|bytes| bytes.fill(7));
    let parts = LabKeysParts {
        keyring: Arc::clone(&keyring),
        change,
        revoke,
        signer: Arc::clone(&signer) as _,
        clock: clock(),
    };
    MintSpecimen::new(MintSpecimenParts {
        users: Arc::new(users),
        tokens,
        keyring,
        keys: Arc::new(LabKeys::new(parts)),
        signer,
        audit,
        entropy: Arc::new(entropy),
        clock: clock(),
    })
}

/// Asks for a sound token, and answers what came of it with what was logged.
async fn request(
    spent: Spent,
    found: Option<Found>,
) -> (Result<(Minted, Allowance), RequestSpecimenError>, Vec<AuditEntry>) {
    let mut limiter = MockRateLimiter::new();
    let is_address = |bucket: &Bucket| *bucket == Bucket::address(origin().ip);
    limiter.expect_spend().withf(is_address).times(1).returning(move |_| spent());
    let (log, entries) = recording_log();
    let audit: Arc<MockAuditLog> = Arc::new(log);
    let mint = Arc::new(lab(users(found), working_signer(), Arc::clone(&audit) as _).await);
    let request = RequestSpecimen::new(mint, Arc::new(limiter), audit, clock());
    let result = request.run(Specimen::Sound, origin()).await;
    let entries = std::mem::take(&mut *entries.lock().unwrap());
    (result, entries)
}

fn logged(entries: &[AuditEntry]) -> (Event, Outcome) {
    let [entry] = entries else { panic!("{} entries", entries.len()) };
    (entry.event, entry.outcome)
}

#[tokio::test]
async fn a_limited_address_has_nothing_minted_and_is_logged() {
    const REFUSAL: Refusal =
        Refusal { limit: 10, retry_after: Duration::from_secs(1), reset_after: Duration::from_secs(10) };
    let (refused, entries) = request(|| Ok(Err(REFUSAL)), None).await;
    assert!(matches!(refused, Err(RequestSpecimenError::AddressLimited(refusal)) if refusal == REFUSAL));
    assert_eq!(logged(&entries), (Event::SpecimenMinted, Outcome::AddressLimited));
}

#[tokio::test]
async fn whatever_comes_of_it_is_logged_once() {
    let (failed, entries) = request(|| Err(down()), None).await;
    assert!(matches!(failed, Err(RequestSpecimenError::Unavailable(_))));
    assert_eq!(logged(&entries), (Event::SpecimenMinted, Outcome::Failed));
    let (gone, entries) = request(|| Ok(Ok(allowance())), Some(|| Ok(None))).await;
    assert!(matches!(gone, Err(RequestSpecimenError::NotMinted(MintSpecimenError::NoUser, _))));
    assert_eq!(logged(&entries), (Event::SpecimenMinted, Outcome::Failed));
    let (minted, entries) = request(|| Ok(Ok(allowance())), Some(|| Ok(Some(user())))).await;
    assert_eq!(minted.ok().unwrap().1, allowance());
    assert_eq!(logged(&entries), (Event::SpecimenMinted, Outcome::Success));
    assert!(entries[0].jti.is_some() && entries[0].expires_at.is_some(), "it counts as issued: a sound token is in it");
}

#[tokio::test]
async fn what_cannot_be_logged_is_not_given() {
    let lab = lab(users(Some(|| Ok(Some(user())))), working_signer(), Arc::new(failing_log())).await;
    let failed = lab.run(Specimen::Sound, origin()).await;
    assert!(matches!(failed, Err(MintSpecimenError::Unavailable(_))));
}

#[tokio::test]
async fn the_stranger_has_one_key_for_each_algorithm() {
    let mut signer = working_signer();
    signer.expect_generate().times(1).returning(|_| Ok(new_key(9)));
    let lab = lab(users(Some(|| Ok(Some(user())))), signer, Arc::new(recording_log().0)).await;
    for name in ["stranger-key", "embedded-jwk", "kid-sql", "stranger-key"] {
        assert!(lab.run(specimen(name), origin()).await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn what_nobody_signs_asks_nobody_to_sign() {
    let lab = lab(users(Some(|| Ok(Some(user())))), MockSigner::new(), Arc::new(recording_log().0)).await;
    for name in ["alg-none", "hs256-public-pem", "hs256-public-der", "pbes2-count", "zip-bomb"] {
        assert!(lab.run(specimen(name), origin()).await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn a_signer_that_makes_no_key_is_an_outage() {
    let mut signer = MockSigner::new();
    signer.expect_generate().returning(|_| Err(SignerError::Unavailable(BoxError::from("no HSM"))));
    let lab = lab(users(Some(|| Ok(Some(user())))), signer, Arc::new(recording_log().0)).await;
    for name in ["stranger-key", "unpublished-key", "revoked-key"] {
        let failed = lab.run(specimen(name), origin()).await;
        assert!(matches!(failed, Err(MintSpecimenError::Unavailable(_))), "{name}");
    }
}
