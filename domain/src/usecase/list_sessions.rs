//! Listing the caller's own sessions.

use std::sync::Arc;

use super::{Caller, Outage};
use crate::ports::{Clock, SessionRepository};
use crate::session::Session;

/// The most sessions that are listed.
const LISTED_MAX: u32 = 200;

/// Tells users of their sessions.
pub struct ListSessions {
    sessions: Arc<dyn SessionRepository>,
    clock: Arc<dyn Clock>,
}

impl ListSessions {
    /// Lists those of `sessions`.
    pub fn new(sessions: Arc<dyn SessionRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { sessions, clock }
    }

    /// The live sessions of `caller`, the newest first and 200 at most.
    ///
    /// # Errors
    /// [`Outage`] if the store is down.
    pub async fn run(&self, caller: &Caller) -> Result<Vec<Session>, Outage> {
        Ok(self.sessions.list(caller.user.id, self.clock.now(), LISTED_MAX).await?)
    }
}
