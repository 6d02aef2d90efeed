//! Which changes of a user end the user's sessions.

use std::sync::Arc;

use super::{NOW, clock, down, origin, recording_log, user};
use crate::ports::{
    MockEntropy, MockPasswordHasher, MockSessionRepository, MockUserRepository, SessionChange, SessionSelection,
};
use crate::session::{EndReason, SessionEnd};
use crate::usecase::{ChangeUser, ChangeUserError, ChangeUserParts, UserEdit};
use crate::user::{LoginName, Password, Role, UserState};

async fn change(edit: UserEdit, sessions: MockSessionRepository) -> Result<(), ChangeUserError> {
    let (mut users, mut hasher) = (MockUserRepository::new(), MockPasswordHasher::new());
    users.expect_find().returning(|_| Ok(Some(user())));
    users.expect_update().returning(|_, _| Ok(Some(user())));
    hasher.expect_hash().returning(|_| Ok(user().password_hash));
    let parts = ChangeUserParts {
        users: Arc::new(users),
        sessions: Arc::new(sessions),
        hasher: Arc::new(hasher),
        audit: Arc::new(recording_log().0),
        entropy: Arc::new(MockEntropy::new()),
        clock: clock(),
    };
    ChangeUser::new(parts).run(&LoginName::parse("jane").unwrap(), edit, origin()).await.map(|_| ())
}

fn new_password() -> UserEdit {
    UserEdit::Password(Some(Password::parse("correct horse battery".to_owned()).unwrap()))
}

#[tokio::test]
async fn who_is_disabled_or_has_another_password_has_no_session_any_more() {
    let cases =
        [(UserEdit::State(UserState::Disabled), EndReason::UserDisabled), (new_password(), EndReason::PasswordChanged)];
    for (edit, reason) in cases {
        let ends = SessionChange::End(user().id, SessionSelection::All, SessionEnd { at: NOW, reason });
        let mut sessions = MockSessionRepository::new();
        sessions.expect_update().withf(move |change| *change == ends).times(1).returning(|_| Ok(2));
        change(edit, sessions).await.unwrap();
    }
}

#[tokio::test]
async fn other_changes_end_none() {
    for edit in [UserEdit::Role(Role::Admin), UserEdit::State(UserState::Active)] {
        change(edit, MockSessionRepository::new()).await.unwrap();
    }
}

#[tokio::test]
async fn sessions_that_could_not_be_ended_are_told() {
    let mut sessions = MockSessionRepository::new();
    sessions.expect_update().returning(|_| Err(down()));
    assert!(matches!(change(new_password(), sessions).await, Err(ChangeUserError::Unavailable(_))));
}
