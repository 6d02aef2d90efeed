//! Starting a session: the part that every way to one shares.

use std::sync::Arc;
use std::time::Duration;

use super::identifiers::session_id;
use super::{Admitted, IssueToken, IssuedToken, Outage, SessionSecrets};
use crate::audit::AuditEntry;
use crate::ports::{Entropy, SessionRepository};
use crate::session::{NewSession, RefreshToken, Session, SessionPolicy};
use crate::time::Timestamp;

/// How long an expired session is remembered, so that whoever comes late is told so. No token of it lives any more.
const MEMORY: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a session gives its user.
pub struct SessionTokens {
    /// For the calls to come.
    pub access: IssuedToken,
    /// For the next tokens.
    pub refresh: RefreshToken,
    /// How long the refresh token is good, if it is not used before.
    pub refresh_expires_in: Duration,
}

/// Opens sessions for users who have been authenticated.
pub struct StartSession {
    sessions: Arc<dyn SessionRepository>,
    secrets: Arc<SessionSecrets>,
    tokens: Arc<IssueToken>,
    entropy: Arc<dyn Entropy>,
    policy: SessionPolicy,
}

/// What [`StartSession`] needs beside the policy.
pub struct StartSessionParts {
    /// The sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Makes the secret.
    pub secrets: Arc<SessionSecrets>,
    /// Issues the access token.
    pub tokens: Arc<IssueToken>,
    /// Draws the id.
    pub entropy: Arc<dyn Entropy>,
}

impl StartSession {
    /// Starts sessions that live by `policy`.
    pub fn new(parts: StartSessionParts, policy: SessionPolicy) -> Self {
        let StartSessionParts { sessions, secrets, tokens, entropy } = parts;
        Self { sessions, secrets, tokens, entropy, policy }
    }

    /// Starts one for who was `admitted` in the attempt that `entry` tells of, and completes the entry.
    ///
    /// # Errors
    /// [`Outage`] if the store, the cipher or the signer is down.
    pub async fn run(&self, admitted: &Admitted, entry: &mut AuditEntry) -> Result<SessionTokens, Outage> {
        let (user, methods) = (admitted.user(), admitted.methods().to_vec());
        let (id, origin) = (session_id(&*self.entropy), entry.origin.clone());
        let secret = self.secrets.draw();
        let sealed = self.secrets.seal(id, &secret).await?;
        let new = NewSession { id, user, methods, origin, secret: &secret, sealed };
        let session = Session::open(new, entry.at, &self.policy);
        let access = self.tokens.run_in(&session, user).await?;
        self.sessions.insert(&session, entry.at.minus(MEMORY)).await?;
        access.note_in(entry);
        let refresh = RefreshToken::derive(&secret, id, session.generation);
        Ok(SessionTokens::new(access, &session, refresh, entry.at))
    }
}

impl SessionTokens {
    /// What `session` gives its user at `now`.
    pub(super) fn new(access: IssuedToken, session: &Session, refresh: RefreshToken, now: Timestamp) -> Self {
        Self { access, refresh, refresh_expires_in: session.idle_expires_at.since(now) }
    }
}
