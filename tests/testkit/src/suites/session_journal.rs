//! What every `SessionJournal` promises.

use std::sync::Arc;

use jwksd_domain::audit::StoredAuditEntry;
use jwksd_domain::ports::{
    AuditFilter, AuditLog, SessionJournal, SessionRepository, SessionSelection, SessionStep, UserChange, UserRepository,
};
use jwksd_domain::session::{EndReason, Session, SessionEnd};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{Role, User, UserId, UserState};

use super::session_repository::{assert_stored, rotation, session};
use super::{audit_log, user_repository};
use crate::Fixture;

/// A journal over stores without users, sessions and entries.
pub struct JournalUnderTest {
    /// The journal.
    pub journal: Fixture<dyn SessionJournal>,
    /// The sessions that it moves.
    pub sessions: Arc<dyn SessionRepository>,
    /// The users whose they are.
    pub users: Arc<dyn UserRepository>,
    /// The log that it writes to.
    pub audit_log: Arc<dyn AuditLog>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`JournalUnderTest`](crate::suites::session_journal::JournalUnderTest).
#[macro_export]
macro_rules! session_journal_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            session_journal,
            $make,
            [
                finds_nothing_where_nothing_is,
                finds_a_session_with_its_user,
                takes_a_step_and_logs_it,
                takes_none_from_where_a_session_is_not,
                takes_none_after_the_end,
                takes_none_if_the_user_has_changed,
                takes_one_whatever_else_the_user_has_done,
                lets_one_of_many_concurrent_steps_win,
                moves_many_sessions_at_once,
            ]
        );
    };
}

async fn open(subject: &JournalUnderTest, number: u8) -> (Session, User) {
    let user = subject.users.insert(user_repository::new_user(&format!("user{number}"), None)).await.unwrap();
    let opened = session(number, user.id);
    subject.sessions.insert(&opened, Timestamp::from_unix_millis(i64::MIN)).await.unwrap();
    (opened, user)
}

/// The step of a session from `from`, with an entry that has its number.
fn step(session: &Session, user: &User, from: u32) -> SessionStep {
    let entry = audit_log::full(i64::from(from));
    SessionStep { id: session.id, rotation: rotation(from), user: user.clone(), entry }
}

async fn logged(subject: &JournalUnderTest) -> Vec<StoredAuditEntry> {
    audit_log::all(&subject.audit_log, AuditFilter::default()).await
}

/// That the session is where it was, and nothing was logged.
async fn assert_untouched(subject: &JournalUnderTest, expected: &Session) {
    assert_stored(&subject.sessions, expected).await;
    assert_eq!(logged(subject).await, []);
}

/// Absence is no error.
pub async fn finds_nothing_where_nothing_is(subject: &JournalUnderTest) {
    let (opened, user) = open(subject, 1).await;
    let other = session(2, user.id);
    assert!(subject.journal.find(other.id).await.unwrap().is_none());
    assert!(!subject.journal.advance(&step(&other, &user, 0)).await.unwrap());
    assert_untouched(subject, &opened).await;
}

/// A session may outlive its user.
pub async fn finds_a_session_with_its_user(subject: &JournalUnderTest) {
    let (opened, user) = open(subject, 1).await;
    let found = subject.journal.find(opened.id).await.unwrap().unwrap();
    assert!(found.session == opened && found.user == Some(user));
    let orphan = session(2, UserId(99));
    subject.sessions.insert(&orphan, Timestamp::from_unix_millis(i64::MIN)).await.unwrap();
    let found = subject.journal.find(orphan.id).await.unwrap().unwrap();
    assert!(found.session == orphan && found.user.is_none());
}

/// Session and log tell the same.
pub async fn takes_a_step_and_logs_it(subject: &JournalUnderTest) {
    let (mut opened, user) = open(subject, 1).await;
    let other = open(subject, 2).await.0;
    let step = step(&opened, &user, 0);
    assert!(subject.journal.advance(&step).await.unwrap());
    assert!(opened.rotate(rotation(0)));
    assert_stored(&subject.sessions, &opened).await;
    assert_stored(&subject.sessions, &other).await;
    let entries: Vec<_> = logged(subject).await.into_iter().map(|stored| stored.entry).collect();
    assert_eq!(entries, [step.entry]);
}

/// Neither twice nor ahead.
pub async fn takes_none_from_where_a_session_is_not(subject: &JournalUnderTest) {
    let (mut opened, user) = open(subject, 1).await;
    assert!(!subject.journal.advance(&step(&opened, &user, 1)).await.unwrap());
    assert_untouched(subject, &opened).await;
    assert!(subject.journal.advance(&step(&opened, &user, 0)).await.unwrap());
    assert!(!subject.journal.advance(&step(&opened, &user, 0)).await.unwrap());
    assert!(opened.rotate(rotation(0)));
    assert_stored(&subject.sessions, &opened).await;
    assert_eq!(logged(subject).await.len(), 1);
}

/// What is over stays over.
pub async fn takes_none_after_the_end(subject: &JournalUnderTest) {
    let (mut opened, user) = open(subject, 1).await;
    let end = SessionEnd { at: opened.created_at, reason: EndReason::LoggedOut };
    assert_eq!(subject.sessions.end(user.id, SessionSelection::One(opened.id), end).await.unwrap(), 1);
    assert!(!subject.journal.advance(&step(&opened, &user, 0)).await.unwrap());
    opened.end = Some(end);
    assert_untouched(subject, &opened).await;
}

/// An access token that says what is true no longer goes with no step.
pub async fn takes_none_if_the_user_has_changed(subject: &JournalUnderTest) {
    let (opened, user) = open(subject, 1).await;
    let another = open(subject, 2).await.1;
    let others = [
        User { role: Role::Admin, ..user.clone() },
        User { state: UserState::Disabled, ..user.clone() },
        User { demo: !user.demo, ..user.clone() },
        User { username: "user1 ".to_owned(), ..user.clone() },
        User { id: another.id, ..user.clone() },
        another,
    ];
    for other in others {
        assert!(!subject.journal.advance(&step(&opened, &other, 0)).await.unwrap(), "{other:?}");
    }
    subject.users.update(user.id, &[UserChange::State(UserState::Disabled)]).await.unwrap();
    assert!(!subject.journal.advance(&step(&opened, &user, 0)).await.unwrap());
    let orphan = session(3, UserId(99));
    subject.sessions.insert(&orphan, Timestamp::from_unix_millis(i64::MIN)).await.unwrap();
    assert!(!subject.journal.advance(&step(&orphan, &User { id: UserId(99), ..user }, 0)).await.unwrap());
    assert_untouched(subject, &opened).await;
    assert_untouched(subject, &orphan).await;
}

/// A login elsewhere stops no refresh.
pub async fn takes_one_whatever_else_the_user_has_done(subject: &JournalUnderTest) {
    let (opened, user) = open(subject, 1).await;
    let login = UserChange::LoggedIn(Timestamp::from_unix_seconds(1_900_000_000));
    subject.users.update(user.id, &[login]).await.unwrap();
    assert!(subject.journal.advance(&step(&opened, &user, 0)).await.unwrap());
}

/// Of a thousand that hold the same token one moves the session on, and one is logged.
pub async fn lets_one_of_many_concurrent_steps_win(subject: &JournalUnderTest) {
    let (opened, user) = open(subject, 1).await;
    let steps = (0..1000).map(|_| step(&opened, &user, 0));
    assert_eq!(race(subject, steps).await, 1);
    assert_eq!(logged(subject).await.len(), 1);
}

/// None gets the answer of another.
pub async fn moves_many_sessions_at_once(subject: &JournalUnderTest) {
    let (mut steps, mut moved) = (Vec::new(), Vec::new());
    for number in 1..=50 {
        let (mut opened, user) = open(subject, number).await;
        let from = u32::from(number % 2);
        steps.push(step(&opened, &user, from));
        opened.rotate(rotation(from));
        moved.push(opened);
    }
    assert_eq!(race(subject, steps).await, 25);
    for session in moved {
        assert_stored(&subject.sessions, &session).await;
    }
    assert_eq!(logged(subject).await.len(), 25);
}

/// Takes all steps at once; answers how many were taken, which those from the generation zero are the only ones to be.
async fn race(subject: &JournalUnderTest, steps: impl IntoIterator<Item = SessionStep>) -> usize {
    let mut racing = tokio::task::JoinSet::new();
    for step in steps {
        let journal = Arc::clone(&*subject.journal);
        racing.spawn(async move {
            let is_taken = journal.advance(&step).await.unwrap();
            assert!(!is_taken || step.rotation.from == 0, "answered for another session");
            is_taken
        });
    }
    racing.join_all().await.into_iter().filter(|is_taken| *is_taken).count()
}
