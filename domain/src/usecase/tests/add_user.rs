//! Adding users when something is wrong.

use std::sync::Arc;

use super::{clock, down, failing_log, origin, passwords, recording_log, user};
use crate::audit::{Event, Outcome};
use crate::ports::{MockAuditLog, MockEntropy, MockPasswordHasher, MockUserRepository, StoreError};
use crate::usecase::{AddUser, AddUserError, AddUserParts, AddUserRequest, AddedUser};
use crate::user::{Password, Role, Username};

async fn add(
    users: MockUserRepository,
    audit: MockAuditLog,
    password: Option<&str>,
) -> Result<AddedUser, AddUserError> {
    let (mut hasher, mut entropy) = (MockPasswordHasher::new(), MockEntropy::new());
    hasher.expect_hash().returning(|_| Ok(user().password_hash));
    entropy.expect_fill().returning(|bytes| bytes.fill(7));
    let parts = AddUserParts {
        users: Arc::new(users),
        hasher: Arc::new(hasher),
        audit: Arc::new(audit),
        entropy: Arc::new(entropy),
        clock: clock(),
        passwords: passwords(),
    };
    let request = AddUserRequest {
        origin: origin(),
        event: Event::Registration,
        username: Username::parse("jane").unwrap(),
        email: None,
        password: password.map(|text| Password::parse(text.to_owned()).unwrap()),
        role: Role::Read,
    };
    AddUser::new(parts).run(request).await
}

fn users(answer: fn() -> Result<crate::user::User, StoreError>) -> MockUserRepository {
    let mut users = MockUserRepository::new();
    users.expect_insert().returning(move |_| answer());
    users
}

#[tokio::test]
async fn a_taken_name_is_named_and_logged() {
    let (log, entries) = recording_log();
    let taken = users(|| Err(StoreError::Duplicate { field: "username" }));
    assert!(matches!(add(taken, log, None).await, Err(AddUserError::Taken("username"))));
    assert_eq!(entries.lock().unwrap()[0].outcome, Outcome::Duplicate);
}

#[tokio::test]
async fn a_common_password_costs_no_hash_and_adds_nobody() {
    let refused = add(MockUserRepository::new(), MockAuditLog::new(), Some("password")).await;
    assert!(matches!(refused, Err(AddUserError::Invalid(error)) if error.field == "password"));
}

#[tokio::test]
async fn a_generated_password_is_a_uuid_and_a_given_one_is_not_shown() {
    let generated = add(users(|| Ok(user())), recording_log().0, None).await.unwrap().generated.unwrap();
    assert_eq!(generated.expose(), "07070707-0707-4707-8707-070707070707");
    assert!(add(users(|| Ok(user())), recording_log().0, Some("correct horse")).await.unwrap().generated.is_none());
}

#[tokio::test]
async fn an_outage_is_one_whoever_is_down() {
    assert!(matches!(add(users(|| Err(down())), recording_log().0, None).await, Err(AddUserError::Unavailable(_))));
    assert!(matches!(add(users(|| Ok(user())), failing_log(), None).await, Err(AddUserError::Unavailable(_))));
}
