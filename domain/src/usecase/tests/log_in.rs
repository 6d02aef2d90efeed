//! Logging in when something is wrong.

use std::sync::Arc;
use std::time::Duration;

use super::check_second_factor::checking;
use super::{
    allowance, clock, down, failing_log, origin, recording_log, settled_keyring, token_issuer, user, working_signer,
};
use crate::audit::{AuditEntry, Outcome};
use crate::decoy::HashKind;
use crate::limit::{Allowance, Bucket, Refusal};
use crate::ports::{
    HasherError, MockAuditLog, MockCipher, MockEntropy, MockPasswordHashSurvey, MockPasswordHasher, MockRateLimiter,
    MockSecondFactorRepository, MockSigner, MockUserRepository, Verification,
};
use crate::usecase::{
    CheckPassword, CheckPasswordParts, Credentials, DecoyHashes, LogIn, LogInError, LogInParts, LogInRequest, LoggedIn,
    TokenLife,
};
use crate::user::{DemoUsers, LoginName, Password, PasswordHash, User, UserState};

struct Doubles {
    users: MockUserRepository,
    hasher: MockPasswordHasher,
    limiter: MockRateLimiter,
    factors: MockSecondFactorRepository,
    signer: MockSigner,
    stored: Vec<HashKind>,
}

impl Doubles {
    fn new() -> Self {
        let mut limiter = MockRateLimiter::new();
        limiter.expect_spend().returning(|_| Ok(Ok(allowance())));
        limiter.expect_peek().returning(|_| Ok(Ok(allowance())));
        limiter.expect_clear().returning(|_| Ok(()));
        let (users, hasher) = (MockUserRepository::new(), MockPasswordHasher::new());
        let factors = MockSecondFactorRepository::new();
        Self { users, hasher, limiter, factors, signer: working_signer(), stored: Vec::new() }
    }

    /// Where the store has hashes of these kinds.
    fn storing(mut self, stored: &[HashKind]) -> Self {
        self.stored = stored.to_vec();
        self
    }

    fn knowing(mut self, found: Option<User>) -> Self {
        self.users.expect_find().returning(move |_| Ok(found.clone()));
        self.users.expect_update().returning(|_, _| Ok(Some(user())));
        self
    }

    fn verifying(mut self, verification: Verification) -> Self {
        self.hasher.expect_verify().returning(move |_, _| Ok(verification));
        if verification != Verification::Differs {
            // With a wrong password nobody asks for it.
            self.factors.expect_find().returning(|_| Ok(None));
        }
        self
    }

    async fn run(self, audit: MockAuditLog) -> Result<LoggedIn, LogInError> {
        let name = LoginName::parse("jane").unwrap();
        let credentials = Credentials::Password(name, Password::parse("correct horse".to_owned()).unwrap(), None);
        self.run_with(audit, credentials).await
    }

    async fn run_with(self, audit: MockAuditLog, credentials: Credentials) -> Result<LoggedIn, LogInError> {
        let tokens = token_issuer(&settled_keyring().await, self.signer);
        let decoys = decoys(self.stored).await;
        let (users, limiter) = (Arc::new(self.users), Arc::new(self.limiter));
        let second_factor = checking(self.factors, MockCipher::new(), Arc::clone(&limiter) as _);
        let check = CheckPasswordParts {
            users: Arc::clone(&users) as _,
            hasher: Arc::new(self.hasher),
            decoys: Arc::new(decoys),
            limiter: Arc::clone(&limiter) as _,
            demo_users: DemoUsers::Refused,
        };
        let parts = LogInParts {
            users,
            check: Arc::new(CheckPassword::new(check)),
            second_factor: Arc::new(second_factor),
            limiter,
            audit: Arc::new(audit),
            tokens,
            clock: clock(),
            demo_users: DemoUsers::Refused,
        };
        LogIn::new(parts).run(LogInRequest { origin: origin(), credentials, life: TokenLife::Usual }).await
    }

    /// Runs, and answers the error with the one entry that was logged.
    async fn refused(self) -> (LogInError, AuditEntry) {
        let (log, entries) = recording_log();
        let error = self.run(log).await.err().unwrap();
        let entries = std::mem::take(&mut *entries.lock().unwrap());
        let [entry] = <[AuditEntry; 1]>::try_from(entries).unwrap();
        (error, entry)
    }
}

async fn decoys(stored: Vec<HashKind>) -> DecoyHashes {
    let (mut survey, mut entropy) = (MockPasswordHashSurvey::new(), MockEntropy::new());
    survey.expect_survey().returning(move || Ok(stored.clone()));
    entropy.expect_fill().returning(|bytes| bytes.fill(7));
    let decoys = DecoyHashes::new(Arc::new(survey), &entropy);
    decoys.refresh().await.unwrap();
    decoys
}

const MATCHES: Verification = Verification::Matches { outdated: false };

#[tokio::test]
async fn no_token_leaves_that_was_not_logged() {
    let doubles = Doubles::new().knowing(Some(user())).verifying(MATCHES);
    assert!(matches!(doubles.run(failing_log()).await, Err(LogInError::Unavailable(_))));
}

#[tokio::test]
async fn a_limited_address_reaches_neither_store_nor_hasher() {
    let mut doubles = Doubles::new();
    doubles.limiter = MockRateLimiter::new();
    let refusal = Refusal { limit: 10, retry_after: Duration::from_secs(1), reset_after: Duration::from_secs(9) };
    doubles.limiter.expect_spend().returning(move |_| Ok(Err(refusal)));
    let (error, entry) = doubles.refused().await;
    assert!(matches!(error, LogInError::AddressLimited(found) if found == refusal));
    assert_eq!((entry.outcome, entry.name.as_deref()), (Outcome::AddressLimited, Some("jane")));
}

#[tokio::test]
async fn a_limited_account_costs_no_hash() {
    let mut doubles = Doubles::new();
    doubles.limiter = MockRateLimiter::new();
    let refusal = Refusal { limit: 20, retry_after: Duration::from_secs(30), reset_after: Duration::from_secs(600) };
    doubles.limiter.expect_spend().returning(|_| Ok(Ok(allowance())));
    doubles.limiter.expect_peek().returning(move |_| Ok(Err(refusal)));
    let (error, entry) = doubles.refused().await;
    assert!(matches!(error, LogInError::AccountLimited(_)));
    assert_eq!(entry.outcome, Outcome::AccountLimited);
}

#[tokio::test]
async fn an_unknown_user_costs_a_decoy_and_a_failure() {
    let mut doubles = Doubles::new().knowing(None);
    doubles.hasher.expect_verify().withf(|_, hash| hash.is_none()).times(1).returning(|_, _| Ok(Verification::Differs));
    doubles.limiter = MockRateLimiter::new();
    doubles.limiter.expect_peek().returning(|_| Ok(Ok(allowance())));
    let is_account = |bucket: &Bucket| matches!(bucket, Bucket::Account(_));
    doubles.limiter.expect_spend().withf(move |bucket| is_account(bucket)).times(1).returning(|_| Ok(Ok(allowance())));
    doubles.limiter.expect_spend().returning(|_| Ok(Ok(allowance())));
    let (error, entry) = doubles.refused().await;
    assert!(matches!(error, LogInError::BadCredentials(_)));
    assert_eq!((entry.outcome, entry.user_id), (Outcome::BadCredentials, None));
}

/// A hash of other parameters than are in force, as an adopted database has them.
fn dear(count: u64) -> HashKind {
    HashKind { sample: PasswordHash("$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$dGFn".to_owned()), count }
}

fn expect_verification(hasher: &mut MockPasswordHasher, expected: PasswordHash) {
    let is_expected = move |hash: &Option<&PasswordHash>| *hash == Some(&expected);
    hasher.expect_verify().withf(move |_, hash| is_expected(hash)).times(1).returning(|_, _| Ok(MATCHES));
}

#[tokio::test]
async fn where_nobody_is_a_stored_hash_is_compared_with_and_lets_nobody_in() {
    let disabled = User { state: UserState::Disabled, ..user() };
    let demo = User { demo: true, ..user() };
    for found in [None, Some(disabled), Some(demo)] {
        let mut doubles = Doubles::new().knowing(found).storing(&[dear(1)]);
        expect_verification(&mut doubles.hasher, dear(1).sample);
        assert!(matches!(doubles.refused().await.0, LogInError::BadCredentials(_)));
    }
}

#[tokio::test]
async fn a_users_own_hash_is_compared_with_whatever_others_cost() {
    let mut doubles = Doubles::new().knowing(Some(user())).storing(&[dear(1000)]);
    expect_verification(&mut doubles.hasher, user().password_hash);
    doubles.factors.expect_find().returning(|_| Ok(None));
    assert!(doubles.run(recording_log().0).await.is_ok());
}

#[tokio::test]
async fn a_survey_that_fails_leaves_the_decoys_as_they_are() {
    let (mut survey, mut entropy) = (MockPasswordHashSurvey::new(), MockEntropy::new());
    survey.expect_survey().times(1).returning(|| Ok(vec![dear(1)]));
    survey.expect_survey().returning(|| Err(down()));
    entropy.expect_fill().returning(|bytes| bytes.fill(7));
    let (decoys, name) = (DecoyHashes::new(Arc::new(survey), &entropy), LoginName::parse("jane").unwrap());
    assert_eq!(decoys.of(&name), None, "before the first survey it is left to the hasher");
    decoys.refresh().await.unwrap();
    assert!(decoys.refresh().await.is_err());
    assert_eq!(decoys.of(&name), Some(dear(1).sample));
}

#[tokio::test]
async fn a_disabled_user_is_told_what_a_wrong_password_is_told() {
    let disabled = User { state: UserState::Disabled, ..user() };
    let (error, entry) = Doubles::new().knowing(Some(disabled)).verifying(MATCHES).refused().await;
    assert!(matches!(error, LogInError::BadCredentials(_)));
    assert_eq!(entry.user_id, Some(user().id));
}

#[tokio::test]
async fn prod_admits_no_demo_user_and_no_fixture() {
    let mut doubles = Doubles::new().knowing(Some(User { demo: true, ..user() }));
    doubles.hasher.expect_verify().withf(|_, hash| hash.is_none()).times(1).returning(|_, _| Ok(Verification::Differs));
    assert!(matches!(doubles.refused().await.0, LogInError::BadCredentials(_)));

    let demo = Doubles::new().knowing(Some(User { demo: true, ..user() }));
    let fixture = demo.run_with(recording_log().0, Credentials::Fixture).await;
    assert!(matches!(fixture, Err(LogInError::BadCredentials(_))));
}

#[tokio::test]
async fn a_full_hash_queue_is_busy_and_logged() {
    let mut doubles = Doubles::new().knowing(Some(user()));
    let retry_after = Duration::from_secs(2);
    doubles.hasher.expect_verify().returning(move |_, _| Err(HasherError::Busy { retry_after }));
    let (error, entry) = doubles.refused().await;
    assert!(matches!(error, LogInError::Busy { retry_after: found } if found == retry_after));
    assert_eq!(entry.outcome, Outcome::Busy);
}

#[tokio::test]
async fn an_outdated_hash_is_made_anew() {
    let mut doubles = Doubles::new().knowing(Some(user())).verifying(Verification::Matches { outdated: true });
    doubles.hasher.expect_hash().times(1).returning(|_| Ok(user().password_hash));
    assert!(doubles.run(recording_log().0).await.is_ok());
}

#[tokio::test]
async fn a_store_that_is_down_is_an_outage_and_logged() {
    let mut doubles = Doubles::new();
    doubles.users.expect_find().returning(|_| Err(down()));
    let (error, entry) = doubles.refused().await;
    assert!(matches!(error, LogInError::Unavailable(_)));
    assert_eq!(entry.outcome, Outcome::Failed);
}

#[tokio::test]
async fn an_account_that_failed_lately_spends_before_the_password_is_looked_at() {
    let mut doubles = Doubles::new().knowing(Some(user()));
    doubles.limiter = MockRateLimiter::new();
    let refusal = Refusal { limit: 10, retry_after: Duration::from_secs(30), reset_after: Duration::from_secs(300) };
    let failed_lately = Allowance { remaining: 0, ..allowance() };
    doubles.limiter.expect_peek().returning(move |_| Ok(Ok(failed_lately)));
    doubles.limiter.expect_spend().returning(move |bucket| match bucket {
        Bucket::Address(_) | Bucket::Registration(_) | Bucket::Mail(_) => Ok(Ok(allowance())),
        Bucket::Account(_) => Ok(Err(refusal)),
        Bucket::SecondFactor(_) => unreachable!("the password was not looked at"),
    });
    assert!(matches!(doubles.refused().await.0, LogInError::AccountLimited(_)));
}

#[tokio::test]
async fn what_cannot_be_read_is_an_attempt_too() {
    let (log, entries) = recording_log();
    let refused = Doubles::new().run_with(log, Credentials::Unreadable).await;
    assert!(matches!(refused, Err(LogInError::BadCredentials(_))));
    assert_eq!(entries.lock().unwrap()[0].outcome, Outcome::BadCredentials);
}
