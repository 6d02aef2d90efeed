//! Finding the session that has given a refresh token out.

use std::sync::Arc;

use super::{Outage, SessionSecrets};
use crate::ports::SessionRepository;
use crate::session::{RefreshToken, Session};

/// Finds sessions by their refresh tokens.
pub struct FindSession {
    sessions: Arc<dyn SessionRepository>,
    secrets: Arc<SessionSecrets>,
}

impl FindSession {
    /// Finds those of `sessions`; `secrets` opens what their tokens are known by.
    pub fn new(sessions: Arc<dyn SessionRepository>, secrets: Arc<SessionSecrets>) -> Self {
        Self { sessions, secrets }
    }

    /// The session of `token`, if that is one of its own, spent or not; `None` also for what is no refresh token.
    ///
    /// # Errors
    /// [`Outage`] if the store or the cipher is down, or the secret of the session does not open.
    pub async fn run(&self, token: &str) -> Result<Option<(Session, RefreshToken)>, Outage> {
        let Some(presented) = RefreshToken::parse(token) else { return Ok(None) };
        let Some(session) = self.sessions.find(presented.session()).await? else { return Ok(None) };
        let is_known = session.recognizes(&presented, &self.secrets.open(&session).await?);
        Ok(is_known.then_some((session, presented)))
    }
}
