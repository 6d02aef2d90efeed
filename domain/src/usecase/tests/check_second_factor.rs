//! Asking for a second factor when something is wrong, or when others are faster.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{NOW, allowance, down, failing_log, origin, recording_log, user};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::key::EncryptionKeyId;
use crate::limit::{Bucket, Refusal};
use crate::ports::{
    CipherError, MockAuditLog, MockCipher, MockEntropy, MockRateLimiter, MockSecondFactorRepository, RateLimiter,
    Sealed,
};
use crate::second_factor::{
    Enrolment, RecoveryCode, SecondFactor, SecondFactorChange, SecondFactorProof, Step, TotpSecret,
};
use crate::session::AuthMethod;
use crate::usecase::{
    Admitted, CheckSecondFactor, CheckSecondFactorParts, FirstFactor, LogInError, SecondFactorSecrets,
};

const SECRET: [u8; 20] = [5; 20];

/// A check over these, with a log of no interest.
pub(super) fn checking(
    factors: MockSecondFactorRepository,
    cipher: MockCipher,
    limiter: Arc<dyn RateLimiter>,
) -> CheckSecondFactor {
    logging(factors, cipher, limiter, recording_log().0)
}

fn logging(
    factors: MockSecondFactorRepository,
    cipher: MockCipher,
    limiter: Arc<dyn RateLimiter>,
    audit: MockAuditLog,
) -> CheckSecondFactor {
    let secrets = SecondFactorSecrets::new(Arc::new(cipher), Arc::new(MockEntropy::new()));
    CheckSecondFactor::new(CheckSecondFactorParts {
        factors: Arc::new(factors),
        secrets: Arc::new(secrets),
        limiter,
        audit: Arc::new(audit),
    })
}

fn sealed() -> Sealed {
    Sealed { bytes: vec![], sealed_by: EncryptionKeyId::of(&[7; 32]) }
}

fn confirmed() -> SecondFactor {
    let enrolment = Enrolment { user: user().id, at: NOW.minus(Duration::from_secs(3600)) };
    SecondFactor {
        confirmed_at: Some(NOW.minus(Duration::from_secs(3600))),
        last_step: Some(Step(1)),
        ..SecondFactor::begin(enrolment, sealed())
    }
}

/// A store that holds `found`, and nothing that it is told to do yet.
fn holding(found: SecondFactor) -> MockSecondFactorRepository {
    let mut factors = MockSecondFactorRepository::new();
    factors.expect_find().returning(move |_| Ok(Some(found.clone())));
    factors
}

fn opening() -> MockCipher {
    let mut cipher = MockCipher::new();
    cipher.expect_open().returning(|_, _| Ok(Zeroizing::new(SECRET.to_vec())));
    cipher.expect_seal().returning(|_, _| Ok(sealed()));
    cipher
}

/// A limiter that lets a try pass, and is not to be cleared.
fn spending() -> MockRateLimiter {
    let mut limiter = MockRateLimiter::new();
    limiter
        .expect_spend()
        .withf(|bucket| *bucket == Bucket::SecondFactor(user().id))
        .times(1)
        .returning(|_| Ok(Ok(allowance())));
    limiter
}

fn clearing() -> Arc<dyn RateLimiter> {
    let mut limiter = spending();
    limiter.expect_clear().times(1).returning(|_| Ok(()));
    Arc::new(limiter)
}

fn right_code() -> SecondFactorProof {
    SecondFactorProof::Code(TotpSecret::new(SECRET).code(Step::at(NOW)))
}

async fn run(
    check: &CheckSecondFactor,
    method: AuthMethod,
    proof: Option<SecondFactorProof>,
) -> Result<Admitted, LogInError> {
    let first = FirstFactor { user: user(), method, allowance: allowance() };
    let mut entry = AuditEntry::new(NOW, origin(), Event::Login, Outcome::Success);
    check.run(first, proof.as_ref(), &mut entry).await
}

async fn refused(check: CheckSecondFactor, proof: Option<SecondFactorProof>) -> LogInError {
    run(&check, AuthMethod::Password, proof).await.err().unwrap()
}

#[tokio::test]
async fn a_store_that_is_down_lets_nobody_in() {
    let mut factors = MockSecondFactorRepository::new();
    factors.expect_find().returning(|_| Err(down()));
    let check = checking(factors, MockCipher::new(), Arc::new(MockRateLimiter::new()));
    assert!(matches!(refused(check, None).await, LogInError::Unavailable(_)));
}

#[tokio::test]
async fn what_is_not_confirmed_is_not_asked_for() {
    let pending = SecondFactor { confirmed_at: None, last_step: None, ..confirmed() };
    let check = checking(holding(pending), MockCipher::new(), Arc::new(MockRateLimiter::new()));
    let admitted = run(&check, AuthMethod::Password, None).await.ok().unwrap();
    assert_eq!((admitted.methods(), admitted.user()), (&[AuthMethod::Password][..], &user()));
}

#[tokio::test]
async fn nothing_is_spent_where_nothing_is_shown() {
    let check = checking(holding(confirmed()), MockCipher::new(), Arc::new(MockRateLimiter::new()));
    assert!(matches!(refused(check, None).await, LogInError::SecondFactorRequired(_)));
}

#[tokio::test]
async fn who_guesses_too_often_reaches_neither_secret_nor_store() {
    let mut limiter = MockRateLimiter::new();
    let refusal = Refusal { limit: 5, retry_after: Duration::from_secs(300), reset_after: Duration::from_secs(1500) };
    limiter.expect_spend().returning(move |_| Ok(Err(refusal)));
    let check = checking(holding(confirmed()), MockCipher::new(), Arc::new(limiter));
    let error = refused(check, Some(right_code())).await;
    assert!(matches!(error, LogInError::AccountLimited(found) if found == refusal));
}

#[tokio::test]
async fn a_secret_that_does_not_open_lets_nobody_in() {
    for unopened in [|| CipherError::Rejected, || CipherError::UnknownKey(EncryptionKeyId::of(&[1; 32]))] {
        let mut cipher = MockCipher::new();
        cipher.expect_open().returning(move |_, _| Err(unopened()));
        let check = checking(holding(confirmed()), cipher, Arc::new(spending()));
        assert!(matches!(refused(check, Some(right_code())).await, LogInError::Unavailable(_)));
    }
    let mut cipher = MockCipher::new();
    cipher.expect_open().returning(|_, _| Ok(Zeroizing::new(vec![5; 19])));
    let check = checking(holding(confirmed()), cipher, Arc::new(spending()));
    assert!(matches!(refused(check, Some(right_code())).await, LogInError::Unavailable(_)));
}

#[tokio::test]
async fn a_wrong_code_changes_nothing() {
    let check = checking(holding(confirmed()), opening(), Arc::new(spending()));
    let wrong = TotpSecret::new(SECRET).code(Step(Step::at(NOW).0 + 2));
    let error = refused(check, Some(SecondFactorProof::Code(wrong))).await;
    assert!(matches!(error, LogInError::BadSecondFactor(_)));
}

#[tokio::test]
async fn who_is_second_with_a_code_is_not_let_in() {
    for proof in [right_code(), SecondFactorProof::Recovery(RecoveryCode::new([1; 10]))] {
        let mut factors = holding(confirmed());
        factors.expect_update().times(1).returning(|_, _| Ok(false));
        let check = checking(factors, opening(), Arc::new(spending()));
        assert!(matches!(refused(check, Some(proof)).await, LogInError::BadSecondFactor(_)));
    }
}

#[tokio::test]
async fn a_code_is_taken_with_its_step_and_the_methods_tell_of_it() {
    for (first, methods) in [
        (AuthMethod::Password, [AuthMethod::Password, AuthMethod::OneTimeCode]),
        (AuthMethod::OneTimeCode, [AuthMethod::OneTimeCode, AuthMethod::MultipleFactors]),
    ] {
        let mut factors = holding(confirmed());
        let taken = SecondFactorChange::Accept(Step::at(NOW), sealed());
        factors
            .expect_update()
            .withf(move |enrolment, change| *enrolment == confirmed().enrolment && *change == taken)
            .times(1)
            .returning(|_, _| Ok(true));
        let check = checking(factors, opening(), clearing());
        assert_eq!(run(&check, first, Some(right_code())).await.ok().unwrap().methods(), methods);
    }
}

#[tokio::test]
async fn a_recovery_code_needs_no_secret_and_is_logged_before_it_lets_in() {
    let code = || SecondFactorProof::Recovery(RecoveryCode::new([1; 10]));
    let spent = SecondFactorChange::Spend(RecoveryCode::new([1; 10]).hash(user().id));
    let factors = || {
        let (mut factors, spent) = (holding(confirmed()), spent.clone());
        factors.expect_update().withf(move |_, change| *change == spent).times(1).returning(|_, _| Ok(true));
        factors
    };
    let (log, entries) = recording_log();
    let check = logging(factors(), MockCipher::new(), clearing(), log);
    let admitted = run(&check, AuthMethod::Password, Some(code())).await.ok().unwrap();
    assert_eq!(admitted.methods(), [AuthMethod::Password, AuthMethod::MultipleFactors]);
    assert_eq!(entries.lock().unwrap()[0].event, Event::RecoveryCodeUsed);
    let check = logging(factors(), MockCipher::new(), clearing(), failing_log());
    assert!(matches!(refused(check, Some(code())).await, LogInError::Unavailable(_)));
}
