//! Giving both halves of a key out, to whoever may run the command line.

use std::sync::Arc;

use super::{Keyring, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::Kid;
use crate::ports::{AuditLog, Clock, KeyCustody, PemPair};

/// Why a key was not given out.
#[derive(Debug, thiserror::Error)]
pub enum ExportKeyError {
    /// No key of the ring has this kid.
    #[error("there is no key {0}")]
    UnknownKey(Kid),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Gives keys out.
pub struct ExportKey {
    keyring: Arc<Keyring>,
    custody: Arc<dyn KeyCustody>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl ExportKey {
    /// Gives keys of `keyring` out.
    pub fn new(
        keyring: Arc<Keyring>,
        custody: Arc<dyn KeyCustody>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { keyring, custody, audit, clock }
    }

    /// Both halves of the key of that kid; that they were given out is in the log before they are.
    ///
    /// # Errors
    /// See [`ExportKeyError`].
    pub async fn run(&self, kid: &Kid, origin: Origin) -> Result<PemPair, ExportKeyError> {
        let now = self.clock.now();
        let ring = self.keyring.refresh(now).await.map_err(Outage::from)?;
        let key = ring.find(kid).ok_or_else(|| ExportKeyError::UnknownKey(kid.clone()))?;
        let pair = self.custody.export(key).await.map_err(Outage::from)?;
        let mut entry = AuditEntry::new(now, origin, Event::KeyExported, Outcome::Success);
        entry.kid = Some(kid.clone());
        self.audit.append(entry).await.map_err(Outage::from)?;
        Ok(pair)
    }
}
