//! Rotating the keys: by the ticker, the command line and the admin route alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::concurrently::join_all;
use super::{Keyring, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::{
    KeyOrder, KeyPolicy, KeyRing, KeyState, Kid, Plan, RotationMode, RotationRefused, SigningKey, plan, plan_rotation,
};
use crate::ports::{AuditLog, Clock, Signer, StoreError};
use crate::time::Timestamp;

/// How often a rotation is planned anew when other replicas are faster.
const ATTEMPTS: usize = 8;

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
    keyring: Arc<Keyring>,
    signer: Arc<dyn Signer>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
    policy: KeyPolicy,
    opened: AtomicU64,
}

impl RotateKeys {
    /// Rotates the keys of `keyring` by `policy`.
    pub fn new(
        keyring: Arc<Keyring>,
        signer: Arc<dyn Signer>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
        policy: KeyPolicy,
    ) -> Self {
        Self { keyring, signer, audit, clock, policy, opened: AtomicU64::new(0) }
    }

    /// Loads the ring, plans, makes and seals keys outside any transaction, and stores; where the stored ring has moved on
    /// meanwhile, plans anew.
    ///
    /// # Errors
    /// [`RotateError::Refused`] where a careful rotation would break something; [`RotateError::Unavailable`] if a store or
    /// the signer is down. Nothing was changed then.
    pub async fn run(&self, trigger: Trigger) -> Result<Rotation, RotateError> {
        for attempt in 0..ATTEMPTS {
            let ring = self.keyring.refresh().await.map_err(Outage::from)?;
            let now = self.clock.now();
            let plan = self.plan(&ring, &trigger, now)?;
            if plan.is_settled() {
                self.open(&ring, now).await;
                return Ok(if attempt == 0 { Rotation::Settled } else { Rotation::AlreadyDone });
            }
            let made = self.make(&plan.create, now).await?;
            match self.keyring.store(ring.carried_out(&plan, made)).await {
                Ok(ring) => return Ok(self.conclude(&ring, &trigger, now).await?),
                Err(StoreError::Conflict) if trigger == Trigger::Schedule => {}
                Err(StoreError::Conflict) => return Ok(Rotation::AlreadyDone),
                Err(error) => return Err(Outage::from(error).into()),
            }
        }
        Err(Outage::from(StoreError::Conflict).into())
    }

    fn plan(&self, ring: &KeyRing, trigger: &Trigger, now: Timestamp) -> Result<Plan, RotationRefused> {
        match trigger {
            Trigger::Schedule => Ok(plan(ring, &self.policy, now)),
            Trigger::Asked(mode, _) => plan_rotation(ring, &self.policy, now, *mode),
        }
    }

    async fn make(&self, orders: &[KeyOrder], now: Timestamp) -> Result<Vec<SigningKey>, Outage> {
        let made = join_all(orders.iter().map(|order| self.signer.generate(order.algorithm)).collect()).await;
        let keyed = orders.iter().zip(made).map(|(order, key)| {
            key.map(|key| SigningKey {
                public: key.public,
                private: key.private,
                purpose: order.purpose,
                created_at: now.floor_second(),
                schedule: order.schedule,
                revocation: None,
            })
        });
        Ok(keyed.collect::<Result<_, _>>()?)
    }

    async fn conclude(&self, ring: &KeyRing, trigger: &Trigger, now: Timestamp) -> Result<Rotation, Outage> {
        self.open(ring, now).await;
        let signer = ring.signer_at(now).map(|key| key.kid().clone());
        let origin = match trigger {
            Trigger::Schedule => Origin::of_the_server(),
            Trigger::Asked(_, origin) => origin.clone(),
        };
        let mut entry = AuditEntry::new(now, origin, Event::KeysRotated, Outcome::Success);
        entry.kid.clone_from(&signer);
        self.audit.append(entry).await?;
        Ok(Rotation::Done(signer))
    }

    /// Makes every key ready that may sign, and forgets the others, each time the ring is another one. A key that does not open
    /// is met again when it must sign.
    async fn open(&self, ring: &KeyRing, now: Timestamp) {
        if self.opened.swap(ring.revision, Ordering::AcqRel) == ring.revision {
            return;
        }
        let live = |key: &&SigningKey| match key.state_at(now) {
            KeyState::Pending | KeyState::Standby | KeyState::Active => true,
            KeyState::Retired | KeyState::Expired => ring.expired_fixture() == Some(*key),
            KeyState::Revoked => false,
        };
        let keys: Vec<_> = ring.keys.iter().filter(live).collect();
        let kids: Vec<_> = keys.iter().map(|key| key.kid().clone()).collect();
        self.signer.retain(&kids).await;
        join_all(keys.into_iter().map(|key| self.signer.prepare(key)).collect()).await;
    }
}
