//! Changing users when something is wrong, and what must not be changed.

use std::sync::Arc;
use std::time::Duration;

use super::{NOW, clock, down, failing_log, origin, passwords, recording_log, user};
use crate::audit::{Event, Outcome};
use crate::ports::{
    HasherError, MockAuditLog, MockEntropy, MockPasswordHasher, MockSessionRepository, MockUserRepository,
    SessionSelection, UserChange, UserLookup,
};
use crate::session::{EndReason, SessionEnd};
use crate::usecase::{ChangeUser, ChangeUserError, ChangeUserParts, Editor, NewPassword, UserEdit};
use crate::user::{Password, Role, User, UserId, UserState};

/// Another administrator than the user of these tests.
fn another() -> Editor {
    Editor::Administrator(UserId(1), origin())
}

fn users(found: Option<User>) -> MockUserRepository {
    let mut users = MockUserRepository::new();
    users.expect_find().withf(|user| *user == UserLookup::Id(UserId(7))).returning(move |_| Ok(found.clone()));
    users
}

fn hasher() -> MockPasswordHasher {
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_hash().returning(|_| Ok(user().password_hash));
    hasher
}

fn change_user(users: MockUserRepository, hasher: MockPasswordHasher, audit: MockAuditLog) -> ChangeUser {
    let mut sessions = MockSessionRepository::new();
    sessions.expect_end().returning(|_, _, _| Ok(0));
    change_user_with(users, sessions, hasher, audit)
}

fn change_user_with(
    users: MockUserRepository,
    sessions: MockSessionRepository,
    hasher: MockPasswordHasher,
    audit: MockAuditLog,
) -> ChangeUser {
    let mut entropy = MockEntropy::new();
    entropy.expect_fill().returning(|bytes| bytes.fill(7));
    let (users, sessions, hasher) = (Arc::new(users), Arc::new(sessions), Arc::new(hasher));
    ChangeUser::new(ChangeUserParts {
        users,
        sessions,
        hasher,
        audit: Arc::new(audit),
        entropy: Arc::new(entropy),
        clock: clock(),
        passwords: passwords(),
    })
}

async fn refused(use_case: ChangeUser, edit: UserEdit, by: Editor) -> ChangeUserError {
    use_case.run(UserLookup::Id(UserId(7)), edit, by).await.err().unwrap()
}

fn chosen(text: &str) -> Option<NewPassword> {
    Some(NewPassword::Chosen(Password::parse(text.to_owned()).unwrap()))
}

#[tokio::test]
async fn whatever_is_given_is_one_change_and_one_entry() {
    let mut users = users(Some(user()));
    let hash = user().password_hash;
    let expected = [
        UserChange::Role(Role::Write),
        UserChange::State(UserState::Disabled),
        UserChange::PasswordHash { hash, keeps_demo: false },
    ];
    users.expect_update().times(1).withf(move |_, changes| changes == expected).returning(|_, _| Ok(Some(user())));
    let (log, entries) = recording_log();
    let (role, state) = (Some(Role::Write), Some(UserState::Disabled));
    let edit = UserEdit { role, state, password: Some(NewPassword::Made) };
    let (_, made) = change_user(users, hasher(), log).run(UserLookup::Id(UserId(7)), edit, another()).await.unwrap();
    assert_eq!(made.unwrap().expose(), "07070707-0707-4707-8707-070707070707");
    let entries = entries.lock().unwrap();
    let [entry] = &entries[..] else { panic!("{} entries", entries.len()) };
    assert_eq!((entry.event, entry.outcome), (Event::UserAdministered, Outcome::Success));
    assert_eq!((entry.user_id, &entry.origin), (Some(UserId(7)), &origin().by(UserId(1))));
}

#[tokio::test]
async fn administrators_cannot_end_their_own_administration() {
    let own = || Editor::Administrator(UserId(7), origin());
    let edits = [
        UserEdit { state: Some(UserState::Disabled), ..UserEdit::default() },
        UserEdit { role: Some(Role::Write), ..UserEdit::default() },
        UserEdit { role: Some(Role::Read), password: Some(NewPassword::Made), ..UserEdit::default() },
    ];
    for edit in edits {
        let use_case = change_user(users(Some(user())), MockPasswordHasher::new(), MockAuditLog::new());
        assert!(matches!(refused(use_case, edit, own()).await, ChangeUserError::OwnAccount));
    }
    let mut users = users(Some(user()));
    users.expect_update().times(1).returning(|_, _| Ok(Some(user())));
    let stays = UserEdit { role: Some(Role::Admin), state: Some(UserState::Active), password: chosen("correct horse") };
    let use_case = change_user(users, hasher(), recording_log().0);
    assert!(use_case.run(UserLookup::Id(UserId(7)), stays, own()).await.is_ok());
}

#[tokio::test]
async fn a_password_that_may_not_be_chosen_leaves_the_rest_unchanged_too() {
    let edit = UserEdit { role: Some(Role::Write), password: chosen("password"), ..UserEdit::default() };
    let use_case = change_user(users(Some(user())), MockPasswordHasher::new(), MockAuditLog::new());
    assert!(matches!(refused(use_case, edit, another()).await, ChangeUserError::Invalid(_)));
}

#[tokio::test]
async fn a_full_hash_queue_changes_nothing() {
    let retry_after = Duration::from_secs(2);
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_hash().returning(move |_| Err(HasherError::Busy { retry_after }));
    let edit = UserEdit { role: Some(Role::Write), password: Some(NewPassword::Made), ..UserEdit::default() };
    let use_case = change_user(users(Some(user())), hasher, MockAuditLog::new());
    assert!(matches!(refused(use_case, edit, another()).await, ChangeUserError::Busy { .. }));
}

#[tokio::test]
async fn nothing_to_change_is_neither_written_nor_logged() {
    let use_case = change_user(users(Some(user())), MockPasswordHasher::new(), MockAuditLog::new());
    let (found, made) = use_case.run(UserLookup::Id(UserId(7)), UserEdit::default(), another()).await.unwrap();
    assert_eq!((found, made.is_none()), (user(), true));
}

#[tokio::test]
async fn nobody_is_unknown_whether_before_or_meanwhile() {
    let edit = || UserEdit { role: Some(Role::Write), ..UserEdit::default() };
    let before = change_user(users(None), MockPasswordHasher::new(), MockAuditLog::new());
    assert!(matches!(refused(before, edit(), another()).await, ChangeUserError::Unknown));
    let mut meanwhile = users(Some(user()));
    meanwhile.expect_update().returning(|_, _| Ok(None));
    let meanwhile = change_user(meanwhile, MockPasswordHasher::new(), MockAuditLog::new());
    assert!(matches!(refused(meanwhile, edit(), another()).await, ChangeUserError::Unknown));
}

#[tokio::test]
async fn an_outage_is_one_whoever_is_down() {
    let edit = || UserEdit { role: Some(Role::Write), ..UserEdit::default() };
    let mut store = MockUserRepository::new();
    store.expect_find().returning(|_| Err(down()));
    let store = change_user(store, MockPasswordHasher::new(), MockAuditLog::new());
    assert!(matches!(refused(store, edit(), another()).await, ChangeUserError::Unavailable(_)));
    let mut log = users(Some(user()));
    log.expect_update().returning(|_, _| Ok(Some(user())));
    let log = change_user(log, MockPasswordHasher::new(), failing_log());
    assert!(matches!(refused(log, edit(), Editor::CommandLine).await, ChangeUserError::Unavailable(_)));
}

fn disabled() -> UserEdit {
    UserEdit { state: Some(UserState::Disabled), ..UserEdit::default() }
}

fn new_password() -> UserEdit {
    UserEdit { password: chosen("correct horse"), ..UserEdit::default() }
}

async fn change_with_sessions(edit: UserEdit, sessions: MockSessionRepository) -> Result<(), ChangeUserError> {
    let mut users = users(Some(user()));
    users.expect_update().returning(|_, _| Ok(Some(user())));
    let use_case = change_user_with(users, sessions, hasher(), recording_log().0);
    use_case.run(UserLookup::Id(UserId(7)), edit, another()).await.map(|_| ())
}

#[tokio::test]
async fn who_is_disabled_or_has_another_password_has_no_session_any_more() {
    for (edit, reason) in [(disabled(), EndReason::UserDisabled), (new_password(), EndReason::PasswordChanged)] {
        let ends = (UserId(7), SessionSelection::All, SessionEnd { at: NOW, reason });
        let mut sessions = MockSessionRepository::new();
        let is_it = move |user: &_, which: &_, end: &_| (*user, *which, *end) == ends;
        sessions.expect_end().withf(is_it).times(1).returning(|_, _, _| Ok(2));
        change_with_sessions(edit, sessions).await.unwrap();
    }
}

#[tokio::test]
async fn other_changes_end_no_session() {
    let edit = UserEdit { role: Some(Role::Admin), state: Some(UserState::Active), password: None };
    change_with_sessions(edit, MockSessionRepository::new()).await.unwrap();
}

#[tokio::test]
async fn sessions_that_could_not_be_ended_are_told() {
    let mut sessions = MockSessionRepository::new();
    sessions.expect_end().returning(|_, _, _| Err(down()));
    assert!(matches!(change_with_sessions(disabled(), sessions).await, Err(ChangeUserError::Unavailable(_))));
}
