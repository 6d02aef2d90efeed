//! Rotating the keys: by the ticker, the command line and the admin route alike.

use std::sync::{Arc, OnceLock};

use super::change_ring::{Change, ChangeError};
use super::{ChangeRing, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::{KeyPolicy, KeyRing, Kid, Plan, RotationMode, RotationRefused, plan, plan_rotation};
use crate::ports::AuditLog;
use crate::time::Timestamp;

/// Why the keys are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The schedule may ask for something.
    Schedule,
    /// Somebody wants the stand-by to sign from now on.
    Asked(RotationMode, Origin),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// There was nothing to do.
    Settled,
    /// Another replica did it at the same time.
    AlreadyDone,
    /// It was done; the key that signs now.
    Done(Option<Kid>),
}

/// Why the keys were not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// It would break something, and was not forced.
    #[error(transparent)]
    Refused(#[from] RotationRefused),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Brings the ring to what the schedule, or somebody, asks for.
pub struct RotateKeys {
    change: Arc<ChangeRing>,
    audit: Arc<dyn AuditLog>,
    policy: KeyPolicy,
}

impl RotateKeys {
    /// Rotates by `policy`.
    pub fn new(change: Arc<ChangeRing>, audit: Arc<dyn AuditLog>, policy: KeyPolicy) -> Self {
        Self { change, audit, policy }
    }

    /// Does what the plan for `trigger` asks for. A rotation that was asked for gives way to another of the same moment, so that
    /// two of them do not rotate twice.
    ///
    /// # Errors
    /// [`RotateError::Refused`] where a careful rotation would break something; [`RotateError::Unavailable`] if a store or
    /// the signer is down. Nothing was changed then.
    pub async fn run(&self, trigger: Trigger) -> Result<Rotation, RotateError> {
        let before = OnceLock::new();
        let wanted = |ring: &KeyRing, now: Timestamp| {
            let signer = signer(ring, now);
            let is_rotated = *before.get_or_init(|| signer.clone()) != signer;
            match &trigger {
                Trigger::Schedule => Ok(plan(ring, &self.policy, now)),
                Trigger::Asked(..) if is_rotated => Ok(Plan::default()),
                Trigger::Asked(mode, _) => plan_rotation(ring, &self.policy, now, *mode),
            }
        };
        match self.change.run(&wanted, &[]).await {
            Ok(Change::Settled(..)) => Ok(Rotation::Settled),
            Ok(Change::Overtaken(..)) => Ok(Rotation::AlreadyDone),
            Ok(Change::Done(ring, now, done)) => {
                let is_signer_kept = before.get().is_some_and(|before| *before == signer(&ring, now));
                match trigger {
                    // The instants of keys were moved, and nobody has to know.
                    Trigger::Schedule if is_signer_kept && done.create.is_empty() => Ok(Rotation::Settled),
                    trigger => Ok(self.logged(&ring, trigger, now).await?),
                }
            }
            Err(ChangeError::Refused(refused)) => Err(refused.into()),
            Err(ChangeError::Unavailable(outage)) => Err(outage.into()),
        }
    }

    async fn logged(&self, ring: &KeyRing, trigger: Trigger, now: Timestamp) -> Result<Rotation, Outage> {
        let signer = signer(ring, now);
        let (origin, detail) = match trigger {
            Trigger::Schedule => (Origin::of_the_server(), None),
            Trigger::Asked(RotationMode::Careful, origin) => (origin, None),
            Trigger::Asked(RotationMode::Forced, origin) => (origin, Some("forced".to_owned())),
        };
        let mut entry = AuditEntry::new(now, origin, Event::KeysRotated, Outcome::Success);
        (entry.kid, entry.detail) = (signer.clone(), detail);
        self.audit.append(entry).await?;
        Ok(Rotation::Done(signer))
    }
}

fn signer(ring: &KeyRing, now: Timestamp) -> Option<Kid> {
    ring.signer_at(now).map(|key| key.kid().clone())
}
