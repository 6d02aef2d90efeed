//! Logging in: limiter, user, hash, token, log, and only then the answer.

use std::sync::Arc;
use std::time::Duration;

use super::{DecoyHashes, FIXTURE_USER, IssueToken, IssuedToken, Outage, TokenLife};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::limit::{Allowance, Bucket, Refusal};
use crate::ports::{
    AuditLog, Clock, HasherError, PasswordHasher, RateLimiter, StoreError, UserChange, UserLookup, UserRepository,
    Verification,
};
use crate::user::{DemoUsers, LoginName, Password, User};

/// What somebody shows to be let in.
pub enum Credentials {
    /// A name and a password.
    Password(LoginName, Password),
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
    pub hasher: Arc<dyn PasswordHasher>,
    /// What passwords are checked against where there is nobody.
    pub decoys: Arc<DecoyHashes>,
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

/// Whether a failure was spent before the password was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spent {
    Already,
    NotYet,
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
        if let Credentials::Password(name, _) = credentials {
            entry.name = Some(name.as_str().to_owned());
        }
        let address = Bucket::address(entry.origin.ip);
        let allowance =
            self.0.limiter.spend(&address).await.map_err(Outage::from)?.map_err(LogInError::AddressLimited)?;
        let user = match credentials {
            Credentials::Password(name, password) => self.check(name, password, entry, allowance).await?,
            Credentials::Fixture => self.fixture(allowance).await?,
            Credentials::Unreadable => return Err(LogInError::BadCredentials(allowance)),
        };
        entry.user_id = Some(user.id);
        let token = self.0.tokens.run(&user, life).await?;
        self.0.users.update(user.id, &[UserChange::LoggedIn(entry.at)]).await.map_err(Outage::from)?;
        token.note_in(entry);
        Ok(LoggedIn { token, allowance })
    }

    /// The user, if the password is the user's. A user that is unknown or may not log in costs a hash that some user has, and what
    /// comes of that is not looked at.
    async fn check(
        &self,
        name: &LoginName,
        password: &Password,
        entry: &mut AuditEntry,
        allowance: Allowance,
    ) -> Result<User, LogInError> {
        let account = Bucket::Account(name.as_str().to_owned());
        let spent = self.spend_under_attack(&account).await?;
        let found = self.0.users.find(UserLookup::Name(name)).await.map_err(Outage::from)?;
        entry.user_id = found.as_ref().map(|user| user.id);
        let admitted = found.filter(|user| user.is_admitted(self.0.demo_users));
        let decoy = self.0.decoys.of(name);
        let hash = admitted.as_ref().map(|user| &user.password_hash).or(decoy.as_ref());
        let verification = self.0.hasher.verify(password, hash).await.map_err(hashing)?;
        match (admitted, verification) {
            (Some(user), Verification::Matches { outdated }) => {
                self.0.limiter.clear(&account).await.map_err(Outage::from)?;
                if outdated {
                    self.rehash(&user, password).await?;
                }
                Ok(user)
            }
            (Some(_), Verification::Differs) | (None, _) => {
                if spent == Spent::NotYet {
                    self.spend(&account).await?;
                }
                Err(LogInError::BadCredentials(allowance))
            }
        }
    }

    /// Spends a try of an account that has failed lately before the password is looked at, so that guesses in parallel gain
    /// nothing; an account without failures may log in as often at once as it likes.
    async fn spend_under_attack(&self, account: &Bucket) -> Result<Spent, LogInError> {
        let next = self.0.limiter.peek(account).await.map_err(Outage::from)?.map_err(LogInError::AccountLimited)?;
        if next.remaining + 1 >= next.limit {
            return Ok(Spent::NotYet);
        }
        self.spend(account).await
    }

    async fn spend(&self, account: &Bucket) -> Result<Spent, LogInError> {
        self.0.limiter.spend(account).await.map_err(Outage::from)?.map_err(LogInError::AccountLimited)?;
        Ok(Spent::Already)
    }

    async fn fixture(&self, allowance: Allowance) -> Result<User, LogInError> {
        let name = LoginName::parse(FIXTURE_USER).map_err(|_| Outage::NoKey)?;
        let found = self.0.users.find(UserLookup::Name(&name)).await.map_err(Outage::from)?;
        found.filter(|user| user.is_admitted(self.0.demo_users)).ok_or(LogInError::BadCredentials(allowance))
    }

    /// Hashes the password with the parameters in force. With too much to do it is left for the next login.
    async fn rehash(&self, user: &User, password: &Password) -> Result<(), LogInError> {
        match self.0.hasher.hash(password).await {
            Ok(hash) => {
                let change = UserChange::PasswordHash { hash, keeps_demo: true };
                self.0
                    .users
                    .update(user.id, &[change])
                    .await
                    .map(|_| ())
                    .map_err(|error: StoreError| Outage::from(error).into())
            }
            Err(HasherError::Busy { .. }) => Ok(()),
            Err(error @ HasherError::Unavailable(_)) => Err(Outage::from(error).into()),
        }
    }
}

fn hashing(error: HasherError) -> LogInError {
    match error {
        HasherError::Busy { retry_after } => LogInError::Busy { retry_after },
        error @ HasherError::Unavailable(_) => Outage::from(error).into(),
    }
}
