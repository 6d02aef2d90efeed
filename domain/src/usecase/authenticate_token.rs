//! Knowing the caller by a bearer token (RFC 6750).

use std::sync::Arc;

use super::{Keyring, Outage};
use crate::key::Kid;
use crate::ports::{Clock, SessionRepository, SignatureVerifier, UserLookup, UserRepository};
use crate::session::SessionId;
use crate::token::{Claims, TokenFault, TokenPolicy, Unverified};
use crate::user::{DemoUsers, LoginName, User};

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The claims of the token.
    pub claims: Claims,
    /// The user as the store has it now: its role counts, not the token's.
    pub user: User,
}

/// Why the caller is not known.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The token breaks a rule.
    #[error(transparent)]
    Invalid(#[from] TokenFault),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Verifies tokens of this issuer.
pub struct AuthenticateToken {
    keyring: Arc<Keyring>,
    verifier: Arc<dyn SignatureVerifier>,
    users: Arc<dyn UserRepository>,
    sessions: Arc<dyn SessionRepository>,
    clock: Arc<dyn Clock>,
    policy: TokenPolicy,
    demo_users: DemoUsers,
}

/// What [`AuthenticateToken`] needs beside the policies.
pub struct AuthenticateTokenParts {
    /// The keys.
    pub keyring: Arc<Keyring>,
    /// Checks signatures.
    pub verifier: Arc<dyn SignatureVerifier>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// The sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl AuthenticateToken {
    /// Verifies tokens with the published keys, by `policy`, for users who are let in.
    pub fn new(parts: AuthenticateTokenParts, policy: TokenPolicy, demo_users: DemoUsers) -> Self {
        let AuthenticateTokenParts { keyring, verifier, users, sessions, clock } = parts;
        Self { keyring, verifier, users, sessions, clock, policy, demo_users }
    }

    /// Who sent `token`.
    ///
    /// # Errors
    /// [`AuthenticateError::Invalid`] with the rule that the token breaks, also where its user is gone or disabled, or its
    /// session was ended.
    pub async fn run(&self, token: &str) -> Result<Caller, AuthenticateError> {
        let claims = self.verify(token)?;
        let name = LoginName::parse(&claims.username).map_err(|_| TokenFault::UserGone)?;
        let found = self.users.find(UserLookup::Name(&name)).await.map_err(Outage::from)?;
        let same = found.filter(|user| user.id.0.to_string() == claims.sub && user.is_admitted(self.demo_users));
        let user = same.ok_or(TokenFault::UserGone)?;
        self.check_session(&claims).await?;
        Ok(Caller { user, claims })
    }

    /// A token that was issued without a session names one that is not stored, and is good by itself. One whose session has
    /// merely expired was cut to the life of that when it was issued.
    async fn check_session(&self, claims: &Claims) -> Result<(), AuthenticateError> {
        let Some(id) = SessionId::parse(&claims.sid) else { return Ok(()) };
        match self.sessions.find(id).await.map_err(Outage::from)? {
            Some(session) if session.end.is_some() => Err(TokenFault::SessionEnded.into()),
            Some(_) | None => Ok(()),
        }
    }

    /// The claims of `token`, if it is one of this issuer and valid now. Asks no store.
    ///
    /// # Errors
    /// The rule that the token breaks.
    pub fn verify(&self, token: &str) -> Result<Claims, TokenFault> {
        let token = Unverified::parse(token)?;
        token.check_header()?;
        let kid = token.header.kid.as_deref().and_then(|kid| Kid::parse(kid).ok()).ok_or(TokenFault::UnknownKey)?;
        let (ring, now) = (self.keyring.current(), self.clock.now());
        let key = ring.find(&kid).filter(|key| key.is_published_at(now)).ok_or(TokenFault::UnknownKey)?;
        if token.header.alg != key.algorithm().as_str() {
            return Err(TokenFault::WrongAlgorithm);
        }
        let message = token.signing_input.as_bytes();
        match self.verifier.verify(&key.public, message, &token.signature) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(TokenFault::BadSignature),
        }
        let claims = token.claims()?;
        self.policy.check(&claims, now)?;
        Ok(claims)
    }
}
