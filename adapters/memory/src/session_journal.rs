//! Sessions moving on, over the three maps that this concerns.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::ports::{OwnedSession, SessionJournal, SessionStep, StoreError};
use jwksd_domain::session::SessionId;

use crate::{MemoryAuditLog, MemorySessionRepository, MemoryUserRepository, lock};

/// Moves sessions on in memory. Takes the locks of users, sessions and log in this order; of these nobody else takes two.
pub struct MemorySessionJournal {
    users: Arc<MemoryUserRepository>,
    sessions: Arc<MemorySessionRepository>,
    audit: Arc<MemoryAuditLog>,
}

impl MemorySessionJournal {
    /// Moves those of `sessions` on, which are of `users`, and writes it into `audit`.
    pub const fn new(
        users: Arc<MemoryUserRepository>,
        sessions: Arc<MemorySessionRepository>,
        audit: Arc<MemoryAuditLog>,
    ) -> Self {
        Self { users, sessions, audit }
    }
}

#[async_trait]
impl SessionJournal for MemorySessionJournal {
    async fn find(&self, id: SessionId) -> Result<Option<OwnedSession>, StoreError> {
        let (users, sessions) = (lock(&self.users.users), lock(&self.sessions.sessions));
        let found = sessions.get(&id).cloned();
        Ok(found.map(|session| OwnedSession { user: users.get(&session.user_id).cloned(), session }))
    }

    async fn advance(&self, step: &SessionStep) -> Result<bool, StoreError> {
        let (users, mut sessions) = (lock(&self.users.users), lock(&self.sessions.sessions));
        let Some(session) = sessions.get_mut(&step.id) else { return Ok(false) };
        let is_unchanged = users.get(&session.user_id).is_some_and(|user| user.has_the_rights_of(&step.user));
        let is_taken = is_unchanged && session.rotate(step.rotation.clone());
        if is_taken {
            self.audit.push(step.entry.clone());
        }
        Ok(is_taken)
    }
}
