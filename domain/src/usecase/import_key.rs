//! Taking in a key that was made elsewhere, as the stand-by.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::change_ring::{Change, ChangeError};
use super::{ChangeRing, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::{ImportRefused, KeyPolicy, KeyRing, Kid, is_known_to_all, plan_import};
use crate::ports::{AuditLog, CustodyError, KeyCustody};
use crate::time::Timestamp;
use crate::user::DemoUsers;

/// Why a key was not taken in. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum ImportKeyError {
    /// It cannot be read; what is wrong, worded to follow the name of the field.
    #[error("the key {0}")]
    Unreadable(&'static str),
    /// The rules are against it.
    #[error(transparent)]
    Refused(#[from] ImportRefused),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Takes keys in.
pub struct ImportKey {
    change: Arc<ChangeRing>,
    custody: Arc<dyn KeyCustody>,
    audit: Arc<dyn AuditLog>,
    policy: KeyPolicy,
    demo_users: DemoUsers,
}

impl ImportKey {
    /// Takes keys in by `policy`, for its algorithm; that of the documentation only where `demo_users` are admitted too.
    pub fn new(
        change: Arc<ChangeRing>,
        custody: Arc<dyn KeyCustody>,
        audit: Arc<dyn AuditLog>,
        policy: KeyPolicy,
        demo_users: DemoUsers,
    ) -> Self {
        Self { change, custody, audit, policy, demo_users }
    }

    /// Takes the private key in `pem` in: it is published at once in the place of the present stand-by, and signs next. Answers
    /// its kid, and from when on it signs.
    ///
    /// # Errors
    /// See [`ImportKeyError`].
    pub async fn run(&self, pem: &Zeroizing<String>, origin: Origin) -> Result<(Kid, Timestamp), ImportKeyError> {
        let imported = self.custody.import(self.policy.algorithm, pem).await.map_err(|error| match error {
            CustodyError::Unreadable(problem) => ImportKeyError::Unreadable(problem),
            CustodyError::Unavailable(error) => Outage::from(error).into(),
        })?;
        let public = imported.public.clone();
        if self.demo_users == DemoUsers::Refused && is_known_to_all(public.kid()) {
            return Err(ImportRefused::KnownToAll(public.kid().clone()).into());
        }
        let wanted = |ring: &KeyRing, now: Timestamp| plan_import(ring, &self.policy, now, &public);
        let changed = self.change.run(&wanted, &[imported]).await;
        let (ring, now) = match changed {
            Ok(Change::Done(ring, now, _) | Change::Settled(ring, now) | Change::Overtaken(ring, now)) => (ring, now),
            Err(ChangeError::Refused(refused)) => return Err(refused.into()),
            Err(ChangeError::Unavailable(outage)) => return Err(outage.into()),
        };
        let key = ring.find(public.kid()).ok_or(Outage::NoKey)?;
        let mut entry = AuditEntry::new(now, origin, Event::KeyImported, Outcome::Success);
        entry.kid = Some(key.kid().clone());
        self.audit.append(entry).await.map_err(Outage::from)?;
        Ok((key.kid().clone(), key.schedule.signs_from))
    }
}
