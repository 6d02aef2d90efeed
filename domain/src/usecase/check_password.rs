//! Checking a password: the part that every login with one shares.

use std::sync::Arc;

use super::{DecoyHashes, LogInError, Outage};
use crate::audit::AuditEntry;
use crate::limit::{Allowance, Bucket};
use crate::ports::{
    HasherError, PasswordHasher, RateLimiter, StoreError, UserChange, UserLookup, UserRepository, Verification,
};
use crate::user::{DemoUsers, LoginName, Password, User};

/// What [`CheckPassword`] needs.
pub struct CheckPasswordParts {
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// Checks passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// What passwords are checked against where there is nobody.
    pub decoys: Arc<DecoyHashes>,
    /// Counts failures.
    pub limiter: Arc<dyn RateLimiter>,
    /// Whether demo users are let in.
    pub demo_users: DemoUsers,
}

/// Whether a failure was spent before the password was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spent {
    Already,
    NotYet,
}

/// Knows users by their passwords, and slows down those who guess.
pub struct CheckPassword(CheckPasswordParts);

impl CheckPassword {
    /// Checks passwords by `parts`.
    pub const fn new(parts: CheckPasswordParts) -> Self {
        Self(parts)
    }

    /// The user, if the password is the user's. A user that is unknown or may not log in costs a hash that some user has, and what
    /// comes of that is not looked at.
    ///
    /// # Errors
    /// [`LogInError::BadCredentials`] with `allowance`, which was left to the address; [`LogInError::AccountLimited`] and the others
    /// that say why nobody looked.
    pub async fn run(
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

pub(super) fn hashing(error: HasherError) -> LogInError {
    match error {
        HasherError::Busy { retry_after } => LogInError::Busy { retry_after },
        error @ HasherError::Unavailable(_) => Outage::from(error).into(),
    }
}
