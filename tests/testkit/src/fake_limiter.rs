//! A rate limiter over a plain map, reckoned independently of any library.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jwksd_domain::limit::{Allowance, Bucket, Quotas, Refusal};
use jwksd_domain::ports::{Clock, RateLimiter, StoreError};
use jwksd_domain::time::Timestamp;

/// Keeps for each bucket the instant at which it will be full again.
pub struct MemoryLimiter {
    quotas: Quotas,
    clock: Arc<dyn Clock>,
    full_at: Mutex<HashMap<Bucket, Timestamp>>,
}

impl MemoryLimiter {
    /// A limiter in which every bucket is full.
    pub fn new(quotas: Quotas, clock: Arc<dyn Clock>) -> Self {
        Self { quotas, clock, full_at: Mutex::default() }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Bucket, Timestamp>> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a try now, and the instant at which the bucket is full if it is made.
    fn answer(&self, bucket: &Bucket, full_at: Option<Timestamp>) -> Result<(Allowance, Timestamp), Refusal> {
        let quota = match bucket {
            Bucket::Address(_) => self.quotas.address,
            Bucket::Registration(_) => self.quotas.registration,
            Bucket::Account(_) => self.quotas.account,
            Bucket::Mail(_) => self.quotas.mail,
            Bucket::SecondFactor(_) => self.quotas.second_factor,
        };
        let (now, limit, whole) = (self.clock.now(), quota.burst.get(), quota.every * quota.burst.get());
        let missing = full_at.map_or(Duration::ZERO, |full_at| full_at.since(now));
        let missing_after = missing + quota.every;
        if missing_after > whole {
            return Err(Refusal { limit, retry_after: missing_after - whole, reset_after: missing });
        }
        let remaining = (whole - missing_after).as_millis() / quota.every.as_millis();
        let remaining = u32::try_from(remaining).unwrap_or(limit);
        Ok((Allowance { limit, remaining, reset_after: missing_after }, now.plus(missing_after)))
    }
}

#[async_trait]
impl RateLimiter for MemoryLimiter {
    async fn spend(&self, bucket: &Bucket) -> Result<Result<Allowance, Refusal>, StoreError> {
        let mut table = self.table();
        Ok(self.answer(bucket, table.get(bucket).copied()).map(|(allowance, full_at)| {
            table.insert(bucket.clone(), full_at);
            allowance
        }))
    }

    async fn peek(&self, bucket: &Bucket) -> Result<Result<Allowance, Refusal>, StoreError> {
        Ok(self.answer(bucket, self.table().get(bucket).copied()).map(|(allowance, _)| allowance))
    }

    async fn clear(&self, bucket: &Bucket) -> Result<(), StoreError> {
        self.table().remove(bucket);
        Ok(())
    }
}
