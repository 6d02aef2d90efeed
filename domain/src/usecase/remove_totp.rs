//! Removing one's own second factor.

use std::sync::Arc;

use super::enrol_totp::{changed, logged, own_entry};
use super::{Caller, CallerProof, Outage, SecondFactorError, StepUp};
use crate::audit::{AuditEntry, Event, Origin};
use crate::ports::{AuditLog, Clock, SecondFactorRepository};
use crate::second_factor::SecondFactorChange;

/// Removes second factors of users who ask for it.
pub struct RemoveTotp {
    factors: Arc<dyn SecondFactorRepository>,
    step_up: Arc<StepUp>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl RemoveTotp {
    /// Removes those of `factors`, for callers whom `step_up` knows anew.
    pub fn new(
        factors: Arc<dyn SecondFactorRepository>,
        step_up: Arc<StepUp>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { factors, step_up, audit, clock }
    }

    /// Removes that of `caller`, confirmed or not, with its recovery codes; sessions go on. Whatever comes of it is in the log
    /// before it is answered.
    ///
    /// # Errors
    /// See [`SecondFactorError`].
    pub async fn run(&self, caller: &Caller, proof: &CallerProof, origin: Origin) -> Result<(), SecondFactorError> {
        let mut entry = own_entry(caller, &*self.clock, origin, Event::TotpRemoved);
        let result = self.attempt(caller, proof, &mut entry).await;
        logged(result, entry, &*self.audit).await
    }

    async fn attempt(
        &self,
        caller: &Caller,
        proof: &CallerProof,
        entry: &mut AuditEntry,
    ) -> Result<(), SecondFactorError> {
        let found = self.factors.find(caller.user.id).await.map_err(Outage::from)?;
        let factor = found.ok_or(SecondFactorError::NotEnrolled)?;
        self.step_up.run(caller, &factor, proof, entry).await?;
        changed(&*self.factors, &factor, &SecondFactorChange::Remove).await
    }
}
