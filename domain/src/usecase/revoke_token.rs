//! Calling a token back (RFC 7009).

use std::sync::Arc;
use std::time::Duration;

use super::{
    AuthenticateClient, AuthenticateError, AuthenticateToken, ClientAuthError, ClientCredentials, FindSession, Outage,
    TokenHolder,
};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::client::{Client, Grant};
use crate::ports::{AuditLog, Clock, RevocationList, RevokedToken, SessionRepository, SessionSelection};
use crate::session::{EndReason, Session, SessionEnd};
use crate::time::Timestamp;

/// How long a revoked token is remembered beyond its end, for other processes whose clocks are behind.
pub(super) const MEMORY: Duration = Duration::from_secs(3600);

/// Why a token was not called back.
#[derive(Debug, thiserror::Error)]
pub enum RevokeTokenError {
    /// Nobody was taken for a client.
    #[error(transparent)]
    Client(#[from] ClientAuthError),
    /// The token is not the client's own, nor of a session that it was entrusted with.
    #[error("the client may not revoke this token")]
    Unauthorized,
    /// Something was down; the same call may be made again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

impl RevokeTokenError {
    /// How the log names it.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Client(error) => error.outcome(),
            Self::Unauthorized => Outcome::Refused,
            Self::Unavailable(_) => Outcome::Failed,
        }
    }
}

/// What [`RevokeToken`] needs.
pub struct RevokeTokenParts {
    /// Knows the client.
    pub authenticate: Arc<AuthenticateClient>,
    /// Knows whom access tokens are of.
    pub tokens: Arc<AuthenticateToken>,
    /// Knows the sessions of refresh tokens.
    pub find_session: Arc<FindSession>,
    /// The sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// The tokens that were called back.
    pub revocations: Arc<dyn RevocationList>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Calls tokens back.
pub struct RevokeToken(RevokeTokenParts);

impl RevokeToken {
    /// Calls tokens back by `parts`.
    pub const fn new(parts: RevokeTokenParts) -> Self {
        Self(parts)
    }

    /// Calls `token` back for the client of these credentials. A token that is not active is no error: nothing is left to call back
    /// (RFC 7009 section 2.2). Whatever comes of it is in the log before it is answered.
    ///
    /// A refresh token takes its session along, and so every access token of that. An access token goes alone: who has lost one of
    /// them need not be sent away (section 2.1 leaves it open).
    ///
    /// # Errors
    /// See [`RevokeTokenError`].
    pub async fn run(
        &self,
        token: &str,
        credentials: Option<&ClientCredentials>,
        origin: Origin,
    ) -> Result<(), RevokeTokenError> {
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, Event::TokenRevoked, Outcome::Success);
        let result = self.attempt(token, credentials, &mut entry).await;
        if let Err(error) = &result {
            entry.outcome = error.outcome();
        }
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        result
    }

    async fn attempt(
        &self,
        token: &str,
        credentials: Option<&ClientCredentials>,
        entry: &mut AuditEntry,
    ) -> Result<(), RevokeTokenError> {
        let client = self.0.authenticate.run(credentials, entry).await?;
        if let Some((session, _)) = self.0.find_session.run(token).await? {
            entry.user_id = Some(session.user_id);
            return self.end(&client, &session, entry.at).await;
        }
        let (is_allowed, jti, until) = match self.0.tokens.run_for_anyone(token).await {
            Ok(TokenHolder::User(caller)) => {
                entry.user_id = Some(caller.user.id);
                (holds_sessions(&client), caller.claims.jti, caller.claims.exp)
            }
            Ok(TokenHolder::Client(claims)) => (claims.client_id == client.id.as_str(), claims.jti, claims.exp),
            Err(AuthenticateError::Invalid(_) | AuthenticateError::NotAUser) => {
                entry.outcome = Outcome::NotFound;
                return Ok(());
            }
            Err(AuthenticateError::Unavailable(outage)) => return Err(outage.into()),
        };
        entry.jti = Some(jti.clone());
        if !is_allowed {
            return Err(RevokeTokenError::Unauthorized);
        }
        let revoked = RevokedToken { jti, expires_at: Timestamp::from_unix_seconds(until) };
        Ok(self.0.revocations.revoke(&revoked, entry.at.minus(MEMORY)).await.map_err(Outage::from)?)
    }

    async fn end(&self, client: &Client, session: &Session, now: Timestamp) -> Result<(), RevokeTokenError> {
        if !holds_sessions(client) {
            return Err(RevokeTokenError::Unauthorized);
        }
        let end = SessionEnd { at: now, reason: EndReason::TokenRevoked };
        self.0.sessions.end(session.user_id, SessionSelection::One(session.id), end).await.map_err(Outage::from)?;
        Ok(())
    }
}

/// Whether it was entrusted with the sessions of users: whoever may keep them going may end them.
fn holds_sessions(client: &Client) -> bool {
    client.grants.contains(&Grant::RefreshToken)
}
