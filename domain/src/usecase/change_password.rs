//! Choosing another password for oneself.

use std::sync::Arc;

use super::check_password::hashing;
use super::reset_password::renamed;
use super::{Caller, CheckPassword, LogInError, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::field::FieldError;
use crate::limit::{Allowance, Bucket};
use crate::password_policy::PasswordPolicy;
use crate::ports::{
    AuditLog, Clock, PasswordHasher, RateLimiter, SessionRepository, SessionSelection, UserChange, UserRepository,
};
use crate::session::{EndReason, SessionEnd, SessionId};
use crate::user::{LoginName, Password};

/// The passwords of one who wants another.
pub struct PasswordChange {
    /// The one that holds.
    pub current: Password,
    /// The one that is to hold.
    pub new: Password,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password is wrong, or was not looked at.
    #[error(transparent)]
    Refused(#[from] LogInError),
    /// The new password may not be chosen.
    #[error(transparent)]
    Invalid(#[from] FieldError),
}

/// What [`ChangePassword`] needs.
pub struct ChangePasswordParts {
    /// Checks the current password.
    pub check: Arc<CheckPassword>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// The sessions, of which the others end.
    pub sessions: Arc<dyn SessionRepository>,
    /// Hashes the new password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Counts attempts.
    pub limiter: Arc<dyn RateLimiter>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Which passwords may be chosen.
    pub passwords: PasswordPolicy,
}

/// Changes passwords of users who know theirs.
pub struct ChangePassword(ChangePasswordParts);

impl ChangePassword {
    /// Changes passwords by `parts`.
    pub const fn new(parts: ChangePasswordParts) -> Self {
        Self(parts)
    }

    /// Changes that of `caller`, who stays logged in where the call comes from; every other session of theirs ends.
    ///
    /// # Errors
    /// See [`ChangePasswordError`]. A wrong current password counts as a failure at the account, as at a login.
    pub async fn run(
        &self,
        caller: &Caller,
        change: &PasswordChange,
        origin: Origin,
    ) -> Result<Allowance, ChangePasswordError> {
        let user = &caller.user;
        self.0.passwords.check(&change.new, &user.username).map_err(renamed)?;
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, Event::PasswordChanged, Outcome::Success);
        entry.name = Some(user.username.clone());
        let result = self.attempt(caller, change, &mut entry).await;
        entry.outcome = result.as_ref().map_or_else(LogInError::outcome, |_| Outcome::Success);
        self.0.audit.append(entry).await.map_err(|error| LogInError::from(Outage::from(error)))?;
        Ok(result?)
    }

    async fn attempt(
        &self,
        caller: &Caller,
        change: &PasswordChange,
        entry: &mut AuditEntry,
    ) -> Result<Allowance, LogInError> {
        let address = Bucket::address(entry.origin.ip);
        let spent = self.0.limiter.spend(&address).await.map_err(Outage::from)?;
        let allowance = spent.map_err(LogInError::AddressLimited)?;
        let name = LoginName::parse(&caller.user.username).map_err(|_| LogInError::BadCredentials(allowance))?;
        let user = self.0.check.run(&name, &change.current, entry, allowance).await?;
        let hash = self.0.hasher.hash(&change.new).await.map_err(hashing)?;
        let update = UserChange::PasswordHash { hash, keeps_demo: false };
        self.0.users.update(user.id, &[update]).await.map_err(Outage::from)?;
        let others = SessionId::parse(&caller.claims.sid).map_or(SessionSelection::All, SessionSelection::AllBut);
        let end = SessionEnd { at: entry.at, reason: EndReason::PasswordChanged };
        self.0.sessions.end(user.id, others, end).await.map_err(Outage::from)?;
        Ok(allowance)
    }
}
