//! Making new recovery codes, in the place of those that are left.

use std::sync::Arc;

use super::enrol_totp::{changed, logged, own_entry};
use super::{Caller, CallerProof, Outage, SecondFactorError, SecondFactorSecrets, StepUp};
use crate::audit::{AuditEntry, Event, Origin};
use crate::ports::{AuditLog, Clock, SecondFactorRepository};
use crate::second_factor::{RecoveryCode, SecondFactor, SecondFactorChange};

/// Makes recovery codes.
pub struct RenewRecoveryCodes {
    factors: Arc<dyn SecondFactorRepository>,
    secrets: Arc<SecondFactorSecrets>,
    step_up: Arc<StepUp>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl RenewRecoveryCodes {
    /// Draws them from `secrets`, for callers whom `step_up` knows anew.
    pub fn new(
        factors: Arc<dyn SecondFactorRepository>,
        secrets: Arc<SecondFactorSecrets>,
        step_up: Arc<StepUp>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { factors, secrets, step_up, audit, clock }
    }

    /// Makes new ones for `caller` and answers them; the earlier ones let nobody in any more. Whatever comes of it is in the log
    /// before it is answered.
    ///
    /// # Errors
    /// See [`SecondFactorError`].
    pub async fn run(
        &self,
        caller: &Caller,
        proof: &CallerProof,
        origin: Origin,
    ) -> Result<Vec<RecoveryCode>, SecondFactorError> {
        let mut entry = own_entry(caller, &*self.clock, origin, Event::RecoveryCodesRenewed);
        let result = self.attempt(caller, proof, &mut entry).await;
        logged(result, entry, &*self.audit).await
    }

    async fn attempt(
        &self,
        caller: &Caller,
        proof: &CallerProof,
        entry: &mut AuditEntry,
    ) -> Result<Vec<RecoveryCode>, SecondFactorError> {
        let user = caller.user.id;
        let found = self.factors.find(user).await.map_err(Outage::from)?;
        let factor = found.filter(SecondFactor::is_confirmed).ok_or(SecondFactorError::NotEnrolled)?;
        self.step_up.run(caller, &factor, proof, entry).await?;
        let (codes, hashes) = self.secrets.draw_recovery_codes(user);
        changed(&*self.factors, &factor, &SecondFactorChange::Renew(hashes)).await?;
        Ok(codes)
    }
}
