//! Logging out: ending the session that a token is of.

use std::sync::Arc;

use super::revoke_token::MEMORY;
use super::{Caller, Outage, SessionSecrets};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::ports::{AuditLog, Clock, RevocationList, RevokedToken, SessionRepository, SessionSelection};
use crate::session::{EndReason, RefreshToken, SessionEnd, SessionId};
use crate::time::Timestamp;
use crate::user::UserId;

/// What somebody shows to have a session ended.
pub enum Showing {
    /// An access token, which was found to be good.
    Access(Box<Caller>),
    /// A refresh token, as it was sent.
    Refresh(String),
}

/// Why nobody was logged out.
#[derive(Debug, thiserror::Error)]
pub enum LogOutError {
    /// The refresh token is none that was given out, or one of a session that is forgotten.
    #[error("the refresh token is not known")]
    Unknown,
    /// Something was down; the same call may be made again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What [`LogOut`] needs.
pub struct LogOutParts {
    /// The sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// The tokens that were called back.
    pub revocations: Arc<dyn RevocationList>,
    /// Opens the secrets of sessions.
    pub secrets: Arc<SessionSecrets>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Logs users out.
pub struct LogOut(LogOutParts);

impl LogOut {
    /// Logs out by `parts`.
    pub const fn new(parts: LogOutParts) -> Self {
        Self(parts)
    }

    /// Ends the session of what is shown; an access token of no session that could be ended is called back itself. One that is over
    /// already is no error: there is nothing left to end. Any refresh token of the session will do, spent ones too, since its answer may have been lost.
    ///
    /// # Errors
    /// See [`LogOutError`].
    pub async fn run(&self, showing: Showing, origin: Origin) -> Result<(), LogOutError> {
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, Event::Logout, Outcome::Success);
        let result = self.attempt(showing, &mut entry).await;
        entry.outcome = match &result {
            Ok(()) => Outcome::Success,
            Err(LogOutError::Unknown) => Outcome::BadToken,
            Err(LogOutError::Unavailable(_)) => Outcome::Failed,
        };
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        result
    }

    async fn attempt(&self, showing: Showing, entry: &mut AuditEntry) -> Result<(), LogOutError> {
        match showing {
            Showing::Access(caller) => self.of_access_token(*caller, entry).await?,
            Showing::Refresh(token) => {
                let (user, id) = self.of_refresh_token(&token, entry).await?;
                self.end(user, id, entry).await?;
            }
        }
        Ok(())
    }

    async fn of_access_token(&self, caller: Caller, entry: &mut AuditEntry) -> Result<(), Outage> {
        let Caller { claims, user } = caller;
        (entry.user_id, entry.name) = (Some(user.id), Some(user.username));
        let ended = match SessionId::parse(&claims.sid) {
            Some(id) => self.end(user.id, id, entry).await?,
            None => 0,
        };
        if ended == 0 {
            let token = RevokedToken { jti: claims.jti, expires_at: Timestamp::from_unix_seconds(claims.exp) };
            self.0.revocations.revoke(&token, entry.at.minus(MEMORY)).await?;
        }
        Ok(())
    }

    async fn end(&self, user: UserId, id: SessionId, entry: &AuditEntry) -> Result<u64, Outage> {
        let end = SessionEnd { at: entry.at, reason: EndReason::LoggedOut };
        Ok(self.0.sessions.end(user, SessionSelection::One(id), end).await?)
    }

    async fn of_refresh_token(&self, token: &str, entry: &mut AuditEntry) -> Result<(UserId, SessionId), LogOutError> {
        let presented = RefreshToken::parse(token).ok_or(LogOutError::Unknown)?;
        let found = self.0.sessions.find(presented.session()).await.map_err(Outage::from)?;
        let session = found.ok_or(LogOutError::Unknown)?;
        let secret = self.0.secrets.open(&session).await?;
        if !session.recognizes(&presented, &secret) {
            return Err(LogOutError::Unknown);
        }
        (entry.user_id, entry.name) = (Some(session.user_id), Some(session.username));
        Ok((session.user_id, session.id))
    }
}
