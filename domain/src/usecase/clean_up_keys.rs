//! Erasing expired keys (S1's clean-up).

use std::sync::Arc;

use super::{Keyring, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::plan_clean_up;
use crate::ports::{AuditLog, Clock, StoreError};

/// How often the clean-up is planned anew when other replicas are faster.
const ATTEMPTS: usize = 8;

/// Forgets every expired key, the fixture aside, before the schedule would.
pub struct CleanUpKeys {
    keyring: Arc<Keyring>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl CleanUpKeys {
    /// Cleans up the keys of `keyring`.
    pub fn new(keyring: Arc<Keyring>, audit: Arc<dyn AuditLog>, clock: Arc<dyn Clock>) -> Self {
        Self { keyring, audit, clock }
    }

    /// Erases them and answers how many there were.
    ///
    /// # Errors
    /// [`Outage`] if a store is down.
    pub async fn run(&self, origin: Origin) -> Result<usize, Outage> {
        for _ in 0..ATTEMPTS {
            let ring = self.keyring.refresh().await?;
            let now = self.clock.now();
            let plan = plan_clean_up(&ring, now);
            let stored = match plan.is_settled() {
                true => Ok(ring),
                false => self.keyring.store(ring.carried_out(&plan, Vec::new())).await,
            };
            match stored {
                Ok(_) => {
                    self.audit.append(AuditEntry::new(now, origin, Event::KeysCleanedUp, Outcome::Success)).await?;
                    return Ok(plan.erase.len());
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }
}
