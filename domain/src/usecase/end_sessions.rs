//! Ending one's own sessions from elsewhere.

use std::sync::Arc;

use super::{Caller, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::ports::{AuditLog, Clock, SessionRepository, SessionSelection};
use crate::session::{EndReason, SessionEnd, SessionId};

/// Which of the caller's sessions are to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// This one.
    One(SessionId),
    /// All but the one that the caller is in.
    Others,
}

/// Ends sessions of users who ask for it.
pub struct EndSessions {
    sessions: Arc<dyn SessionRepository>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl EndSessions {
    /// Ends those of `sessions`.
    pub fn new(sessions: Arc<dyn SessionRepository>, audit: Arc<dyn AuditLog>, clock: Arc<dyn Clock>) -> Self {
        Self { sessions, audit, clock }
    }

    /// Ends sessions of `caller` and answers how many: none where they are over already, or another user's.
    ///
    /// # Errors
    /// [`Outage`] if a store is down.
    pub async fn run(&self, caller: &Caller, ending: Ending, origin: Origin) -> Result<u64, Outage> {
        let (now, user) = (self.clock.now(), &caller.user);
        let selection = match (ending, SessionId::parse(&caller.claims.sid)) {
            (Ending::One(id), _) => SessionSelection::One(id),
            (Ending::Others, Some(own)) => SessionSelection::AllBut(own),
            (Ending::Others, None) => SessionSelection::All,
        };
        let end = SessionEnd { at: now, reason: EndReason::EndedByUser };
        let ended = self.sessions.end(user.id, selection, end).await?;
        let outcome = match (ending, ended) {
            (Ending::One(_), 0) => Outcome::NotFound,
            (Ending::One(_) | Ending::Others, _) => Outcome::Success,
        };
        let mut entry = AuditEntry::new(now, origin, Event::SessionsEnded, outcome);
        (entry.user_id, entry.name) = (Some(user.id), Some(user.username.clone()));
        self.audit.append(entry).await?;
        Ok(ended)
    }
}
