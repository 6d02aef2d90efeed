//! Where sessions are kept.

use async_trait::async_trait;

use super::StoreError;
use crate::session::{Session, SessionEnd, SessionId};
use crate::time::Timestamp;
use crate::user::UserId;

/// Which sessions of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionSelection {
    /// This one.
    One(SessionId),
    /// All of them.
    All,
    /// All but this one.
    AllBut(SessionId),
}

/// Keeps sessions. They move on through [`super::SessionJournal`].
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Adds a session.
    ///
    /// MUST fail with [`StoreError::Duplicate`] naming `sid` if its id is taken. MUST be durable before it answers.
    /// MUST forget sessions whose `expires_at` is before `forget_before`, at least two at each call while there are any, so that
    /// the store does not grow for ever; MUST keep all others.
    async fn insert(&self, session: &Session, forget_before: Timestamp) -> Result<(), StoreError>;

    /// The session of that id, ended and expired ones included; absence is not an error.
    /// MUST answer what was written by any call that was answered before, in whatever process.
    async fn find(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// At most `limit` sessions of a user that are live at `now`, the one opened last first.
    async fn list(&self, user: UserId, now: Timestamp, limit: u32) -> Result<Vec<Session>, StoreError>;

    /// Ends those sessions of `user` that are live at the instant of the end ([`Session::is_live_at`]) and answers how many there
    /// were; zero is not an error. MUST be durable before it answers.
    async fn end(&self, user: UserId, which: SessionSelection, end: SessionEnd) -> Result<u64, StoreError>;
}
