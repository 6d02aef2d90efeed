//! Where sessions are kept.

use async_trait::async_trait;

use super::StoreError;
use crate::session::{Rotation, Session, SessionEnd, SessionId};
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

/// A change of sessions, which is made where it can be and answered with how many were changed.
#[derive(Clone, PartialEq, Eq)]
pub enum SessionChange {
    /// One moves on to its next refresh token, if it was not ended and its generation is still [`Rotation::from`].
    Rotate(SessionId, Rotation),
    /// Those of this user that are live at the instant of the end ([`Session::is_live_at`]) end.
    End(UserId, SessionSelection, SessionEnd),
}

/// Keeps sessions.
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

    /// Makes a change and answers how many sessions it changed; zero is not an error.
    ///
    /// MUST be atomic for each session: of rotations from one generation exactly one succeeds, and none after an end.
    /// MUST be durable before it answers.
    async fn update(&self, change: &SessionChange) -> Result<u64, StoreError>;
}
