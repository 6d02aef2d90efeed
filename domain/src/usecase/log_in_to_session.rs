//! Logging in to a session with a password, and a second factor where there is one.

use std::sync::Arc;

use super::{CheckPassword, CheckSecondFactor, FirstFactor, LogInError, Outage, SessionTokens, StartSession};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::limit::{Allowance, Bucket};
use crate::ports::{AuditLog, Clock, RateLimiter, UserChange, UserRepository};
use crate::second_factor::SecondFactorProof;
use crate::session::AuthMethod;
use crate::user::{LoginName, Password};

/// One attempt to log in to a session.
pub struct SessionLogIn {
    /// Where it comes from.
    pub origin: Origin,
    /// The name that is shown.
    pub name: LoginName,
    /// The password that is shown.
    pub password: Password,
    /// What is shown beside it.
    pub second_factor: Option<SecondFactorProof>,
}

/// A session that was opened.
pub struct SessionOpened {
    /// What it gives.
    pub tokens: SessionTokens,
    /// What is left to the address.
    pub allowance: Allowance,
}

/// What [`LogInToSession`] needs.
pub struct LogInToSessionParts {
    /// Checks the password.
    pub check: Arc<CheckPassword>,
    /// Checks the second factor.
    pub second_factor: Arc<CheckSecondFactor>,
    /// Starts the session.
    pub start: Arc<StartSession>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// Counts attempts.
    pub limiter: Arc<dyn RateLimiter>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Opens sessions for users who show their password.
pub struct LogInToSession(LogInToSessionParts);

impl LogInToSession {
    /// Lets users in by `parts`.
    pub const fn new(parts: LogInToSessionParts) -> Self {
        Self(parts)
    }

    /// One attempt. Whatever comes of it is in the log before it is answered.
    ///
    /// # Errors
    /// See [`LogInError`].
    pub async fn run(&self, request: SessionLogIn) -> Result<SessionOpened, LogInError> {
        let mut entry = AuditEntry::new(self.0.clock.now(), request.origin.clone(), Event::Login, Outcome::Success);
        entry.name = Some(request.name.as_str().to_owned());
        let result = self.attempt(&request, &mut entry).await;
        entry.outcome = result.as_ref().map_or_else(LogInError::outcome, |_| Outcome::Success);
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        result
    }

    async fn attempt(&self, request: &SessionLogIn, entry: &mut AuditEntry) -> Result<SessionOpened, LogInError> {
        let address = Bucket::address(entry.origin.ip);
        let allowance =
            self.0.limiter.spend(&address).await.map_err(Outage::from)?.map_err(LogInError::AddressLimited)?;
        let user = self.0.check.run(&request.name, &request.password, entry, allowance).await?;
        let first = FirstFactor { user, method: AuthMethod::Password, allowance };
        let admitted = self.0.second_factor.run(first, request.second_factor.as_ref(), entry).await?;
        let tokens = self.0.start.run(&admitted, entry).await?;
        self.0.users.update(admitted.user().id, &[UserChange::LoggedIn(entry.at)]).await.map_err(Outage::from)?;
        Ok(SessionOpened { tokens, allowance })
    }
}
