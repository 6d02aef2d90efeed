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
    CipherError, MockAuditLog, MockCipher, MockEntropy, MockSessionRepository, MockUserRepository, Sealed,
    SessionChange, SessionSelection,
};
use crate::session::{EndReason, RefreshToken, Session, SessionEnd};
use crate::usecase::{RefreshError, RefreshSession, RefreshSessionParts, SessionSecrets, SessionTokens};
use crate::user::{DemoUsers, User, UserState};

struct Doubles {
    sessions: MockSessionRepository,
    users: MockUserRepository,
    cipher: MockCipher,
}

impl Doubles {
    /// A store that holds `found`, and nothing that it is told to do yet.
    fn holding(found: Session) -> Self {
        let mut doubles = Self::over(MockSessionRepository::new());
        doubles.sessions.expect_find().returning(move |_| Ok(Some(found.clone())));
        doubles
    }

    fn over(sessions: MockSessionRepository) -> Self {
        let (mut users, mut cipher) = (MockUserRepository::new(), MockCipher::new());
        users.expect_find().returning(|_| Ok(Some(user())));
        cipher.expect_open().returning(|_, _| Ok(Zeroizing::new(vec![9; 32])));
        let sealed_by = EncryptionKeyId::of(&[7; 32]);
        cipher.expect_seal().returning(move |_, _| Ok(Sealed { bytes: vec![], sealed_by: sealed_by.clone() }));
        Self { sessions, users, cipher }
    }

    async fn run(self, audit: MockAuditLog, token: &str) -> Result<SessionTokens, RefreshError> {
        self.use_case(audit).await.run(token, origin()).await
    }

    async fn use_case(self, audit: MockAuditLog) -> RefreshSession {
        let secrets = SessionSecrets::new(Arc::new(self.cipher), Arc::new(MockEntropy::new()));
        let parts = RefreshSessionParts {
            sessions: Arc::new(self.sessions),
            users: Arc::new(self.users),
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
        let rotation = session.rotation(&next, session.secret.clone(), NOW.minus(HOUR), &session_policy());
        assert!(session.rotate(rotation));
    }
    session
}

#[tokio::test]
async fn no_successor_leaves_that_was_not_logged() {
    let mut doubles = Doubles::holding(session());
    doubles.sessions.expect_update().returning(|_| Ok(1));
    let refused = doubles.run(failing_log(), &refresh_token(0)).await;
    assert!(matches!(refused, Err(RefreshError::Unavailable(_))));
}

#[tokio::test]
async fn one_that_is_overtaken_is_answered_like_the_one_that_overtook_it() {
    let (mut sessions, mut order) = (MockSessionRepository::new(), Sequence::new());
    sessions.expect_find().times(1).in_sequence(&mut order).returning(|_| Ok(Some(session())));
    sessions.expect_update().times(1).in_sequence(&mut order).returning(|_| Ok(0));
    sessions.expect_find().times(1).in_sequence(&mut order).returning(|_| Ok(Some(moved(1))));
    let answer = Doubles::over(sessions).run(recording_log().0, &refresh_token(0)).await.unwrap();
    assert_eq!(answer.refresh.expose(), refresh_token(1));
}

#[tokio::test]
async fn a_repeated_refresh_changes_nothing() {
    let mut doubles = Doubles::holding(moved(1));
    doubles.sessions.expect_update().never();
    let answer = doubles.run(recording_log().0, &refresh_token(0)).await.unwrap();
    assert_eq!(answer.refresh.expose(), refresh_token(1));
}

#[tokio::test]
async fn a_late_copy_ends_the_session_and_is_logged_as_theft() {
    let mut doubles = Doubles::holding(moved(2));
    let end = SessionEnd { at: NOW, reason: EndReason::TokenReused };
    let ends = SessionChange::End(user().id, SessionSelection::One(session().id), end);
    doubles.sessions.expect_update().withf(move |change| *change == ends).times(1).returning(|_| Ok(1));
    let (error, entry) = doubles.refused(&refresh_token(0)).await;
    assert!(matches!(error, RefreshError::Reused));
    assert_eq!((entry.event, entry.outcome, entry.user_id), (Event::TokenTheft, Outcome::Theft, Some(user().id)));
}

#[tokio::test]
async fn a_forged_token_ends_nothing_although_it_names_the_session() {
    let mut doubles = Doubles::holding(moved(2));
    doubles.sessions.expect_update().never();
    let mut forged = refresh_token(0);
    forged.replace_range(60..62, if &forged[60..62] == "AA" { "BB" } else { "AA" });
    let (error, entry) = doubles.refused(&forged).await;
    assert!(matches!(error, RefreshError::Unknown));
    assert_eq!((entry.outcome, entry.user_id), (Outcome::BadToken, None));
}

#[tokio::test]
async fn what_is_no_token_reaches_no_store() {
    let (error, entry) = Doubles::over(MockSessionRepository::new()).refused("a.b.c").await;
    assert!(matches!(error, RefreshError::Unknown));
    assert_eq!((entry.event, entry.outcome), (Event::Refresh, Outcome::BadToken));
}

#[tokio::test]
async fn a_user_who_may_not_have_tokens_spends_none() {
    let disabled = User { state: UserState::Disabled, ..user() };
    let demo = User { demo: true, ..user() };
    for found in [None, Some(disabled), Some(demo)] {
        let mut doubles = Doubles::holding(session());
        doubles.users = MockUserRepository::new();
        doubles.users.expect_find().returning(move |_| Ok(found.clone()));
        doubles.sessions.expect_update().never();
        let (error, entry) = doubles.refused(&refresh_token(0)).await;
        assert!(matches!(error, RefreshError::Ended));
        assert_eq!(entry.outcome, Outcome::SessionEnded);
    }
}

#[tokio::test]
async fn a_secret_that_was_changed_sends_nobody_away() {
    let mut doubles = Doubles::holding(session());
    doubles.cipher = MockCipher::new();
    doubles.cipher.expect_open().returning(|_, _| Err(CipherError::Rejected));
    doubles.sessions.expect_update().never();
    let (error, entry) = doubles.refused(&refresh_token(0)).await;
    assert!(matches!(error, RefreshError::Unavailable(_)));
    assert_eq!(entry.outcome, Outcome::Failed);
}

#[tokio::test]
async fn a_session_whose_encryption_key_was_dropped_goes_on_no_more_and_is_left_alone() {
    let mut doubles = Doubles::holding(session());
    doubles.cipher = MockCipher::new();
    let dropped = || CipherError::UnknownKey(EncryptionKeyId::of(&[1; 32]));
    doubles.cipher.expect_open().returning(move |_, _| Err(dropped()));
    doubles.sessions.expect_update().never();
    assert!(matches!(doubles.refused(&refresh_token(0)).await.0, RefreshError::Ended));
}

#[tokio::test]
async fn a_refresh_seals_the_secret_with_the_present_encryption_key() {
    let mut doubles = Doubles::holding(session());
    let is_sealed_anew = |change: &SessionChange| match change {
        SessionChange::Rotate(_, rotation) => rotation.secret.sealed_by == EncryptionKeyId::of(&[7; 32]),
        SessionChange::End(..) => false,
    };
    doubles.sessions.expect_update().withf(is_sealed_anew).times(1).returning(|_| Ok(1));
    assert!(doubles.run(recording_log().0, &refresh_token(0)).await.is_ok());
}

#[tokio::test]
async fn a_store_that_is_down_is_an_outage_and_logged() {
    let mut sessions = MockSessionRepository::new();
    sessions.expect_find().returning(|_| Err(down()));
    let (error, entry) = Doubles::over(sessions).refused(&refresh_token(0)).await;
    assert!(matches!(error, RefreshError::Unavailable(_)));
    assert_eq!(entry.outcome, Outcome::Failed);
}

#[tokio::test]
async fn one_that_was_refreshed_here_is_not_looked_up_again() {
    let mut sessions = MockSessionRepository::new();
    sessions.expect_find().times(1).returning(|_| Ok(Some(session())));
    sessions.expect_update().times(3).returning(|_| Ok(1));
    let use_case = Doubles::over(sessions).use_case(recording_log().0).await;
    for generation in 0..3 {
        let answer = use_case.run(&refresh_token(generation), origin()).await.unwrap();
        assert_eq!(answer.refresh.expose(), refresh_token(generation + 1));
    }
}

#[tokio::test]
async fn one_that_went_on_elsewhere_is_looked_up_and_answered_by_what_is_stored() {
    let (mut sessions, mut order) = (MockSessionRepository::new(), Sequence::new());
    sessions.expect_find().times(1).in_sequence(&mut order).returning(|_| Ok(Some(session())));
    sessions.expect_update().times(1).in_sequence(&mut order).returning(|_| Ok(1));
    // Another process has spent the next token too, and then the session was ended.
    sessions.expect_update().times(1).in_sequence(&mut order).returning(|_| Ok(0));
    let end = Some(SessionEnd { at: NOW, reason: EndReason::LoggedOut });
    let stored = move || Session { end, ..moved(2) };
    sessions.expect_find().times(1).in_sequence(&mut order).returning(move |_| Ok(Some(stored())));
    let use_case = Doubles::over(sessions).use_case(recording_log().0).await;
    assert!(use_case.run(&refresh_token(0), origin()).await.is_ok());
    assert!(matches!(use_case.run(&refresh_token(1), origin()).await, Err(RefreshError::Ended)));
}
