//! Carrying out a plan: what rotation, revocation, import and clean-up share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::concurrently::join_all;
use super::{Keyring, Outage};
use crate::key::{KeyOrder, KeyRing, KeyState, Plan, SigningKey};
use crate::ports::{Clock, NewKey, Signer, StoreError};
use crate::time::Timestamp;

/// How often a change is planned anew when other replicas are faster.
const ATTEMPTS: usize = 8;

/// What came of a change.
pub(super) enum Change {
    /// There was nothing to do.
    Settled(Arc<KeyRing>, Timestamp),
    /// Another replica has changed the ring at the same time, and what was wanted need not be done any more.
    Overtaken(Arc<KeyRing>, Timestamp),
    /// It was done, at that instant and by that plan.
    Done(Arc<KeyRing>, Timestamp, Plan),
}

/// Why the ring was not changed.
pub(super) enum ChangeError<Refused> {
    /// The rules are against it.
    Refused(Refused),
    /// Something was down.
    Unavailable(Outage),
}

impl<Refused> From<Outage> for ChangeError<Refused> {
    fn from(outage: Outage) -> Self {
        Self::Unavailable(outage)
    }
}

/// Replaces the ring by what a plan asks for, and keeps those keys opened that may sign.
pub struct ChangeRing {
    keyring: Arc<Keyring>,
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
    opened: AtomicU64,
}

impl ChangeRing {
    /// Changes the ring of `keyring`.
    pub fn new(keyring: Arc<Keyring>, signer: Arc<dyn Signer>, clock: Arc<dyn Clock>) -> Self {
        Self { keyring, signer, clock, opened: AtomicU64::new(0) }
    }

    /// Loads the ring, plans, makes and seals keys outside any transaction, and stores; where the stored ring has moved on
    /// meanwhile, or making keys took so long that the instants of the plan are past, plans anew. `given` are keys that are there
    /// already, for the last orders of the plan.
    ///
    /// # Errors
    /// [`ChangeError::Refused`] with what `plan` says; [`ChangeError::Unavailable`] if a store or the signer is down. Nothing was
    /// changed then.
    pub(super) async fn run<Refused: Send>(
        &self,
        plan: &(dyn Fn(&KeyRing, Timestamp) -> Result<Plan, Refused> + Sync),
        given: &[NewKey],
    ) -> Result<Change, ChangeError<Refused>> {
        let mut made = Vec::new();
        for attempt in 0..ATTEMPTS {
            let now = self.clock.now();
            let ring = self.keyring.refresh(now).await.map_err(Outage::from)?;
            let plan = plan(&ring, now).map_err(ChangeError::Refused)?;
            if plan.is_settled() {
                self.open(&ring, now).await;
                return Ok(if attempt == 0 { Change::Settled(ring, now) } else { Change::Overtaken(ring, now) });
            }
            let ordered = plan.create.len().saturating_sub(given.len());
            self.make(&plan.create[..ordered], &mut made).await?;
            if self.clock.now().since(now) >= Keyring::GOOD_FOR {
                continue; // A key that is stored now was not published when the plan says.
            }
            let keys = filled(&plan.create, made[..ordered].iter().chain(given), now);
            match self.keyring.store(ring.carried_out(&plan, keys)).await {
                Ok(ring) => {
                    self.open(&ring, now).await;
                    return Ok(Change::Done(ring, now, plan));
                }
                Err(StoreError::Conflict) => {} // Another replica was faster: look at its ring, and plan again.
                Err(error) => return Err(Outage::from(error).into()),
            }
        }
        Err(Outage::from(StoreError::Conflict).into())
    }

    /// Makes the keys that are ordered and were not made for an earlier attempt.
    async fn make(&self, orders: &[KeyOrder], made: &mut Vec<NewKey>) -> Result<(), Outage> {
        made.retain(|key| orders.iter().any(|order| order.algorithm == key.public.algorithm()));
        let missing = orders.iter().skip(made.len()).map(|order| self.signer.generate(order.algorithm));
        for key in join_all(missing.collect()).await {
            made.push(key?);
        }
        Ok(())
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

/// The keys by their orders; all orders of a plan are for one algorithm.
fn filled<'a>(orders: &[KeyOrder], keys: impl Iterator<Item = &'a NewKey>, now: Timestamp) -> Vec<SigningKey> {
    orders.iter().zip(keys).map(|(order, key)| order.fill(key.clone(), now)).collect()
}
