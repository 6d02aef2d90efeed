//! Sealing every private half and every other secret anew, all in one, so that an earlier encryption key can be dropped.

use std::sync::Arc;

use super::concurrently::join_all;
use super::{Keyring, Outage, ResealSecrets, ResealedSecrets, Unopened};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::{KeyRing, Kid};
use crate::ports::{AuditLog, Clock, KeyCustody, SealContext, SignerError, StoreError};

/// How often it is begun anew when others change the ring, or a secret, meanwhile.
const ATTEMPTS: usize = 8;

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewrapMode {
    /// Only what would be done is told.
    DryRun,
    /// It is done if everything opens.
    Careful,
    /// It is done with whatever opens.
    Forced,
}

/// What came of it, or would.
#[derive(Debug, Default)]
pub struct Rewrapped {
    /// The keys that are sealed with the present encryption key now and were not before.
    pub resealed: Vec<Kid>,
    /// How many were already.
    pub current: usize,
    /// The keys that do not open; they stay as they are.
    pub unopened: Vec<Unopened>,
    /// The same of all other secrets.
    pub secrets: ResealedSecrets,
    /// Whether it was done; if not, it is what would have been.
    pub is_done: bool,
}

impl Rewrapped {
    /// Everything that does not open, keys first.
    pub fn all_unopened(&self) -> impl Iterator<Item = &Unopened> {
        self.unopened.iter().chain(&self.secrets.unopened)
    }

    fn is_wanted(&self, mode: RewrapMode) -> bool {
        let is_needed = !self.resealed.is_empty() || self.secrets.resealed > 0;
        is_needed
            && match mode {
                RewrapMode::DryRun => false,
                RewrapMode::Careful => self.all_unopened().next().is_none(),
                RewrapMode::Forced => true,
            }
    }
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

    /// Seals all anew that is sealed with another encryption key, and then puts all of it in place as one: keys and secrets, or
    /// nothing; nothing also where something does not open, unless it is forced. Where it is interrupted before, all is as it was,
    /// and it is simply begun again.
    ///
    /// # Errors
    /// [`Outage`] if a store is down, or others changed what was read again and again; nothing is sealed anew then, unless only the
    /// audit log could not be written.
    pub async fn run(&self, mode: RewrapMode, origin: Origin) -> Result<Rewrapped, Outage> {
        for _ in 0..ATTEMPTS {
            let (resealings, secrets) = self.secrets.prepare().await?;
            // Last, since it is changed by others more often than a secret.
            let ring = self.keyring.refresh(self.clock.now()).await?;
            let (ring, mut report) = self.rewrapped(&ring).await?;
            report.secrets = secrets;
            if !report.is_wanted(mode) {
                return Ok(report);
            }
            match self.secrets.put(&ring, &resealings).await {
                Ok(resealed) => (report.secrets.resealed, report.is_done) = (resealed, true),
                Err(StoreError::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
            self.keyring.stored(ring);
            let entry = AuditEntry::new(self.clock.now(), origin, Event::KeysRewrapped, Outcome::Success);
            self.audit.append(entry).await?;
            return Ok(report);
        }
        Err(StoreError::Conflict.into())
    }

    /// The ring with the private halves sealed anew that open.
    async fn rewrapped(&self, ring: &KeyRing) -> Result<(KeyRing, Rewrapped), SignerError> {
        let (mut rewrapped, mut report) = (ring.clone(), Rewrapped::default());
        let sealed = join_all(ring.keys.iter().map(|key| self.custody.reseal(key)).collect()).await;
        for (key, sealed) in rewrapped.keys.iter_mut().zip(sealed) {
            match sealed {
                Ok(sealed) if sealed.sealed_by == key.private.sealed_by => report.current += 1,
                Ok(sealed) => {
                    report.resealed.push(key.kid().clone());
                    key.private = sealed;
                }
                Err(error @ SignerError::Unavailable(_)) => return Err(error),
                Err(error @ (SignerError::Rejected(_) | SignerError::UnknownEncryptionKey { .. })) => {
                    let context = SealContext::of_signing_key(key.kid());
                    report.unopened.push(Unopened::new(context, &key.private, error));
                }
            }
        }
        Ok((rewrapped, report))
    }
}
