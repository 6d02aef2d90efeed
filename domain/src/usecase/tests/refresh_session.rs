//! Refreshing when something is wrong, or when others are faster.

use std::sync::Arc;

use mockall::Sequence;
use zeroize::Zeroizing;

use super::{
    HOUR, NOW, clock, down, failing_log, origin, recording_log, refresh_token, session, session_policy, session_secret,
    settled_keyring, token_issuer, user, working_signer,
};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::key::EncryptionKeyId;
use crate::ports::{
    CipherError, MockAuditLog, MockCipher, MockEntropy, MockSessionJournal, MockSessionRepository, OwnedSession,
    SessionSelection, SessionStep,
};
use crate::session::{EndReason, RefreshToken, Session, SessionEnd};
use crate::usecase::{Outage, RefreshError, RefreshSession, RefreshSessionParts, SessionSecrets, SessionTokens};
use crate::user::{DemoUsers, Role, User, UserState};

struct Doubles {
    journal: MockSessionJournal,
    sessions: MockSessionRepository,
    cipher: MockCipher,
}

impl Doubles {
    /// A store that holds `found`, and nothing that it is told to do yet.
    fn holding(found: Session) -> Self {
        Self::with_user(found, Some(user()))
    }

    fn with_user(session: Session, user: Option<User>) -> Self {
        let (mut doubles, found) = (Self::over(MockSessionJournal::new()), OwnedSession { session, user });
        doubles.journal.expect_find().returning(move |_| Ok(Some(found.clone())));
        doubles
    }

    fn over(journal: MockSessionJournal) -> Self {
        let mut cipher = MockCipher::new();
        cipher.expect_open().returning(|_, _| Ok(Zeroizing::new(vec![9; 32])));
        Self { journal, sessions: MockSessionRepository::new(), cipher }
    }

    async fn run(self, audit: MockAuditLog, token: &str) -> Result<SessionTokens, RefreshError> {
        self.use_case(audit).await.run(token, origin()).await
    }

    async fn use_case(self, audit: MockAuditLog) -> RefreshSession {
        let secrets = SessionSecrets::new(Arc::new(self.cipher), Arc::new(MockEntropy::new()));
        let parts = RefreshSessionParts {
            journal: Arc::new(self.journal),
            sessions: Arc::new(self.sessions),
            secrets: Arc::new(secrets),
            tokens: token_issuer(&settled_keyring().await, working_signer()),
            audit: Arc::new(audit),
            clock: clock(),
            policy: session_policy(),
            demo_users: DemoUsers::Refused,
        };
        RefreshSession::new(parts)
    }

    /// Runs, and answers the error with the one entry that was logged.
    async fn refused(self, token: &str) -> (RefreshError, AuditEntry) {
        let (log, entries) = recording_log();
        let error = self.run(log, token).await.err().unwrap();
        let [entry] = <[AuditEntry; 1]>::try_from(std::mem::take(&mut *entries.lock().unwrap())).unwrap();
        (error, entry)
    }
}

/// The session so many refreshes later.
fn moved(times: u32) -> Session {
    let mut session = session();
    for next in 1..=times {
        let next = RefreshToken::derive(&session_secret(), session.id, next);
        let rotation = session.rotation(&next, NOW.minus(HOUR), &session_policy());
        assert!(session.rotate(rotation));
    }
    session
}

fn owned(session: Session) -> OwnedSession {
    OwnedSession { session, user: Some(user()) }
}

#[tokio::test]
async fn a_step_is_logged_where_it_is_taken_and_nowhere_else() {
    let mut doubles = Doubles::holding(session());
    let is_told = |step: &SessionStep| {
        let entry = &step.entry;
        (entry.event, entry.outcome, entry.user_id) == (Event::Refresh, Outcome::Success, Some(user().id))
            && entry.jti.is_some()
            && entry.kid.is_some()
            && step.user == user()
    };
    doubles.journal.expect_advance().withf(is_told).times(1).returning(|_| Ok(true));
    let mut log = MockAuditLog::new();
    log.expect_append().never();
    assert!(doubles.run(log, &refresh_token(0)).await.is_ok());
}

#[tokio::test]
async fn no_successor_leaves_again_that_was_not_logged() {
    let refused = Doubles::holding(moved(1)).run(failing_log(), &refresh_token(0)).await;
    assert!(matches!(refused, Err(RefreshError::Unavailable(_))));
}

#[tokio::test]
async fn one_that_is_overtaken_is_answered_like_the_one_that_overtook_it() {
    let (mut journal, mut order) = (MockSessionJournal::new(), Sequence::new());
    journal.expect_find().times(1).in_sequence(&mut order).returning(|_| Ok(Some(owned(session()))));
    journal.expect_advance().times(1).in_sequence(&mut order).returning(|_| Ok(false));
    journal.expect_find().times(1).in_sequence(&mut order).returning(|_| Ok(Some(owned(moved(1)))));
    let (log, entries) = recording_log();
    let answer = Doubles::over(journal).run(log, &refresh_token(0)).await.unwrap();
    assert_eq!(answer.refresh.expose(), refresh_token(1));
    assert_eq!(entries.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_step_that_is_not_known_to_be_taken_gives_nothing() {
    let mut doubles = Doubles::holding(session());
    doubles.journal.expect_advance().times(1).returning(|_| Err(down()));
    let (error, entry) = doubles.refused(&refresh_token(0)).await;
    assert!(matches!(error, RefreshError::Unavailable(_)));
    assert_eq!((entry.outcome, entry.jti), (Outcome::Failed, None));
}

#[tokio::test]
async fn a_repeated_refresh_changes_nothing() {
    let mut doubles = Doubles::holding(moved(1));
    doubles.journal.expect_advance().never();
    let answer = doubles.run(recording_log().0, &refresh_token(0)).await.unwrap();
    assert_eq!(answer.refresh.expose(), refresh_token(1));
}

#[tokio::test]
async fn a_late_copy_ends_the_session_and_is_logged_as_theft() {
    let mut doubles = Doubles::holding(moved(2));
    let end = SessionEnd { at: NOW, reason: EndReason::TokenReused };
    let ends = (user().id, SessionSelection::One(session().id), end);
    let is_it = move |user: &_, which: &_, end: &_| (*user, *which, *end) == ends;
    doubles.sessions.expect_end().withf(is_it).times(1).returning(|_, _, _| Ok(1));
    let (error, entry) = doubles.refused(&refresh_token(0)).await;
    assert!(matches!(error, RefreshError::Reused));
    assert_eq!((entry.event, entry.outcome, entry.user_id), (Event::TokenTheft, Outcome::Theft, Some(user().id)));
}

#[tokio::test]
async fn a_forged_token_ends_nothing_although_it_names_the_session() {
    let mut doubles = Doubles::holding(moved(2));
    doubles.sessions.expect_end().never();
    let mut forged = refresh_token(0);
    forged.replace_range(60..62, if &forged[60..62] == "AA" { "BB" } else { "AA" });
    let (error, entry) = doubles.refused(&forged).await;
    assert!(matches!(error, RefreshError::Unknown));
    assert_eq!((entry.outcome, entry.user_id), (Outcome::BadToken, None));
}

#[tokio::test]
async fn what_is_no_token_reaches_no_store() {
    let (error, entry) = Doubles::over(MockSessionJournal::new()).refused("a.b.c").await;
    assert!(matches!(error, RefreshError::Unknown));
    assert_eq!((entry.event, entry.outcome), (Event::Refresh, Outcome::BadToken));
}

#[tokio::test]
async fn a_user_who_may_not_have_tokens_spends_none() {
    let disabled = User { state: UserState::Disabled, ..user() };
    let demo = User { demo: true, ..user() };
    for (found, session) in [None, Some(disabled), Some(demo)].into_iter().zip([session(), moved(1), session()]) {
        let mut doubles = Doubles::with_user(session, found);
        doubles.journal.expect_advance().never();
        let (error, entry) = doubles.refused(&refresh_token(0)).await;
        assert!(matches!(error, RefreshError::Ended));
        assert_eq!((entry.outcome, entry.jti), (Outcome::SessionEnded, None));
    }
}

/// The row was damaged, or this process was not given the encryption key yet that another one seals with.
#[tokio::test]
async fn a_secret_that_does_not_open_sends_nobody_away() {
    let unknown = || CipherError::UnknownKey(EncryptionKeyId::of(&[1; 32]));
    for why in [unknown, || CipherError::Rejected] {
        let mut doubles = Doubles::holding(session());
        doubles.cipher = MockCipher::new();
        doubles.cipher.expect_open().returning(move |_, _| Err(why()));
        doubles.journal.expect_advance().never();
        let (error, entry) = doubles.refused(&refresh_token(0)).await;
        assert!(matches!(error, RefreshError::Unavailable(Outage::Cipher(_))));
        assert_eq!((entry.outcome, entry.user_id), (Outcome::Failed, None));
    }
}

/// Whoever holds a token of it need not ask for ever.
#[tokio::test]
async fn a_session_that_is_over_is_told_so_although_its_secret_does_not_open() {
    let ended = Session { end: Some(SessionEnd { at: NOW, reason: EndReason::LoggedOut }), ..session() };
    let expired = Session { idle_expires_at: NOW, ..session() };
    for (session, outcome) in [(ended, Outcome::SessionEnded), (expired, Outcome::Expired)] {
        let mut doubles = Doubles::holding(session);
        doubles.cipher = MockCipher::new();
        doubles.cipher.expect_open().returning(|_, _| Err(CipherError::UnknownKey(EncryptionKeyId::of(&[1; 32]))));
        assert_eq!(doubles.refused(&refresh_token(0)).await.1.outcome, outcome);
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_an_outage_and_logged() {
    let mut journal = MockSessionJournal::new();
    journal.expect_find().returning(|_| Err(down()));
    let (error, entry) = Doubles::over(journal).refused(&refresh_token(0)).await;
    assert!(matches!(error, RefreshError::Unavailable(_)));
    assert_eq!(entry.outcome, Outcome::Failed);
}

#[tokio::test]
async fn one_that_was_refreshed_here_is_not_looked_up_again() {
    let mut journal = MockSessionJournal::new();
    journal.expect_find().times(1).returning(|_| Ok(Some(owned(session()))));
    journal.expect_advance().times(3).returning(|_| Ok(true));
    let use_case = Doubles::over(journal).use_case(recording_log().0).await;
    for generation in 0..3 {
        let answer = use_case.run(&refresh_token(generation), origin()).await.unwrap();
        assert_eq!(answer.refresh.expose(), refresh_token(generation + 1));
    }
}

#[tokio::test]
async fn one_that_went_on_elsewhere_is_looked_up_and_answered_by_what_is_stored() {
    let (mut journal, mut order) = (MockSessionJournal::new(), Sequence::new());
    journal.expect_find().times(1).in_sequence(&mut order).returning(|_| Ok(Some(owned(session()))));
    journal.expect_advance().times(1).in_sequence(&mut order).returning(|_| Ok(true));
    // Another process has spent the next token too, and then the session was ended.
    journal.expect_advance().times(1).in_sequence(&mut order).returning(|_| Ok(false));
    let end = Some(SessionEnd { at: NOW, reason: EndReason::LoggedOut });
    let stored = move || owned(Session { end, ..moved(2) });
    journal.expect_find().times(1).in_sequence(&mut order).returning(move |_| Ok(Some(stored())));
    let use_case = Doubles::over(journal).use_case(recording_log().0).await;
    assert!(use_case.run(&refresh_token(0), origin()).await.is_ok());
    assert!(matches!(use_case.run(&refresh_token(1), origin()).await, Err(RefreshError::Ended)));
}

#[tokio::test]
async fn one_whose_user_was_changed_goes_on_by_what_is_stored() {
    let (mut journal, mut order) = (MockSessionJournal::new(), Sequence::new());
    journal.expect_find().times(1).in_sequence(&mut order).returning(|_| Ok(Some(owned(session()))));
    journal.expect_advance().times(1).in_sequence(&mut order).returning(|_| Ok(true));
    journal.expect_advance().times(1).in_sequence(&mut order).returning(|_| Ok(false));
    let changed = || User { role: Role::Admin, ..user() };
    let stored = move || OwnedSession { session: moved(1), user: Some(changed()) };
    journal.expect_find().times(1).in_sequence(&mut order).returning(move |_| Ok(Some(stored())));
    let says_so = move |step: &SessionStep| step.user == changed();
    journal.expect_advance().withf(says_so).times(1).in_sequence(&mut order).returning(|_| Ok(true));
    let use_case = Doubles::over(journal).use_case(recording_log().0).await;
    assert!(use_case.run(&refresh_token(0), origin()).await.is_ok());
    let answer = use_case.run(&refresh_token(1), origin()).await.unwrap();
    assert_eq!(answer.refresh.expose(), refresh_token(2));
}
