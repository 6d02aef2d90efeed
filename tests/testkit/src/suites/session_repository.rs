//! What every `SessionRepository` promises.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::audit::Origin;
use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::ports::{Sealed, SessionRepository, SessionSelection, StoreError};
use jwksd_domain::session::{AuthMethod, EndReason, Rotation, Session, SessionEnd, SessionId, TokenHash};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn SessionRepository>` without sessions, or
/// a [`Fixture`](crate::Fixture) of one.
#[macro_export]
macro_rules! session_repository_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            session_repository,
            $make,
            [
                has_none_at_first,
                answers_what_it_was_given,
                refuses_a_taken_id,
                ends_one_of_its_owner_only,
                ends_all_of_a_user,
                ends_all_but_one,
                keeps_the_first_end,
                lists_what_is_live_the_newest_first,
                forgets_what_is_long_over,
            ]
        );
    };
}

const JANE: UserId = UserId(1);
const JOHN: UserId = UserId(2);
const NEVER: Timestamp = Timestamp::from_unix_millis(i64::MIN);

/// An instant so many milliseconds after the sessions of this suite were opened.
fn after(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_800_000_000_123 + millis)
}

fn id(number: u8) -> SessionId {
    SessionId::from_random([number; 16])
}

/// A session of `user` that was opened `number` milliseconds after the first, and lives ten seconds, or five without being used.
pub fn session(number: u8, user: UserId) -> Session {
    let created_at = after(i64::from(number));
    Session {
        id: id(number),
        user_id: user,
        username: format!("user {}", user.0),
        methods: vec![AuthMethod::Password],
        origin: Origin::new(IpAddr::from([192, 0, 2, number]), Some("tester/1.0")),
        created_at,
        last_used_at: created_at,
        idle_expires_at: created_at.plus(Duration::from_secs(5)),
        expires_at: created_at.plus(Duration::from_secs(10)),
        secret: Sealed { bytes: vec![number; 60], sealed_by: EncryptionKeyId::of(&[number; 32]) },
        generation: 0,
        token_hash: TokenHash::new([number; 32]),
        spent_at: vec![],
        end: None,
    }
}

/// The step of a session from the generation `from`, at a second after it was opened.
pub fn rotation(from: u32) -> Rotation {
    Rotation {
        from,
        generation: from + 1,
        token_hash: TokenHash::new([99; 32]),
        spent_at: vec![after(500), after(1000)],
        last_used_at: after(1000),
        idle_expires_at: after(6000),
    }
}

fn ended(at: Timestamp) -> SessionEnd {
    SessionEnd { at, reason: EndReason::LoggedOut }
}

async fn add(sessions: &Arc<dyn SessionRepository>, number: u8, user: UserId) -> Session {
    let added = session(number, user);
    sessions.insert(&added, NEVER).await.unwrap();
    added
}

async fn end(sessions: &Arc<dyn SessionRepository>, user: UserId, which: SessionSelection, end: SessionEnd) -> u64 {
    sessions.end(user, which, end).await.unwrap()
}

async fn end_of(sessions: &Arc<dyn SessionRepository>, number: u8) -> Option<SessionEnd> {
    sessions.find(id(number)).await.unwrap().unwrap().end
}

async fn listed(sessions: &Arc<dyn SessionRepository>, now: Timestamp, limit: u32) -> Vec<SessionId> {
    sessions.list(JANE, now, limit).await.unwrap().iter().map(|session| session.id).collect()
}

/// That the store holds exactly this session. Sessions cannot be shown, so the failure does not show them.
pub async fn assert_stored(sessions: &Arc<dyn SessionRepository>, expected: &Session) {
    let found = sessions.find(expected.id).await.unwrap();
    assert!(found.as_ref() == Some(expected), "session {} is not stored as it was given", expected.id);
}

/// Absence is no error, and nothing is changed where nothing is.
pub async fn has_none_at_first(sessions: &Arc<dyn SessionRepository>) {
    assert!(sessions.find(id(1)).await.unwrap().is_none());
    assert_eq!(listed(sessions, after(0), 10).await, []);
    assert_eq!(end(sessions, JANE, SessionSelection::All, ended(after(0))).await, 0);
}

/// A session comes back with all that was given, instants to the millisecond.
pub async fn answers_what_it_was_given(sessions: &Arc<dyn SessionRepository>) {
    let full = add(sessions, 1, JANE).await;
    let plain = Session {
        methods: vec![],
        origin: Origin::new(IpAddr::from([0x2001_u16, 0xdb8, 0, 0, 0, 0, 0, 1]), None),
        spent_at: vec![after(1), after(2), after(3)],
        generation: u32::MAX,
        end: Some(ended(after(7))),
        ..session(2, JOHN)
    };
    sessions.insert(&plain, NEVER).await.unwrap();
    assert_stored(sessions, &full).await;
    assert_stored(sessions, &plain).await;
}

/// One id, one session.
pub async fn refuses_a_taken_id(sessions: &Arc<dyn SessionRepository>) {
    let first = add(sessions, 1, JANE).await;
    let second = Session { id: id(1), ..session(2, JOHN) };
    assert!(matches!(sessions.insert(&second, NEVER).await, Err(StoreError::Duplicate { field: "sid" })));
    assert_stored(sessions, &first).await;
}

/// Nobody ends the session of another by knowing its id.
pub async fn ends_one_of_its_owner_only(sessions: &Arc<dyn SessionRepository>) {
    let (janes, johns) = (add(sessions, 1, JANE).await, add(sessions, 2, JOHN).await);
    assert_eq!(end(sessions, JANE, SessionSelection::One(johns.id), ended(after(100))).await, 0);
    assert_stored(sessions, &johns).await;
    assert_eq!(end(sessions, JANE, SessionSelection::One(janes.id), ended(after(100))).await, 1);
    assert_eq!(end_of(sessions, 1).await, Some(ended(after(100))));
}

/// Other users keep theirs.
pub async fn ends_all_of_a_user(sessions: &Arc<dyn SessionRepository>) {
    for (number, user) in [(1, JANE), (2, JOHN), (3, JANE)] {
        add(sessions, number, user).await;
    }
    assert_eq!(end(sessions, JANE, SessionSelection::All, ended(after(100))).await, 2);
    assert_eq!(end_of(sessions, 1).await, Some(ended(after(100))));
    assert_eq!(end_of(sessions, 3).await, Some(ended(after(100))));
    assert_eq!(end_of(sessions, 2).await, None);
}

/// The one stays, and need not be there.
pub async fn ends_all_but_one(sessions: &Arc<dyn SessionRepository>) {
    for number in 1..=3 {
        add(sessions, number, JANE).await;
    }
    assert_eq!(end(sessions, JANE, SessionSelection::AllBut(id(2)), ended(after(100))).await, 2);
    assert_eq!(listed(sessions, after(100), 10).await, [id(2)]);
    assert_eq!(end(sessions, JANE, SessionSelection::AllBut(id(9)), ended(after(100))).await, 1);
}

/// Why and when a session ended is not rewritten, and one that expired is over already.
pub async fn keeps_the_first_end(sessions: &Arc<dyn SessionRepository>) {
    for number in 1..=2 {
        add(sessions, number, JANE).await;
    }
    assert_eq!(end(sessions, JANE, SessionSelection::One(id(1)), ended(after(100))).await, 1);
    let theft = SessionEnd { at: after(200), reason: EndReason::TokenReused };
    assert_eq!(end(sessions, JANE, SessionSelection::One(id(1)), theft).await, 0);
    assert_eq!(end_of(sessions, 1).await, Some(ended(after(100))));
    assert_eq!(end(sessions, JANE, SessionSelection::All, ended(after(5002))).await, 0, "expired at this instant");
    assert_eq!(end(sessions, JANE, SessionSelection::All, ended(after(5001))).await, 1);
}

/// Neither those of others nor what is over.
pub async fn lists_what_is_live_the_newest_first(sessions: &Arc<dyn SessionRepository>) {
    for (number, user) in [(3, JANE), (1, JANE), (2, JOHN), (5, JANE), (4, JANE)] {
        add(sessions, number, user).await;
    }
    end(sessions, JANE, SessionSelection::One(id(4)), ended(after(100))).await;
    assert_eq!(listed(sessions, after(100), 10).await, [5, 3, 1].map(id));
    assert_eq!(listed(sessions, after(100), 2).await, [5, 3].map(id));
    assert_eq!(listed(sessions, after(5003), 10).await, [id(5)], "the others expired for want of use");
    let used = Session { idle_expires_at: after(6000), ..session(6, JANE) };
    sessions.insert(&used, NEVER).await.unwrap();
    assert_eq!(listed(sessions, after(5005), 10).await, [id(6)]);
}

/// What a session that could no longer have any token leaves behind goes away, sooner than new ones come; others stay.
pub async fn forgets_what_is_long_over(sessions: &Arc<dyn SessionRepository>) {
    for number in 1..=4 {
        add(sessions, number, JANE).await;
    }
    end(sessions, JANE, SessionSelection::One(id(4)), ended(after(100))).await;
    for number in 5..=6 {
        sessions.insert(&session(number, JANE), after(10_003)).await.unwrap();
    }
    for number in 1..=6 {
        let is_kept = sessions.find(id(number)).await.unwrap().is_some();
        assert_eq!(is_kept, number >= 3, "session {number}");
    }
}
