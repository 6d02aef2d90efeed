//! Asking for a code when something is wrong.

use std::sync::Arc;
use std::time::Duration;

use super::{allowance, clock, down, failing_log, origin, recording_log};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::key::EncryptionKeyId;
use crate::limit::{Bucket, Refusal};
use crate::ports::{
    CipherError, MailError, MockAuditLog, MockCipher, MockEntropy, MockMailer, MockOtpRepository, MockRateLimiter,
    Sealed,
};
use crate::usecase::{MailRequestError, MailRequestParts, OneTimeCodes, RequestSignInCode};
use crate::user::Email;

struct Doubles {
    codes: MockOtpRepository,
    cipher: MockCipher,
    mailer: MockMailer,
    limiter: MockRateLimiter,
}

impl Doubles {
    /// Nothing is kept or mailed unless a test says so.
    fn new() -> Self {
        let (mut cipher, mut limiter) = (MockCipher::new(), MockRateLimiter::new());
        let sealed = || Sealed { bytes: vec![1], sealed_by: EncryptionKeyId::of(&[0; 32]) };
        cipher.expect_seal().returning(move |_, _| Ok(sealed()));
        limiter.expect_spend().returning(|_| Ok(Ok(allowance())));
        Self { codes: MockOtpRepository::new(), cipher, mailer: MockMailer::new(), limiter }
    }

    fn keeping(mut self) -> Self {
        self.codes.expect_replace().times(1).returning(|_, _| Ok(()));
        self
    }

    async fn run(self, audit: MockAuditLog) -> Result<(), MailRequestError> {
        let mut entropy = MockEntropy::new();
        entropy.expect_fill().returning(|bytes| bytes.fill(7));
        let codes = OneTimeCodes::new(Arc::new(self.codes), Arc::new(self.cipher), Arc::new(entropy));
        let parts = MailRequestParts {
            codes: Arc::new(codes),
            mailer: Arc::new(self.mailer),
            limiter: Arc::new(self.limiter),
            audit: Arc::new(audit),
            clock: clock(),
        };
        let email = Email::parse("jane@example.com").unwrap();
        RequestSignInCode::new(parts).run(&email, origin()).await.map(|_| ())
    }

    /// Runs, and answers what came of it with the one entry that was logged.
    async fn logged(self) -> (Result<(), MailRequestError>, AuditEntry) {
        let (log, entries) = recording_log();
        let result = self.run(log).await;
        let entries = std::mem::take(&mut *entries.lock().unwrap());
        let [entry] = <[AuditEntry; 1]>::try_from(entries).unwrap();
        assert_eq!((entry.event, entry.name.as_deref()), (Event::OtpRequested, Some("jane@example.com")));
        (result, entry)
    }
}

#[tokio::test]
async fn a_mail_that_finds_no_place_is_dropped_without_another_answer() {
    let mut doubles = Doubles::new().keeping();
    doubles.mailer.expect_send().times(1).returning(|_| Err(MailError::Full));
    let (result, entry) = doubles.logged().await;
    assert!(result.is_ok());
    assert_eq!(entry.outcome, Outcome::Busy);
}

#[tokio::test]
async fn who_is_limited_is_neither_mailed_nor_kept_a_code() {
    let refusal = Refusal { limit: 3, retry_after: Duration::from_secs(60), reset_after: Duration::from_secs(180) };
    for limits_mails in [false, true] {
        let mut doubles = Doubles::new();
        doubles.limiter = MockRateLimiter::new();
        doubles.limiter.expect_spend().returning(move |bucket| match bucket {
            Bucket::Mail(_) => Ok(Err(refusal)),
            _ if limits_mails => Ok(Ok(allowance())),
            _ => Ok(Err(refusal)),
        });
        let (result, entry) = doubles.logged().await;
        let expected = if limits_mails { Outcome::MailLimited } else { Outcome::AddressLimited };
        assert_eq!((result.unwrap_err().outcome(), entry.outcome), (expected, expected));
    }
}

#[tokio::test]
async fn a_code_that_is_not_kept_is_not_mailed() {
    let mut doubles = Doubles::new();
    doubles.codes.expect_replace().returning(|_, _| Err(down()));
    let (result, entry) = doubles.logged().await;
    assert!(matches!(result, Err(MailRequestError::Unavailable(_))));
    assert_eq!(entry.outcome, Outcome::Failed);
    let mut doubles = Doubles::new();
    doubles.cipher = MockCipher::new();
    doubles.cipher.expect_seal().returning(|_, _| Err(CipherError::Unavailable("gone".into())));
    assert!(matches!(doubles.logged().await.0, Err(MailRequestError::Unavailable(_))));
}

#[tokio::test]
async fn a_request_that_is_not_logged_is_an_outage() {
    let mut doubles = Doubles::new().keeping();
    doubles.mailer.expect_send().returning(|_| Ok(()));
    assert!(matches!(doubles.run(failing_log()).await, Err(MailRequestError::Unavailable(_))));
}
