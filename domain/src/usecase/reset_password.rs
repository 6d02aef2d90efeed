//! Setting a password anew with the token of a mail.

use std::sync::Arc;
use std::time::Duration;

use super::{OneTimeCodes, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::field::FieldError;
use crate::limit::{Allowance, Bucket, Refusal};
use crate::otp::{ResetToken, StoredOtp};
use crate::password_policy::PasswordPolicy;
use crate::ports::{
    AuditLog, Clock, HasherError, PasswordHasher, RateLimiter, SessionRepository, SessionSelection, UserChange,
    UserLookup, UserRepository,
};
use crate::session::{EndReason, SessionEnd};
use crate::user::{DemoUsers, Password, PasswordHash, User};

/// One attempt to set a password anew.
pub struct PasswordResetAttempt {
    /// Where it comes from.
    pub origin: Origin,
    /// The token that is shown; `None` where it is none.
    pub token: Option<ResetToken>,
    /// The new password.
    pub password: Password,
}

/// Why a password was not set anew.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// Too many attempts from this address.
    #[error("too many attempts from this address")]
    AddressLimited(Refusal),
    /// The token was never given out, is used up or over, or its user may not log in: nobody outside learns which.
    #[error("the token is not good")]
    BadToken(Allowance),
    /// The password may not be chosen; the token is as good as before.
    #[error(transparent)]
    Invalid(#[from] FieldError),
    /// Too much to do; the token is as good as before.
    #[error("too many passwords are being hashed")]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What [`ResetPassword`] needs.
pub struct ResetPasswordParts {
    /// Knows the tokens.
    pub codes: Arc<OneTimeCodes>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// The sessions, which end.
    pub sessions: Arc<dyn SessionRepository>,
    /// Hashes the password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Counts attempts.
    pub limiter: Arc<dyn RateLimiter>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Which passwords may be chosen.
    pub passwords: PasswordPolicy,
    /// Whether demo users have passwords to set.
    pub demo_users: DemoUsers,
}

/// Sets passwords anew.
pub struct ResetPassword(ResetPasswordParts);

impl ResetPassword {
    /// Sets passwords anew by `parts`.
    pub const fn new(parts: ResetPasswordParts) -> Self {
        Self(parts)
    }

    /// Sets one anew. The token is used up, every session of the user ends, and the address is known to be the user's.
    ///
    /// # Errors
    /// See [`ResetPasswordError`]. Where something was down the token may be used up.
    pub async fn run(&self, attempt: PasswordResetAttempt) -> Result<Allowance, ResetPasswordError> {
        let PasswordResetAttempt { origin, token, password } = attempt;
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, Event::PasswordReset, Outcome::Success);
        let result = self.attempt(token.as_ref(), &password, &mut entry).await;
        entry.outcome = match &result {
            Ok(_) => Outcome::Success,
            Err(ResetPasswordError::AddressLimited(_)) => Outcome::AddressLimited,
            Err(ResetPasswordError::BadToken(_)) => Outcome::BadToken,
            // As where a user is added: what may not be chosen is no attempt at anything.
            Err(ResetPasswordError::Invalid(_)) => return result,
            Err(ResetPasswordError::Busy { .. }) => Outcome::Busy,
            Err(ResetPasswordError::Unavailable(_)) => Outcome::Failed,
        };
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        result
    }

    async fn attempt(
        &self,
        token: Option<&ResetToken>,
        password: &Password,
        entry: &mut AuditEntry,
    ) -> Result<Allowance, ResetPasswordError> {
        let address = Bucket::address(entry.origin.ip);
        let spent = self.0.limiter.spend(&address).await.map_err(Outage::from)?;
        let allowance = spent.map_err(ResetPasswordError::AddressLimited)?;
        let Some((otp, user)) = self.known(token, entry).await? else {
            return Err(ResetPasswordError::BadToken(allowance));
        };
        (entry.user_id, entry.name) = (Some(user.id), Some(user.username.clone()));
        self.0.passwords.check(password, &user.username).map_err(renamed)?;
        let hash = self.0.hasher.hash(password).await.map_err(hashing)?;
        if !self.0.codes.use_up(&otp).await? {
            return Err(ResetPasswordError::BadToken(allowance));
        }
        self.carry_out(&user, hash, entry).await?;
        for name in [Bucket::Account(user.username), Bucket::account_of(&otp.email)] {
            self.0.limiter.clear(&name).await.map_err(Outage::from)?;
        }
        Ok(allowance)
    }

    /// What is kept of the token, and whose it is, if it is good.
    async fn known(&self, token: Option<&ResetToken>, entry: &AuditEntry) -> Result<Option<(StoredOtp, User)>, Outage> {
        let Some(token) = token else { return Ok(None) };
        let Some(otp) = self.0.codes.find_token(token, entry.at).await? else { return Ok(None) };
        let found = self.0.users.find(UserLookup::Email(&otp.email)).await?;
        Ok(found.filter(|user| user.is_admitted(self.0.demo_users)).map(|user| (otp, user)))
    }

    async fn carry_out(&self, user: &User, hash: PasswordHash, entry: &AuditEntry) -> Result<(), Outage> {
        let changes = [UserChange::PasswordHash { hash, keeps_demo: false }, UserChange::EmailVerified];
        self.0.users.update(user.id, &changes).await?;
        let end = SessionEnd { at: entry.at, reason: EndReason::PasswordChanged };
        self.0.sessions.end(user.id, SessionSelection::All, end).await?;
        Ok(())
    }
}

/// The error under the name that the field has here.
pub(super) fn renamed(error: FieldError) -> FieldError {
    FieldError { field: "new_password", ..error }
}

fn hashing(error: HasherError) -> ResetPasswordError {
    match error {
        HasherError::Busy { retry_after } => ResetPasswordError::Busy { retry_after },
        error @ HasherError::Unavailable(_) => Outage::from(error).into(),
    }
}
