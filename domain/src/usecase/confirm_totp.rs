//! Confirming a second factor with a first code of it, from when on it is asked for.

use std::sync::Arc;

use super::enrol_totp::{changed, logged, own_entry};
use super::{Caller, LogInError, Outage, SecondFactorError, SecondFactorSecrets, StepUp};
use crate::audit::{AuditEntry, Event, Origin};
use crate::limit::Bucket;
use crate::ports::{AuditLog, Clock, RateLimiter, SecondFactorRepository};
use crate::second_factor::{Code, Confirmation, RecoveryCode, SecondFactorChange, accepted_step};

/// What [`ConfirmTotp`] needs.
pub struct ConfirmTotpParts {
    /// The second factors.
    pub factors: Arc<dyn SecondFactorRepository>,
    /// Opens the secret and makes recovery codes.
    pub secrets: Arc<SecondFactorSecrets>,
    /// Counts attempts of the address.
    pub step_up: Arc<StepUp>,
    /// Counts attempts of the account.
    pub limiter: Arc<dyn RateLimiter>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Confirms second factors.
pub struct ConfirmTotp(ConfirmTotpParts);

impl ConfirmTotp {
    /// Confirms by `parts`.
    pub const fn new(parts: ConfirmTotpParts) -> Self {
        Self(parts)
    }

    /// Confirms the second factor of `caller` and answers the recovery codes, which nobody can show again. The code is used by it,
    /// as at a login. Whatever comes of it is in the log before it is answered.
    ///
    /// # Errors
    /// See [`SecondFactorError`].
    pub async fn run(
        &self,
        caller: &Caller,
        code: &Code,
        origin: Origin,
    ) -> Result<Vec<RecoveryCode>, SecondFactorError> {
        let entry = own_entry(caller, &*self.0.clock, origin, Event::TotpConfirmed);
        let result = self.attempt(caller, code, &entry).await;
        logged(result, entry, &*self.0.audit).await
    }

    async fn attempt(
        &self,
        caller: &Caller,
        code: &Code,
        entry: &AuditEntry,
    ) -> Result<Vec<RecoveryCode>, SecondFactorError> {
        let user = caller.user.id;
        let allowance = self.0.step_up.spend(entry).await?;
        let found = self.0.factors.find(user).await.map_err(Outage::from)?;
        let factor = found.ok_or(SecondFactorError::NotEnrolled)?;
        if factor.is_confirmed() {
            return Err(SecondFactorError::AlreadyConfirmed);
        }
        let bucket = Bucket::SecondFactor(user);
        self.0.limiter.spend(&bucket).await.map_err(Outage::from)?.map_err(LogInError::AccountLimited)?;
        let secret = self.0.secrets.open(&factor).await.map_err(Outage::from)?;
        let step = accepted_step(&secret, code, entry.at, None).ok_or(LogInError::BadSecondFactor(allowance))?;
        let (codes, recovery) = self.0.secrets.draw_recovery_codes(user);
        let change = SecondFactorChange::Confirm(Confirmation { at: entry.at, step, recovery });
        changed(&*self.0.factors, &factor, &change).await?;
        self.0.limiter.clear(&bucket).await.map_err(Outage::from)?;
        Ok(codes)
    }
}
