//! Granting a token to a client: for itself, or the next ones of a session that it was entrusted with (RFC 6749 sections 4.4, 6).

use std::sync::Arc;

use super::{
    AuthenticateClient, ClientAuthError, ClientCredentials, IssueToken, IssuedToken, Outage, RefreshError,
    RefreshSession, SessionTokens,
};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::client::{Client, Grant, TargetError};
use crate::ports::{AuditLog, Clock};
use crate::token::ClientGrant;

/// One attempt to be granted a token.
pub struct TokenRequest {
    /// Where it comes from.
    pub origin: Origin,
    /// What the client shows.
    pub credentials: Option<ClientCredentials>,
    /// What it asks for.
    pub asked: AskedGrant,
}

/// What a client asks for.
pub enum AskedGrant {
    /// A token for itself.
    ClientCredentials {
        /// The scopes, space-separated; all of its own where it does not say.
        scope: Option<String>,
        /// Whom the token is for (RFC 8707); its first audience where it does not say.
        audience: Option<String>,
    },
    /// The next tokens of the session of this refresh token.
    RefreshToken(String),
}

/// What was granted.
pub enum Granted {
    /// A token for the client itself.
    Client(IssuedToken),
    /// The tokens of a session.
    Session(SessionTokens),
}

/// Why nothing was granted.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Nobody was taken for a client.
    #[error(transparent)]
    Client(#[from] ClientAuthError),
    /// The client may not take this way to a token.
    #[error("the client may not use this grant")]
    Unauthorized,
    /// The client may not have that scope or that audience.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The refresh token is of no use.
    #[error(transparent)]
    Refresh(RefreshError),
    /// Something was down; the same call may be made again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

impl GrantError {
    /// How the log and the metrics name it.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Client(error) => error.outcome(),
            Self::Unauthorized | Self::Target(_) => Outcome::Refused,
            Self::Refresh(error) => error.outcome(),
            Self::Unavailable(_) => Outcome::Failed,
        }
    }
}

impl AskedGrant {
    const fn kind(&self) -> Grant {
        match self {
            Self::ClientCredentials { .. } => Grant::ClientCredentials,
            Self::RefreshToken(_) => Grant::RefreshToken,
        }
    }
}

/// What [`GrantToken`] needs.
pub struct GrantTokenParts {
    /// Knows the client.
    pub authenticate: Arc<AuthenticateClient>,
    /// Issues the token.
    pub tokens: Arc<IssueToken>,
    /// Keeps sessions going.
    pub refresh: Arc<RefreshSession>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Grants tokens to clients.
pub struct GrantToken(GrantTokenParts);

impl GrantToken {
    /// Grants tokens by `parts`.
    pub const fn new(parts: GrantTokenParts) -> Self {
        Self(parts)
    }

    /// One attempt. Whatever comes of it is in the log before it is answered; a refresh has its own entry, that of the user, too.
    ///
    /// # Errors
    /// See [`GrantError`].
    pub async fn run(&self, request: TokenRequest) -> Result<Granted, GrantError> {
        let TokenRequest { origin, credentials, asked } = request;
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, Event::ClientToken, Outcome::Success);
        let result = self.attempt(credentials.as_ref(), asked, &mut entry).await;
        entry.outcome = result.as_ref().map_or_else(GrantError::outcome, |_| Outcome::Success);
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        result
    }

    async fn attempt(
        &self,
        credentials: Option<&ClientCredentials>,
        asked: AskedGrant,
        entry: &mut AuditEntry,
    ) -> Result<Granted, GrantError> {
        let client = self.0.authenticate.run(credentials, entry).await?;
        if !client.grants.contains(&asked.kind()) {
            return Err(GrantError::Unauthorized);
        }
        match asked {
            AskedGrant::ClientCredentials { scope, audience } => {
                let token = self.0.tokens.run_for_client(&grant(&client, scope, audience)?).await?;
                token.note_in(entry);
                Ok(Granted::Client(token))
            }
            AskedGrant::RefreshToken(token) => match self.0.refresh.run(&token, entry.origin.clone()).await {
                Ok(tokens) => Ok(Granted::Session(tokens)),
                Err(RefreshError::Unavailable(outage)) => Err(outage.into()),
                Err(error) => Err(GrantError::Refresh(error)),
            },
        }
    }
}

fn grant(client: &Client, scope: Option<String>, audience: Option<String>) -> Result<ClientGrant, TargetError> {
    let scopes = client.scopes_for(scope.as_deref())?;
    let audience = client.audience_for(audience.as_deref())?.clone();
    Ok(ClientGrant { client: client.id.clone(), audience, scopes })
}
