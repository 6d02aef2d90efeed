//! Sealing every private half anew, so that an earlier encryption key can be dropped.

use std::sync::Arc;

use super::concurrently::join_all;
use super::{Keyring, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::{KeyRing, Kid};
use crate::ports::{AuditLog, Clock, KeyCustody, SignerError, StoreError};

/// How often it is begun anew when other replicas change the ring meanwhile.
const ATTEMPTS: usize = 8;

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewrapMode {
    /// Only what would be done is told.
    DryRun,
    /// It is done.
    Write,
}

/// What came of it, or would.
#[derive(Debug, Default)]
pub struct Rewrapped {
    /// The keys that are sealed with the present encryption key now and were not before.
    pub resealed: Vec<Kid>,
    /// How many were already.
    pub current: usize,
    /// The keys that do not open, and why; they stay as they are.
    pub unopened: Vec<(Kid, SignerError)>,
}

/// Seals keys anew.
pub struct RewrapKeys {
    keyring: Arc<Keyring>,
    custody: Arc<dyn KeyCustody>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl RewrapKeys {
    /// Seals the keys of `keyring` anew with the encryption key of `custody`.
    pub fn new(
        keyring: Arc<Keyring>,
        custody: Arc<dyn KeyCustody>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { keyring, custody, audit, clock }
    }

    /// Seals all keys anew that are sealed with another encryption key, and stores them in one replacement of the ring: where it
    /// is interrupted nothing was done, and it is simply begun again.
    ///
    /// # Errors
    /// [`Outage`] if a store is down; nothing was changed then.
    pub async fn run(&self, mode: RewrapMode, origin: Origin) -> Result<Rewrapped, Outage> {
        for _ in 0..ATTEMPTS {
            let ring = self.keyring.refresh(self.clock.now()).await?;
            let (rewrapped, report) = self.rewrapped(&ring).await;
            if mode == RewrapMode::DryRun || report.resealed.is_empty() {
                return Ok(report);
            }
            match self.keyring.store(rewrapped).await {
                Ok(_) => {
                    let entry = AuditEntry::new(self.clock.now(), origin, Event::KeysRewrapped, Outcome::Success);
                    self.audit.append(entry).await?;
                    return Ok(report);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn rewrapped(&self, ring: &KeyRing) -> (KeyRing, Rewrapped) {
        let (mut rewrapped, mut report) = (ring.clone(), Rewrapped::default());
        let sealed = join_all(ring.keys.iter().map(|key| self.custody.reseal(key)).collect()).await;
        for (key, sealed) in rewrapped.keys.iter_mut().zip(sealed) {
            match sealed {
                Ok(sealed) if sealed.sealed_by == key.private.sealed_by => report.current += 1,
                Ok(sealed) => {
                    report.resealed.push(key.kid().clone());
                    key.private = sealed;
                }
                Err(error) => report.unopened.push((key.kid().clone(), error)),
            }
        }
        (rewrapped, report)
    }
}
