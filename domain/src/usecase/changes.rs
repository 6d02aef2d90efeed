//! Noticing what this process changes of users, sessions, clients and revoked tokens, so that what is remembered of a token is
//! forgotten at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use crate::client::{Client, ClientId};
use crate::ports::{
    ClientCursor, ClientRepository, RevocationList, RevokedToken, SessionRepository, SessionSelection, StoreError,
    UserChange, UserCursor, UserLookup, UserRepository,
};
use crate::session::{Session, SessionEnd, SessionId};
use crate::time::Timestamp;
use crate::user::{NewUser, User, UserId};

/// Counts the changes of this process after which another token may be active than before.
#[derive(Debug, Default)]
pub struct Changes(AtomicU64);

impl Changes {
    /// How many there were. Whoever takes the count before looking at a store has looked too early if it is another one afterwards.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// One more. Comes after the change is stored and before anybody is told.
    fn note(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// A store of which changes are noticed.
pub struct Noticed<R: ?Sized> {
    store: Arc<R>,
    changes: Arc<Changes>,
}

impl<R: ?Sized> Noticed<R> {
    /// `store`, of which `changes` are counted.
    pub fn new(store: Arc<R>, changes: &Arc<Changes>) -> Self {
        Self { store, changes: Arc::clone(changes) }
    }

    fn noted<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        self.changes.note();
        done
    }
}

#[async_trait]
impl UserRepository for Noticed<dyn UserRepository> {
    async fn find<'a>(&self, user: UserLookup<'a>) -> Result<Option<User>, StoreError> {
        self.store.find(user).await
    }

    async fn insert(&self, user: NewUser) -> Result<User, StoreError> {
        self.store.insert(user).await
    }

    /// A login, a verified address and another password change no token; the sessions that end with a password are noticed for themselves.
    async fn update(&self, id: UserId, changes: &[UserChange]) -> Result<Option<User>, StoreError> {
        let done = self.store.update(id, changes).await;
        let matters = |change: &UserChange| match change {
            UserChange::Role(_) | UserChange::State(_) => true,
            UserChange::LoggedIn(_) | UserChange::EmailVerified => false,
            UserChange::PasswordHash { keeps_demo, .. } => !keeps_demo,
        };
        if changes.iter().any(matters) { self.noted(done) } else { done }
    }

    async fn list(&self, after: Option<UserCursor>, limit: u32) -> Result<Vec<User>, StoreError> {
        self.store.list(after, limit).await
    }
}

#[async_trait]
impl SessionRepository for Noticed<dyn SessionRepository> {
    async fn insert(&self, session: &Session, forget_before: Timestamp) -> Result<(), StoreError> {
        self.store.insert(session, forget_before).await
    }

    async fn find(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.store.find(id).await
    }

    async fn list(&self, user: UserId, now: Timestamp, limit: u32) -> Result<Vec<Session>, StoreError> {
        self.store.list(user, now, limit).await
    }

    async fn end(&self, user: UserId, which: SessionSelection, end: SessionEnd) -> Result<u64, StoreError> {
        self.noted(self.store.end(user, which, end).await)
    }
}

#[async_trait]
impl ClientRepository for Noticed<dyn ClientRepository> {
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        self.store.find(id).await
    }

    async fn insert(&self, client: &Client) -> Result<(), StoreError> {
        self.store.insert(client).await
    }

    async fn replace(&self, client: &Client) -> Result<(), StoreError> {
        let done = self.store.replace(client).await;
        self.noted(done)
    }

    async fn list(&self, after: Option<ClientCursor>, limit: u32) -> Result<Vec<Client>, StoreError> {
        self.store.list(after, limit).await
    }
}

#[async_trait]
impl RevocationList for Noticed<dyn RevocationList> {
    async fn revoke(&self, token: &RevokedToken, forget_before: Timestamp) -> Result<(), StoreError> {
        let done = self.store.revoke(token, forget_before).await;
        self.noted(done)
    }

    async fn contains(&self, jti: &str) -> Result<bool, StoreError> {
        self.store.contains(jti).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{MockSessionRepository, MockUserRepository};
    use crate::session::EndReason;
    use crate::usecase::tests::{NOW, down};
    use crate::user::{PasswordHash, Role, UserState};

    #[tokio::test]
    async fn only_what_concerns_tokens_is_counted() {
        let changes = Arc::new(Changes::default());
        let mut store = MockUserRepository::new();
        store.expect_update().returning(|_, _| Ok(None));
        let users = Noticed::<dyn UserRepository>::new(Arc::new(store), &changes);
        let hash = |keeps_demo| UserChange::PasswordHash { hash: PasswordHash(String::new()), keeps_demo };
        for (change, count) in [
            (UserChange::LoggedIn(NOW), 0),
            (hash(true), 0),
            (hash(false), 1),
            (UserChange::Role(Role::Read), 2),
            (UserChange::State(UserState::Active), 3),
        ] {
            users.update(UserId(1), &[UserChange::LoggedIn(NOW), change]).await.unwrap();
            assert_eq!(changes.count(), count);
        }
    }

    /// It may have been made all the same: the answer got lost, say.
    #[tokio::test]
    async fn a_change_that_failed_is_counted_too() {
        let changes = Arc::new(Changes::default());
        let mut store = MockSessionRepository::new();
        store.expect_end().returning(|_, _, _| Err(down()));
        let sessions = Noticed::<dyn SessionRepository>::new(Arc::new(store), &changes);
        let end = SessionEnd { at: NOW, reason: EndReason::LoggedOut };
        assert!(sessions.end(UserId(1), SessionSelection::All, end).await.is_err());
        assert_eq!(changes.count(), 1);
    }
}
