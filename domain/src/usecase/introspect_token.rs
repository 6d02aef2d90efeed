//! Telling a client whether a token is active (RFC 7662).

use std::sync::Arc;

use super::recent_introspections::{Question, RecentIntrospections};
use super::{
    AuthenticateClient, AuthenticateError, AuthenticateToken, Changes, ClientAuthError, ClientCredentials, FindSession,
    Keyring, Outage, TokenHolder,
};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::ports::{AuditLog, Clock, UserLookup, UserRepository};
use crate::session::{Decision, Session, SessionPolicy, refresh};
use crate::token::{Claims, ClientClaims};
use crate::user::{DemoUsers, Role, User};

/// What is told of a token.
#[derive(Clone, Debug)]
pub enum Introspection {
    /// It is not active, whatever the reason.
    Inactive,
    /// It is an access token of a user.
    User {
        /// Its claims.
        claims: Box<Claims>,
        /// What it allows: the role that it names, or the user's own where that is a lower one by now.
        role: Role,
    },
    /// It is an access token of a client.
    Client(ClientClaims),
    /// It is a refresh token.
    Refresh(SessionOfToken),
}

/// The session of a refresh token.
#[derive(Clone, Debug)]
pub struct SessionOfToken {
    /// Its id.
    pub sid: String,
    /// Its user.
    pub user: User,
    /// When the token was given out, or the one that took its place, in Unix seconds.
    pub iat: i64,
    /// When it ends if it is not used before, in Unix seconds.
    pub exp: i64,
}

/// What [`IntrospectToken`] needs.
pub struct IntrospectTokenParts {
    /// Knows the client.
    pub authenticate: Arc<AuthenticateClient>,
    /// Knows whom access tokens are of.
    pub tokens: Arc<AuthenticateToken>,
    /// Knows the sessions of refresh tokens.
    pub sessions: Arc<FindSession>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// Writes down who was not let in.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The keys: what is remembered of tokens is forgotten when they change.
    pub keyring: Arc<Keyring>,
    /// What this process changes.
    pub changes: Arc<Changes>,
    /// How long sessions live.
    pub policy: SessionPolicy,
    /// Whether demo users are let in.
    pub demo_users: DemoUsers,
}

/// Tells clients whether tokens are active.
pub struct IntrospectToken {
    parts: IntrospectTokenParts,
    recent: RecentIntrospections,
}

impl IntrospectToken {
    /// Tells it by `parts`.
    pub fn new(parts: IntrospectTokenParts) -> Self {
        let recent = RecentIntrospections::new(Arc::clone(&parts.changes), Arc::clone(&parts.keyring));
        Self { parts, recent }
    }

    /// What is to be told of `token` to the client of these credentials. Who was not let in is in the log before it is answered; an
    /// answer to a client changes nothing, and is not logged. For a second the same question is given the same answer, unless this
    /// process has changed something meanwhile.
    ///
    /// # Errors
    /// See [`ClientAuthError`].
    pub async fn run(
        &self,
        token: &str,
        credentials: Option<&ClientCredentials>,
        origin: Origin,
    ) -> Result<Arc<Introspection>, ClientAuthError> {
        let now = self.parts.clock.now();
        let basis = self.recent.basis(now);
        let question = credentials.map(|shown| Question::of(shown, token));
        if let Some(told) = question.and_then(|question| self.recent.find(question, basis)) {
            return Ok(told);
        }
        let mut entry = AuditEntry::new(now, origin, Event::Introspection, Outcome::Success);
        if let Err(error) = self.parts.authenticate.run(credentials, &mut entry).await {
            entry.outcome = error.outcome();
            self.parts.audit.append(entry).await.map_err(Outage::from)?;
            return Err(error);
        }
        let told = Arc::new(self.look_up(token).await?);
        if let Some(question) = question {
            self.recent.keep(question, &told, basis);
        }
        Ok(told)
    }

    async fn look_up(&self, token: &str) -> Result<Introspection, Outage> {
        if let Some(found) = self.refresh_token(token).await? {
            return Ok(found);
        }
        match self.parts.tokens.run_for_anyone(token).await {
            Ok(TokenHolder::User(caller)) => Ok(of_user(caller.claims, &caller.user)),
            Ok(TokenHolder::Client(claims)) => Ok(Introspection::Client(claims)),
            Err(AuthenticateError::Invalid(_) | AuthenticateError::NotAUser) => Ok(Introspection::Inactive),
            Err(AuthenticateError::Unavailable(outage)) => Err(outage),
        }
    }

    /// What is to be told of `token` if it is a refresh token. It is active where a refresh with it would succeed.
    async fn refresh_token(&self, token: &str) -> Result<Option<Introspection>, Outage> {
        let Some((session, presented)) = self.parts.sessions.run(token).await? else { return Ok(None) };
        let decision = refresh(&session, presented.generation(), self.parts.clock.now(), &self.parts.policy);
        if !matches!(decision, Decision::Advance(_) | Decision::Repeat(_)) {
            return Ok(Some(Introspection::Inactive));
        }
        let found = self.parts.users.find(UserLookup::Id(session.user_id)).await?;
        let user = found.filter(|user| user.is_admitted(self.parts.demo_users));
        Ok(Some(user.map_or(Introspection::Inactive, |user| of_session(&session, user))))
    }
}

fn of_user(claims: Claims, user: &User) -> Introspection {
    let role = claims.role().map_or(Role::Read, |role| role.min(user.role));
    Introspection::User { claims: Box::new(claims), role }
}

fn of_session(session: &Session, user: User) -> Introspection {
    let (iat, exp) = (session.last_used_at.unix_seconds(), session.idle_expires_at.unix_seconds());
    Introspection::Refresh(SessionOfToken { sid: session.id.to_string(), user, iat, exp })
}
