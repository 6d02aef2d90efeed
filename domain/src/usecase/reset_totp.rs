//! Removing the second factor of a user who has lost it, as an administrator.

use std::sync::Arc;

use super::{Editor, Outage};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::ports::{AuditLog, Clock, SecondFactorRepository, UserLookup, UserRepository};
use crate::second_factor::SecondFactorChange;
use crate::user::User;

/// Why none was removed.
#[derive(Debug, thiserror::Error)]
pub enum ResetTotpError {
    /// There is no such user.
    #[error("there is no such user")]
    UnknownUser,
    /// The user has no second factor.
    #[error("the user has no second factor")]
    NotEnrolled,
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Removes second factors of others.
pub struct ResetTotp {
    users: Arc<dyn UserRepository>,
    factors: Arc<dyn SecondFactorRepository>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl ResetTotp {
    /// Removes those of `factors`.
    pub fn new(
        users: Arc<dyn UserRepository>,
        factors: Arc<dyn SecondFactorRepository>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { users, factors, audit, clock }
    }

    /// Removes that of one user, with its recovery codes: a password lets the user in from then on. It is in the log before it is
    /// answered.
    ///
    /// # Errors
    /// See [`ResetTotpError`].
    pub async fn run(&self, user: UserLookup<'_>, by: Editor) -> Result<User, ResetTotpError> {
        let found = self.users.find(user).await.map_err(Outage::from)?;
        let user = found.ok_or(ResetTotpError::UnknownUser)?;
        let removed = self.remove(&user).await?;
        let outcome = if removed { Outcome::Success } else { Outcome::NotFound };
        let mut entry = AuditEntry::new(self.clock.now(), by.origin(), Event::TotpRemoved, outcome);
        (entry.user_id, entry.name) = (Some(user.id), Some(user.username.clone()));
        self.audit.append(entry).await.map_err(Outage::from)?;
        removed.then_some(user).ok_or(ResetTotpError::NotEnrolled)
    }

    async fn remove(&self, user: &User) -> Result<bool, Outage> {
        match self.factors.find(user.id).await? {
            Some(factor) => Ok(self.factors.update(factor.enrolment, &SecondFactorChange::Remove).await?),
            None => Ok(false),
        }
    }
}
