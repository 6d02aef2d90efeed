//! Logging in: limiter, user, hash, second factor, token, log, and only then the answer.

use std::sync::Arc;
use std::time::Duration;

use super::{CheckPassword, CheckSecondFactor, FIXTURE_USER, FirstFactor, IssueToken, IssuedToken, Outage, TokenLife};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::limit::{Allowance, Bucket, Refusal};
use crate::ports::{AuditLog, Clock, RateLimiter, UserChange, UserLookup, UserRepository};
use crate::second_factor::SecondFactorProof;
use crate::session::AuthMethod;
use crate::user::{DemoUsers, LoginName, Password, User};

/// What somebody shows to be let in.
pub enum Credentials {
    /// A name and a password, and what is shown beside them.
    Password(LoginName, Password, Option<SecondFactorProof>),
    /// Nothing: the dev profile gives anyone a token for the fixture user.
    Fixture,
    /// Something that cannot be read, such as broken HTTP Basic.
    Unreadable,
}

/// One attempt to log in.
pub struct LogInRequest {
    /// Where it comes from.
    pub origin: Origin,
    /// What is shown.
    pub credentials: Credentials,
    /// What token is wanted.
    pub life: TokenLife,
}

/// A login that succeeded.
pub struct LoggedIn {
    /// The token.
    pub token: IssuedToken,
    /// What is left to the address.
    pub allowance: Allowance,
}

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Too many attempts from this address.
    #[error("too many attempts from this address")]
    AddressLimited(Refusal),
    /// Too many failures at this account.
    #[error("too many failures at this account")]
    AccountLimited(Refusal),
    /// The user is unknown, disabled, or has another password: nobody outside learns which.
    #[error("user name or password is wrong")]
    BadCredentials(Allowance),
    /// The password is right, and the user has a second factor, which was not shown.
    #[error("the second factor is missing")]
    SecondFactorRequired(Allowance),
    /// The second factor is wrong, or was used before.
    #[error("the second factor is wrong or was used before")]
    BadSecondFactor(Allowance),
    /// Too many logins at once.
    #[error("too many logins at once")]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

impl LogInError {
    /// How the log and the metrics name it.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::AddressLimited(_) => Outcome::AddressLimited,
            Self::AccountLimited(_) => Outcome::AccountLimited,
            Self::BadCredentials(_) => Outcome::BadCredentials,
            Self::SecondFactorRequired(_) => Outcome::SecondFactorRequired,
            Self::BadSecondFactor(_) => Outcome::BadSecondFactor,
            Self::Busy { .. } => Outcome::Busy,
            Self::Unavailable(_) => Outcome::Failed,
        }
    }
}

/// What [`LogIn`] needs.
pub struct LogInParts {
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// Checks passwords.
    pub check: Arc<CheckPassword>,
    /// Checks second factors.
    pub second_factor: Arc<CheckSecondFactor>,
    /// Counts attempts.
    pub limiter: Arc<dyn RateLimiter>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Issues the token.
    pub tokens: Arc<IssueToken>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Whether demo users are let in, and anyone as the fixture user.
    pub demo_users: DemoUsers,
}

/// Lets users in.
pub struct LogIn(LogInParts);

impl LogIn {
    /// Lets users in by `parts`.
    pub const fn new(parts: LogInParts) -> Self {
        Self(parts)
    }

    /// One attempt. Whatever comes of it is in the log before it is answered.
    ///
    /// # Errors
    /// See [`LogInError`].
    pub async fn run(&self, request: LogInRequest) -> Result<LoggedIn, LogInError> {
        let LogInRequest { origin, credentials, life } = request;
        let event = match &credentials {
            Credentials::Password(..) | Credentials::Unreadable => Event::Login,
            Credentials::Fixture => Event::FixtureToken,
        };
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, event, Outcome::Success);
        let result = self.attempt(&credentials, life, &mut entry).await;
        entry.outcome = result.as_ref().map_or_else(LogInError::outcome, |_| Outcome::Success);
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        result
    }

    async fn attempt(
        &self,
        credentials: &Credentials,
        life: TokenLife,
        entry: &mut AuditEntry,
    ) -> Result<LoggedIn, LogInError> {
        if let Credentials::Password(name, ..) = credentials {
            entry.name = Some(name.as_str().to_owned());
        }
        let address = Bucket::address(entry.origin.ip);
        let allowance =
            self.0.limiter.spend(&address).await.map_err(Outage::from)?.map_err(LogInError::AddressLimited)?;
        let user = match credentials {
            Credentials::Password(name, password, proof) => {
                let user = self.0.check.run(name, password, entry, allowance).await?;
                let first = FirstFactor { user, method: AuthMethod::Password, allowance };
                self.0.second_factor.run(first, proof.as_ref(), entry).await?.into_user()
            }
            Credentials::Fixture => self.fixture(allowance).await?,
            Credentials::Unreadable => return Err(LogInError::BadCredentials(allowance)),
        };
        entry.user_id = Some(user.id);
        let token = self.0.tokens.run(&user, life).await?;
        self.0.users.update(user.id, &[UserChange::LoggedIn(entry.at)]).await.map_err(Outage::from)?;
        token.note_in(entry);
        Ok(LoggedIn { token, allowance })
    }

    async fn fixture(&self, allowance: Allowance) -> Result<User, LogInError> {
        let name = LoginName::parse(FIXTURE_USER).map_err(|_| Outage::NoKey)?;
        let found = self.0.users.find(UserLookup::Name(&name)).await.map_err(Outage::from)?;
        found.filter(|user| user.is_admitted(self.0.demo_users)).ok_or(LogInError::BadCredentials(allowance))
    }
}
