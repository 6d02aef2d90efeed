//! Knowing who a token is of: the caller by a bearer token (RFC 6750), and whoever else for those who ask.

use std::sync::Arc;

use super::{Keyring, Outage};
use crate::client::{ClientId, ClientState};
use crate::key::Kid;
use crate::ports::{
    ClientRepository, Clock, RevocationList, SessionRepository, SignatureVerifier, UserLookup, UserRepository,
};
use crate::session::SessionId;
use crate::token::{Claims, ClientClaims, TokenClaims, TokenFault, TokenPolicy, Unverified};
use crate::user::{DemoUsers, LoginName, User};

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The claims of the token.
    pub claims: Claims,
    /// The user as the store has it now: its role counts, not the token's.
    pub user: User,
}

/// Whom a token is of.
#[derive(Clone, Debug)]
pub enum TokenHolder {
    /// A user.
    User(Box<Caller>),
    /// A client.
    Client(ClientClaims),
}

/// Why the caller is not known.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The token breaks a rule.
    #[error(transparent)]
    Invalid(#[from] TokenFault),
    /// The token is valid, and a client's, behind which no user stands.
    #[error("the token is a client's")]
    NotAUser,
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
    clients: Arc<dyn ClientRepository>,
    revocations: Arc<dyn RevocationList>,
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
    /// The clients.
    pub clients: Arc<dyn ClientRepository>,
    /// The tokens that were called back.
    pub revocations: Arc<dyn RevocationList>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl AuthenticateToken {
    /// Verifies tokens with the published keys, by `policy`, for users who are let in.
    pub fn new(parts: AuthenticateTokenParts, policy: TokenPolicy, demo_users: DemoUsers) -> Self {
        let AuthenticateTokenParts { keyring, verifier, users, sessions, clients, revocations, clock } = parts;
        Self { keyring, verifier, users, sessions, clients, revocations, clock, policy, demo_users }
    }

    /// Which user sent `token` here.
    ///
    /// # Errors
    /// [`AuthenticateError::Invalid`] with the rule that the token breaks, also where it was revoked, its user is gone or
    /// disabled, or its session was ended; [`AuthenticateError::NotAUser`] where it is a client's.
    pub async fn run(&self, token: &str) -> Result<Caller, AuthenticateError> {
        match self.holder(self.verify(token)?).await? {
            TokenHolder::User(caller) => Ok(*caller),
            TokenHolder::Client(_) => Err(AuthenticateError::NotAUser),
        }
    }

    /// Whom `token` is of, whomever it is for.
    ///
    /// # Errors
    /// [`AuthenticateError::Invalid`], as with [`AuthenticateToken::run`], and where its client is gone or disabled.
    pub async fn run_for_anyone(&self, token: &str) -> Result<TokenHolder, AuthenticateError> {
        let claims = self.read(token)?;
        self.policy.check_for_anyone(&claims, self.clock.now())?;
        self.holder(claims).await
    }

    /// The claims of `token`, if it is one of this issuer, for here and valid now. Asks no store.
    ///
    /// # Errors
    /// The rule that the token breaks.
    pub fn verify(&self, token: &str) -> Result<TokenClaims, TokenFault> {
        let claims = self.read(token)?;
        self.policy.check(&claims, self.clock.now())?;
        Ok(claims)
    }

    /// The claims of `token`, if a published key has signed it.
    fn read(&self, token: &str) -> Result<TokenClaims, TokenFault> {
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
            Ok(true) => token.claims(),
            Ok(false) | Err(_) => Err(TokenFault::BadSignature),
        }
    }

    /// Whom these claims are of, by what the stores have now.
    async fn holder(&self, claims: TokenClaims) -> Result<TokenHolder, AuthenticateError> {
        if self.revocations.contains(claims.jti()).await.map_err(Outage::from)? {
            return Err(TokenFault::Revoked.into());
        }
        match claims {
            TokenClaims::User(claims) => {
                let user = self.user(&claims).await?;
                self.check_session(&claims).await?;
                Ok(TokenHolder::User(Box::new(Caller { claims, user })))
            }
            TokenClaims::Client(claims) => {
                let id = ClientId::parse(&claims.client_id).map_err(|_| TokenFault::ClientGone)?;
                let found = self.clients.find(&id).await.map_err(Outage::from)?;
                found.filter(|client| client.state == ClientState::Active).ok_or(TokenFault::ClientGone)?;
                Ok(TokenHolder::Client(claims))
            }
        }
    }

    async fn user(&self, claims: &Claims) -> Result<User, AuthenticateError> {
        let name = LoginName::parse(&claims.username).map_err(|_| TokenFault::UserGone)?;
        let found = self.users.find(UserLookup::Name(&name)).await.map_err(Outage::from)?;
        let same = found.filter(|user| user.id.0.to_string() == claims.sub && user.is_admitted(self.demo_users));
        Ok(same.ok_or(TokenFault::UserGone)?)
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
}
