//! What every `StatusLists` promises.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::audit::{AuditEntry, Event, Origin, Outcome};
use jwksd_domain::client::ClientState;
use jwksd_domain::ports::{
    AuditLog, ClientRepository, RevocationList, RevokedToken, SessionRepository, SessionSelection, StatusLists,
    UserChange, UserRepository,
};
use jwksd_domain::session::{EndReason, SessionEnd};
use jwksd_domain::status_list::{BlockSize, StatusBlock, StatusEntry};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{User, UserState};

use super::{client_repository, session_repository, user_repository};
use crate::Fixture;

/// Status lists over stores without users, sessions, clients, revoked tokens and entries.
pub struct StatusListsUnderTest {
    /// The lists.
    pub lists: Fixture<dyn StatusLists>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// Their sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// The clients.
    pub clients: Arc<dyn ClientRepository>,
    /// The revoked tokens.
    pub revocations: Arc<dyn RevocationList>,
    /// The log that tells of tokens.
    pub audit_log: Arc<dyn AuditLog>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`StatusListsUnderTest`](crate::suites::status_lists::StatusListsUnderTest).
#[macro_export]
macro_rules! status_lists_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            status_lists,
            $make,
            [
                sets_apart_block_after_block,
                sets_no_block_apart_twice,
                has_no_list_at_first,
                has_a_list_while_entries_may_be_given_out,
                has_a_list_while_a_token_of_it_lives,
                tells_of_revoked_tokens,
                tells_of_tokens_whose_session_was_ended,
                tells_of_tokens_whose_user_is_not_active,
                tells_of_tokens_whose_client_is_not_active,
                tells_of_living_tokens_only,
                tells_of_one_list_in_order,
            ]
        );
    };
}

const LIST: u32 = 3;
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

/// The entry of a token of `list` that ends a hundred seconds from now.
fn token(list: u32, index: u16) -> AuditEntry {
    let origin = Origin::new(IpAddr::from([192, 0, 2, 1]), None);
    AuditEntry {
        jti: Some(format!("token {index}")),
        expires_at: Some(later(100)),
        status: Some(StatusEntry { list, index }),
        ..AuditEntry::new(NOW, origin, Event::Login, Outcome::Success)
    }
}

impl StatusListsUnderTest {
    async fn log(&self, entry: AuditEntry) {
        self.audit_log.append(entry).await.unwrap();
    }

    async fn user(&self, name: &str) -> User {
        self.users.insert(user_repository::new_user(name, None)).await.unwrap()
    }

    /// What is told of the list of this suite, which is alive for its tokens alone.
    async fn told(&self) -> Option<Vec<u16>> {
        self.lists.find(LIST, NOW, NOW).await.unwrap()
    }
}

/// From the first entry of the first list on.
pub async fn sets_apart_block_after_block(subject: &StatusListsUnderTest) {
    let mut last = None;
    for number in 0..140 {
        let size = if number % 5 == 0 { BlockSize::Small } else { BlockSize::Usual };
        let block = subject.lists.reserve(size, NOW).await.unwrap();
        assert_eq!(block, StatusBlock::behind(last, size));
        last = Some((block.list, block.end()));
    }
    assert_eq!(last.map(|(list, _)| list), Some(2));
}

/// Of many who ask at once each has a block of its own.
pub async fn sets_no_block_apart_twice(subject: &StatusListsUnderTest) {
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let lists = Arc::clone(&subject.lists);
        asking.spawn(async move { lists.reserve(BlockSize::Usual, NOW).await.unwrap() });
    }
    let blocks: BTreeSet<_> = asking.join_all().await.into_iter().collect();
    assert_eq!(blocks.len(), 20);
}

/// Absence is no error.
pub async fn has_no_list_at_first(subject: &StatusListsUnderTest) {
    for list in [0, 1, LIST, u32::MAX] {
        assert_eq!(subject.lists.find(list, NOW, NOW).await.unwrap(), None);
    }
    assert!(subject.lists.alive(NOW, NOW).await.unwrap().is_empty());
}

/// Whoever has set entries apart may give them out without telling.
pub async fn has_a_list_while_entries_may_be_given_out(subject: &StatusListsUnderTest) {
    subject.lists.reserve(BlockSize::Usual, NOW).await.unwrap();
    for (idle_since, found) in [(NOW, Some(vec![])), (later(1), None)] {
        assert_eq!(subject.lists.find(1, later(9), idle_since).await.unwrap(), found);
        let alive: &[u32] = if found.is_some() { &[1] } else { &[] };
        assert_eq!(subject.lists.alive(later(9), idle_since).await.unwrap(), alive);
    }
    subject.lists.reserve(BlockSize::Usual, later(1)).await.unwrap();
    assert_eq!(subject.lists.alive(later(9), later(1)).await.unwrap(), [1], "set apart once more");
}

/// To the second in which the last of its tokens ends.
pub async fn has_a_list_while_a_token_of_it_lives(subject: &StatusListsUnderTest) {
    subject.lists.reserve(BlockSize::Usual, NOW).await.unwrap();
    let user = subject.user("alice").await;
    subject.log(AuditEntry { user_id: Some(user.id), ..token(1, 5) }).await;
    let idle_since = later(1000);
    assert_eq!(subject.lists.find(1, later(99), idle_since).await.unwrap(), Some(vec![]));
    assert_eq!(subject.lists.alive(later(99), idle_since).await.unwrap(), [1]);
    assert_eq!(subject.lists.find(1, later(100), idle_since).await.unwrap(), None);
    assert!(subject.lists.alive(later(100), idle_since).await.unwrap().is_empty());
}

/// By their ids.
pub async fn tells_of_revoked_tokens(subject: &StatusListsUnderTest) {
    let user_id = Some(subject.user("alice").await.id);
    for index in [1, 2] {
        subject.log(AuditEntry { user_id, ..token(LIST, index) }).await;
    }
    assert_eq!(subject.told().await, Some(vec![]));
    let revoked = RevokedToken { jti: "token 2".to_owned(), expires_at: later(100) };
    subject.revocations.revoke(&revoked, NOW).await.unwrap();
    assert_eq!(subject.told().await, Some(vec![2]));
}

/// Of all tokens of the session, and not of those that name one that is not stored.
pub async fn tells_of_tokens_whose_session_was_ended(subject: &StatusListsUnderTest) {
    let user = subject.user("alice").await;
    let [one, other] = [1, 2].map(|number| session_repository::session(number, user.id));
    for session in [&one, &other] {
        subject.sessions.insert(session, NOW).await.unwrap();
    }
    let sids = [one.id.to_string(), other.id.to_string(), one.id.to_string(), "alone".to_owned()];
    for (index, sid) in (0..).zip(sids) {
        subject.log(AuditEntry { user_id: Some(user.id), sid: Some(sid), ..token(LIST, index) }).await;
    }
    assert_eq!(subject.told().await, Some(vec![]));
    let end = SessionEnd { at: one.created_at, reason: EndReason::LoggedOut };
    subject.sessions.end(user.id, SessionSelection::One(one.id), end).await.unwrap();
    assert_eq!(subject.told().await, Some(vec![0, 2]));
}

/// Until the user is active again.
pub async fn tells_of_tokens_whose_user_is_not_active(subject: &StatusListsUnderTest) {
    for (index, name) in [(1, "alice"), (2, "bob")] {
        let user_id = Some(subject.user(name).await.id);
        subject.log(AuditEntry { user_id, ..token(LIST, index) }).await;
    }
    let bob = user_repository::find(&subject.users, "bob").await.unwrap();
    for (state, told) in [(UserState::Disabled, vec![2]), (UserState::Active, vec![])] {
        subject.users.update(bob.id, &[UserChange::State(state)]).await.unwrap();
        assert_eq!(subject.told().await, Some(told));
    }
}

/// Nor those of one that is gone.
pub async fn tells_of_tokens_whose_client_is_not_active(subject: &StatusListsUnderTest) {
    let mut client = client_repository::client("reports");
    subject.clients.insert(&client).await.unwrap();
    for (index, name) in [(1, "reports"), (2, "gone")] {
        let name = Some(name.to_owned());
        subject.log(AuditEntry { event: Event::ClientToken, name, ..token(LIST, index) }).await;
    }
    assert_eq!(subject.told().await, Some(vec![2]));
    client.state = ClientState::Disabled;
    subject.clients.replace(&client).await.unwrap();
    assert_eq!(subject.told().await, Some(vec![1, 2]));
}

/// What is over needs no status, and whatever else the log tells of has none.
pub async fn tells_of_living_tokens_only(subject: &StatusListsUnderTest) {
    let user = subject.user("alice").await;
    subject.users.update(user.id, &[UserChange::State(UserState::Disabled)]).await.unwrap();
    let user_id = Some(user.id);
    subject.log(AuditEntry { user_id, ..token(LIST, 1) }).await;
    subject.log(AuditEntry { user_id, expires_at: Some(NOW), ..token(LIST, 2) }).await;
    subject.log(AuditEntry { user_id, expires_at: Some(later(1)), ..token(LIST, 3) }).await;
    subject.log(AuditEntry { user_id, status: None, ..token(LIST, 4) }).await;
    assert_eq!(subject.told().await, Some(vec![1, 3]));
}

/// Whatever the order in which the tokens were issued, to the first and the last place.
pub async fn tells_of_one_list_in_order(subject: &StatusListsUnderTest) {
    let user = subject.user("alice").await;
    for (list, index) in [(LIST, u16::MAX), (LIST - 1, 4), (LIST, 0), (LIST + 1, 5), (LIST, 7)] {
        subject.log(AuditEntry { user_id: Some(user.id), ..token(list, index) }).await;
    }
    subject.users.update(user.id, &[UserChange::State(UserState::Disabled)]).await.unwrap();
    assert_eq!(subject.told().await, Some(vec![0, 7, u16::MAX]));
}
