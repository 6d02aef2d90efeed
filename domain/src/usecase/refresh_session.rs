//! Refreshing a session: the same token gets the same successor, whoever asks, how often and of which process; a late copy
//! ends the session.

use std::sync::Arc;

use super::recent_sessions::RecentSessions;
use super::{IssueToken, Outage, SessionSecrets, SessionTokens};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::ports::{
    AuditLog, Clock, Sealed, SessionChange, SessionRepository, SessionSelection, StoreError, UserLookup, UserRepository,
};
use crate::session::{Decision, EndReason, RefreshToken, Session, SessionEnd, SessionPolicy, SessionSecret, refresh};
use crate::time::Timestamp;
use crate::user::{DemoUsers, User};

/// How often a refresh is decided anew when others are faster. One that was overtaken finds its token spent and repeats, so the
/// second time settles it.
const ATTEMPTS: usize = 4;

/// Why a session was not refreshed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is none that was given out, or one of a session that is forgotten.
    #[error("the refresh token is not known")]
    Unknown,
    /// The session is over, by age or for want of use.
    #[error("the session has expired")]
    Expired,
    /// The session was ended, its user may not have tokens any more, or the encryption key that its secret is sealed with was
    /// dropped.
    #[error("the session has ended")]
    Ended,
    /// The token was spent long ago: somebody has a copy, and the session was ended.
    #[error("the refresh token was used before; the session has ended")]
    Reused,
    /// Something was down; the same call may be made again.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

impl RefreshError {
    /// How the log and the metrics name it.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Unknown => Outcome::BadToken,
            Self::Expired => Outcome::Expired,
            Self::Ended => Outcome::SessionEnded,
            Self::Reused => Outcome::Theft,
            Self::Unavailable(_) => Outcome::Failed,
        }
    }
}

/// What [`RefreshSession`] needs.
pub struct RefreshSessionParts {
    /// The sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// Opens the secrets of sessions.
    pub secrets: Arc<SessionSecrets>,
    /// Issues the access token.
    pub tokens: Arc<IssueToken>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// How long sessions live.
    pub policy: SessionPolicy,
    /// Whether demo users are let in.
    pub demo_users: DemoUsers,
}

/// Refreshes sessions.
pub struct RefreshSession {
    parts: RefreshSessionParts,
    recent: RecentSessions,
}

impl RefreshSession {
    /// Refreshes sessions by `parts`.
    pub fn new(parts: RefreshSessionParts) -> Self {
        Self { parts, recent: RecentSessions::default() }
    }

    /// One refresh with `token`. The session has moved on, and the log tells of it, before it is answered.
    ///
    /// # Errors
    /// See [`RefreshError`].
    pub async fn run(&self, token: &str, origin: Origin) -> Result<SessionTokens, RefreshError> {
        let mut entry = AuditEntry::new(self.parts.clock.now(), origin, Event::Refresh, Outcome::Success);
        let result = self.attempt(token, &mut entry).await;
        if let Err(error) = &result {
            entry.outcome = error.outcome();
        }
        if entry.outcome == Outcome::Theft {
            entry.event = Event::TokenTheft;
        }
        self.parts.audit.append(entry).await.map_err(Outage::from)?;
        result
    }

    async fn attempt(&self, token: &str, entry: &mut AuditEntry) -> Result<SessionTokens, RefreshError> {
        let presented = RefreshToken::parse(token).ok_or(RefreshError::Unknown)?;
        for _ in 0..ATTEMPTS {
            let (session, secret) = self.find(&presented, entry).await?;
            let now = entry.at;
            let (is_new, generation) = match refresh(&session, presented.generation(), now, &self.parts.policy) {
                Decision::Advance(generation) => (true, generation),
                Decision::Repeat(generation) => (false, generation),
                Decision::Reuse => return Err(self.end(&session, entry).await?),
                Decision::Ended => return Err(RefreshError::Ended),
                Decision::Expired => return Err(RefreshError::Expired),
            };
            let user = self.user_of(&session).await?;
            let next = RefreshToken::derive(&secret, session.id, generation);
            let session = match is_new {
                true => {
                    let sealed = self.parts.secrets.seal(session.id, &secret).await?;
                    self.advance(session, &next, sealed, now).await?
                }
                false => Some(session),
            };
            if let Some(session) = session {
                return Ok(self.answer(&session, &user, next, entry).await?);
            }
        }
        Err(Outage::from(StoreError::Conflict).into())
    }

    /// The session that gave `presented` out, with its secret.
    async fn find(
        &self,
        presented: &RefreshToken,
        entry: &mut AuditEntry,
    ) -> Result<(Session, SessionSecret), RefreshError> {
        let is_next = |recent: &Session| recent.generation == presented.generation() && recent.is_live_at(entry.at);
        let found = match self.recent.take(presented.session()).filter(is_next) {
            // What comes of it is a step that the store takes only if the session is still there.
            Some(recent) => Some(recent),
            None => self.parts.sessions.find(presented.session()).await.map_err(Outage::from)?,
        };
        let session = found.ok_or(RefreshError::Unknown)?;
        let secret = self.parts.secrets.open(&session).await?.ok_or(RefreshError::Ended)?;
        if !session.recognizes(presented, &secret) {
            return Err(RefreshError::Unknown);
        }
        (entry.user_id, entry.name) = (Some(session.user_id), Some(session.username.clone()));
        Ok((session, secret))
    }

    async fn user_of(&self, session: &Session) -> Result<User, RefreshError> {
        let found = self.parts.users.find(UserLookup::Id(session.user_id)).await.map_err(Outage::from)?;
        found.filter(|user| user.is_admitted(self.parts.demo_users)).ok_or(RefreshError::Ended)
    }

    /// The session after it has moved on to `next`, or `None` where another refresh was faster.
    async fn advance(
        &self,
        mut session: Session,
        next: &RefreshToken,
        sealed: Sealed,
        now: Timestamp,
    ) -> Result<Option<Session>, Outage> {
        let rotation = session.rotation(next, sealed, now, &self.parts.policy);
        let moved = self.parts.sessions.update(&SessionChange::Rotate(session.id, rotation.clone())).await?;
        if moved == 0 || !session.rotate(rotation) {
            return Ok(None);
        }
        self.recent.keep(session.clone());
        Ok(Some(session))
    }

    async fn answer(
        &self,
        session: &Session,
        user: &User,
        next: RefreshToken,
        entry: &mut AuditEntry,
    ) -> Result<SessionTokens, Outage> {
        let access = self.parts.tokens.run_in(session, user).await?;
        access.note_in(entry);
        Ok(SessionTokens::new(access, session, next, entry.at))
    }

    /// Ends the session of which somebody has a copy; answers what to say.
    async fn end(&self, session: &Session, entry: &AuditEntry) -> Result<RefreshError, Outage> {
        let end = SessionEnd { at: entry.at, reason: EndReason::TokenReused };
        self.parts
            .sessions
            .update(&SessionChange::End(session.user_id, SessionSelection::One(session.id), end))
            .await?;
        Ok(RefreshError::Reused)
    }
}
