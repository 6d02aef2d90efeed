//! Counting how often something was tried.

use async_trait::async_trait;

use super::StoreError;
use crate::limit::{Allowance, Bucket, Refusal};

/// Counts tries in buckets by GCRA: `burst` at once, then one more each `every`; the quota of each bucket is configured.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Spends one try of `bucket`, or refuses and spends nothing. MUST be atomic: of tries at the same instant no more pass than
    /// the quota lets.
    async fn spend(&self, bucket: &Bucket) -> Result<Result<Allowance, Refusal>, StoreError>;

    /// What [`RateLimiter::spend`] would answer now, spending nothing.
    async fn peek(&self, bucket: &Bucket) -> Result<Result<Allowance, Refusal>, StoreError>;

    /// Makes `bucket` as if nothing had ever been spent.
    async fn clear(&self, bucket: &Bucket) -> Result<(), StoreError>;
}
