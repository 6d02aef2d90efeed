//! Sealing every private half and every other secret anew, so that an earlier encryption key can be dropped.

use std::sync::Arc;

use super::concurrently::join_all;
use super::{Keyring, Outage, ResealSecrets, ResealedSecrets};
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
    /// The same of all other secrets.
    pub secrets: ResealedSecrets,
}

/// Seals everything anew.
pub struct RewrapKeys {
    keyring: Arc<Keyring>,
    custody: Arc<dyn KeyCustody>,
    secrets: Arc<ResealSecrets>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl RewrapKeys {
    /// Seals the keys of `keyring` anew with the encryption key of `custody`, and `secrets` with theirs, which is the same.
    pub fn new(
        keyring: Arc<Keyring>,
        custody: Arc<dyn KeyCustody>,
        secrets: Arc<ResealSecrets>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { keyring, custody, secrets, audit, clock }
    }

    /// Seals all anew that is sealed with another encryption key: the secrets page by page, the keys in one replacement of the ring.
    /// Where it is interrupted it is simply begun again, and finds done what is.
    ///
    /// # Errors
    /// [`Outage`] if a store is down; some secrets may be sealed anew then, no key is.
    pub async fn run(&self, mode: RewrapMode, origin: Origin) -> Result<Rewrapped, Outage> {
        let secrets = self.secrets.run(mode).await?;
        let report = Rewrapped { secrets, ..self.rewrap_ring(mode).await? };
        let is_changed = !report.resealed.is_empty() || report.secrets.resealed > 0;
        if mode == RewrapMode::Write && is_changed {
            let entry = AuditEntry::new(self.clock.now(), origin, Event::KeysRewrapped, Outcome::Success);
            self.audit.append(entry).await?;
        }
        Ok(report)
    }

    async fn rewrap_ring(&self, mode: RewrapMode) -> Result<Rewrapped, Outage> {
        for _ in 0..ATTEMPTS {
            let ring = self.keyring.refresh(self.clock.now()).await?;
            let (rewrapped, report) = self.rewrapped(&ring).await;
            if mode == RewrapMode::DryRun || report.resealed.is_empty() {
                return Ok(report);
            }
            match self.keyring.store(rewrapped).await {
                Ok(_) => return Ok(report),
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
