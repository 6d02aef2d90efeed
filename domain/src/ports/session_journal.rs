//! Where sessions move on.

use async_trait::async_trait;

use super::StoreError;
use crate::audit::AuditEntry;
use crate::session::{Rotation, Session, SessionId};
use crate::user::User;

/// A session together with its user.
#[derive(Clone)]
pub struct OwnedSession {
    /// The session.
    pub session: Session,
    /// Whose it is; `None` where the user is gone.
    pub user: Option<User>,
}

/// One step of one session, and all that must still be so for it to be taken.
#[derive(Clone)]
pub struct SessionStep {
    /// The session.
    pub id: SessionId,
    /// Where it goes, and from where.
    pub rotation: Rotation,
    /// Its user, as the access token that goes with the step says.
    pub user: User,
    /// What the audit log is told of it.
    pub entry: AuditEntry,
}

/// Moves sessions on and writes it down, as one thing: a refresh asks here once or twice, and nowhere else.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait SessionJournal: Send + Sync {
    /// The session of that id with its user, ended and expired ones included; absence is not an error.
    /// MUST answer what was written by any call that was answered before, in whatever process.
    async fn find(&self, id: SessionId) -> Result<Option<OwnedSession>, StoreError>;

    /// Takes a step and appends its entry to the audit log; answers whether it did.
    ///
    /// MUST do both or neither. MUST do neither if the session was ended, if its generation is not [`Rotation::from`] any more, or
    /// if its user is gone or differs from that of the step in what [`User::has_the_rights_of`] compares. MUST be atomic: of
    /// steps from one generation exactly one is taken. MUST be durable against the death of the process before it answers.
    async fn advance(&self, step: &SessionStep) -> Result<bool, StoreError>;
}
