//! Registering past the limit, and what it never touches.

use std::sync::Arc;
use std::time::Duration;

use super::{allowance, clock, down, origin, passwords, recording_log, user};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::limit::{Allowance, Bucket, Refusal};
use crate::ports::{MockEntropy, MockPasswordHasher, MockRateLimiter, MockUserRepository, StoreError};
use crate::usecase::{
    AddUser, AddUserError, AddUserParts, RegisterError, RegisterUser, RegisterUserParts, Registered, Registration,
};
use crate::user::{Role, User, Username};

type Spent = fn() -> Result<Result<Allowance, Refusal>, StoreError>;

/// Registers, and answers what came of it with what was logged. Without `users` neither the store nor the hasher may be asked.
async fn register(
    spent: Spent,
    users: Option<fn() -> Result<User, StoreError>>,
) -> (Result<Registered, RegisterError>, Vec<AuditEntry>) {
    let mut limiter = MockRateLimiter::new();
    limiter
        .expect_spend()
        .withf(|bucket| *bucket == Bucket::registration(origin().ip))
        .times(1)
        .returning(move |_| spent());
    let (mut store, mut hasher, mut entropy) =
        (MockUserRepository::new(), MockPasswordHasher::new(), MockEntropy::new());
    if let Some(answer) = users {
        store.expect_insert().withf(|user| user.role == Role::Read).returning(move |_| answer());
        hasher.expect_hash().returning(|_| Ok(user().password_hash));
        entropy.expect_fill().returning(|bytes| bytes.fill(7));
    }
    let (log, entries) = recording_log();
    let audit = Arc::new(log);
    let (users, hasher, entropy) = (Arc::new(store), Arc::new(hasher), Arc::new(entropy));
    let add = AddUser::new(AddUserParts {
        users,
        hasher,
        audit: Arc::clone(&audit) as _,
        entropy,
        clock: clock(),
        passwords: passwords(),
    });
    let parts = RegisterUserParts { add: Arc::new(add), limiter: Arc::new(limiter), audit, clock: clock() };
    let username = Username::parse("jane").unwrap();
    let registration = Registration { origin: origin(), username, email: None, password: None };
    let result = RegisterUser::new(parts).run(registration).await;
    let entries = std::mem::take(&mut *entries.lock().unwrap());
    (result, entries)
}

const REFUSAL: Refusal =
    Refusal { limit: 100, retry_after: Duration::from_secs(1), reset_after: Duration::from_secs(100) };

fn logged(entries: &[AuditEntry]) -> (Event, Outcome, Option<&str>) {
    let [entry] = entries else { panic!("{} entries", entries.len()) };
    (entry.event, entry.outcome, entry.name.as_deref())
}

#[tokio::test]
async fn a_limited_address_costs_no_hash_and_is_logged() {
    let (refused, entries) = register(|| Ok(Err(REFUSAL)), None).await;
    assert!(matches!(refused, Err(RegisterError::AddressLimited(refusal)) if refusal == REFUSAL));
    assert_eq!(logged(&entries), (Event::Registration, Outcome::AddressLimited, Some("jane")));
}

#[tokio::test]
async fn a_limiter_that_is_down_is_an_outage_and_logged() {
    let (failed, entries) = register(|| Err(down()), None).await;
    assert!(matches!(failed, Err(RegisterError::Unavailable(_))));
    assert_eq!(logged(&entries), (Event::Registration, Outcome::Failed, Some("jane")));
}

#[tokio::test]
async fn whatever_comes_of_it_is_logged_once_and_says_what_is_left() {
    let (registered, entries) = register(|| Ok(Ok(allowance())), Some(|| Ok(user()))).await;
    assert_eq!(registered.ok().unwrap().allowance, allowance());
    assert_eq!(logged(&entries), (Event::Registration, Outcome::Success, Some("jane")));
    let taken = || Err(StoreError::Duplicate { field: "username" });
    let (taken, entries) = register(|| Ok(Ok(allowance())), Some(taken)).await;
    assert!(matches!(taken, Err(RegisterError::NotAdded(AddUserError::Taken(_), left)) if left == allowance()));
    assert_eq!(logged(&entries), (Event::Registration, Outcome::Duplicate, Some("jane")));
}
