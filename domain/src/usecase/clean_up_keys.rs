//! Erasing expired keys (S1's clean-up).

use std::convert::Infallible;
use std::sync::Arc;

use super::change_ring::{Change, ChangeError};
use super::{ChangeRing, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::{KeyRing, plan_clean_up};
use crate::ports::{AuditLog, Clock};
use crate::time::Timestamp;

/// Forgets every expired key, the fixture aside, before the schedule would.
pub struct CleanUpKeys {
    change: Arc<ChangeRing>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl CleanUpKeys {
    /// Cleans up by `change`.
    pub fn new(change: Arc<ChangeRing>, audit: Arc<dyn AuditLog>, clock: Arc<dyn Clock>) -> Self {
        Self { change, audit, clock }
    }

    /// Erases them and answers how many there were.
    ///
    /// # Errors
    /// [`Outage`] if a store is down.
    pub async fn run(&self, origin: Origin) -> Result<usize, Outage> {
        let wanted = |ring: &KeyRing, now: Timestamp| Ok::<_, Infallible>(plan_clean_up(ring, now));
        let erased = match self.change.run(&wanted, &[]).await {
            Ok(Change::Done(_, _, plan)) => plan.erase.len(),
            Ok(Change::Settled(..) | Change::Overtaken(..)) => 0,
            Err(ChangeError::Unavailable(outage)) => return Err(outage),
            Err(ChangeError::Refused(never)) => match never {},
        };
        self.audit.append(AuditEntry::new(self.clock.now(), origin, Event::KeysCleanedUp, Outcome::Success)).await?;
        Ok(erased)
    }
}
