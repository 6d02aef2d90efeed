//! Refreshing a session: the same token gets the same successor, whoever asks, how often and of which process; a late copy
//! ends the session.

use std::sync::Arc;

use super::recent_sessions::RecentSessions;
use super::{IssueToken, Outage, SessionSecrets, SessionTokens};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::ports::{
    AuditLog, Clock, OwnedSession, SessionJournal, SessionRepository, SessionSelection, SessionStep, StoreError,
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
    /// The session was ended, or its user may not have tokens any more.
    #[error("the session has ended")]
    Ended,
    /// The token was spent long ago: somebody has a copy, and the session was ended.
    #[error("the refresh token was used before; the session has ended")]
    Reused,
    /// Something was down, or the secret of the session does not open here; the same call may be made again.
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
    /// Moves sessions on, and writes that down.
    pub journal: Arc<dyn SessionJournal>,
    /// Ends the sessions of which somebody has a copy.
    pub sessions: Arc<dyn SessionRepository>,
    /// Opens the secrets of sessions.
    pub secrets: Arc<SessionSecrets>,
    /// Issues the access token.
    pub tokens: Arc<IssueToken>,
    /// Writes every other attempt down.
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

/// A session whose token was recognized.
struct Found {
    session: Session,
    user: Option<User>,
    secret: SessionSecret,
}

/// A refresh that succeeded.
enum Refreshed {
    /// The session has moved on, and the log says so.
    Advanced(SessionTokens),
    /// It had done so before; the log knows nothing yet.
    Repeated(SessionTokens),
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
        let result = match self.attempt(token, &mut entry).await {
            Ok(Refreshed::Advanced(tokens)) => return Ok(tokens),
            Ok(Refreshed::Repeated(tokens)) => Ok(tokens),
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            entry.outcome = error.outcome();
        }
        if entry.outcome == Outcome::Theft {
            entry.event = Event::TokenTheft;
        }
        self.parts.audit.append(entry).await.map_err(Outage::from)?;
        result
    }

    async fn attempt(&self, token: &str, entry: &mut AuditEntry) -> Result<Refreshed, RefreshError> {
        let presented = RefreshToken::parse(token).ok_or(RefreshError::Unknown)?;
        for _ in 0..ATTEMPTS {
            let found = self.find(&presented, entry).await?;
            match refresh(&found.session, presented.generation(), entry.at, &self.parts.policy) {
                Decision::Advance(generation) => {
                    if let Some(tokens) = self.advance(found, generation, entry).await? {
                        return Ok(Refreshed::Advanced(tokens));
                    }
                }
                Decision::Repeat(generation) => {
                    return Ok(Refreshed::Repeated(self.repeat(&found, generation, entry).await?));
                }
                Decision::Reuse => return Err(self.end(&found.session, entry).await?),
                Decision::Ended => return Err(RefreshError::Ended),
                Decision::Expired => return Err(RefreshError::Expired),
            }
        }
        Err(Outage::from(StoreError::Conflict).into())
    }

    /// The session that gave `presented` out, with its secret and the user.
    async fn find(&self, presented: &RefreshToken, entry: &mut AuditEntry) -> Result<Found, RefreshError> {
        let is_next =
            |(recent, _): &(Session, User)| recent.generation == presented.generation() && recent.is_live_at(entry.at);
        let OwnedSession { session, user } = match self.recent.take(presented.session()).filter(is_next) {
            // What comes of it is a step that the store takes only if session and user are there and still the same.
            Some((session, user)) => OwnedSession { session, user: Some(user) },
            None => {
                let found = self.parts.journal.find(presented.session()).await.map_err(Outage::from)?;
                found.ok_or(RefreshError::Unknown)?
            }
        };
        let secret = match self.parts.secrets.open(&session).await {
            Ok(secret) => secret,
            Err(outage) => return Err(over(&session, entry.at).unwrap_or_else(|| outage.into())),
        };
        if !session.recognizes(presented, &secret) {
            return Err(RefreshError::Unknown);
        }
        (entry.user_id, entry.name) = (Some(session.user_id), Some(session.username.clone()));
        Ok(Found { session, user, secret })
    }

    /// What the session gives for its step to `generation`, taken and logged, or `None` where it was overtaken: by another refresh,
    /// or by a change of its user. The access token of such a step goes nowhere.
    async fn advance(
        &self,
        found: Found,
        generation: u32,
        entry: &AuditEntry,
    ) -> Result<Option<SessionTokens>, RefreshError> {
        let Found { mut session, user, secret } = found;
        let user = self.admitted(user)?;
        let next = RefreshToken::derive(&secret, session.id, generation);
        let rotation = session.rotation(&next, entry.at, &self.parts.policy);
        let access = self.parts.tokens.run_in(&session, &user).await?;
        let mut entry = entry.clone();
        access.note_in(&mut entry);
        let (at, step) = (entry.at, SessionStep { id: session.id, rotation, user, entry });
        let is_taken = self.parts.journal.advance(&step).await.map_err(Outage::from)?;
        if !is_taken || !session.rotate(step.rotation) {
            return Ok(None);
        }
        let tokens = SessionTokens::new(access, &session, next, at);
        self.recent.keep(session, step.user);
        Ok(Some(tokens))
    }

    /// What the session gave for its step to `generation`, with a new access token.
    async fn repeat(
        &self,
        found: &Found,
        generation: u32,
        entry: &mut AuditEntry,
    ) -> Result<SessionTokens, RefreshError> {
        let user = self.admitted(found.user.clone())?;
        let access = self.parts.tokens.run_in(&found.session, &user).await?;
        access.note_in(entry);
        let next = RefreshToken::derive(&found.secret, found.session.id, generation);
        Ok(SessionTokens::new(access, &found.session, next, entry.at))
    }

    fn admitted(&self, user: Option<User>) -> Result<User, RefreshError> {
        user.filter(|user| user.is_admitted(self.parts.demo_users)).ok_or(RefreshError::Ended)
    }

    /// Ends the session of which somebody has a copy; answers what to say.
    async fn end(&self, session: &Session, entry: &AuditEntry) -> Result<RefreshError, Outage> {
        let end = SessionEnd { at: entry.at, reason: EndReason::TokenReused };
        self.parts.sessions.end(session.user_id, SessionSelection::One(session.id), end).await?;
        Ok(RefreshError::Reused)
    }
}

/// Whether, and how, a session is over, which can be told without its secret.
fn over(session: &Session, now: Timestamp) -> Option<RefreshError> {
    match session.end {
        Some(_) => Some(RefreshError::Ended),
        None if !session.is_live_at(now) => Some(RefreshError::Expired),
        None => None,
    }
}
