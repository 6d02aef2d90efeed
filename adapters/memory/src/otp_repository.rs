//! One-time codes, by their ids.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use jwksd_domain::otp::{OtpHash, OtpId, StoredOtp};
use jwksd_domain::ports::{OtpRepository, StoreError};
use jwksd_domain::time::Timestamp;

use crate::lock;

/// Keeps one-time codes in memory.
#[derive(Default)]
pub struct MemoryOtpRepository {
    pub(crate) codes: Mutex<BTreeMap<OtpId, StoredOtp>>,
}

#[async_trait]
impl OtpRepository for MemoryOtpRepository {
    async fn replace(&self, otp: &StoredOtp, now: Timestamp) -> Result<(), StoreError> {
        let mut codes = lock(&self.codes);
        codes.retain(|_, kept| now < kept.expires_at);
        codes.insert(otp.id, otp.clone());
        Ok(())
    }

    async fn attempt(&self, id: OtpId, now: Timestamp) -> Result<Option<StoredOtp>, StoreError> {
        let mut codes = lock(&self.codes);
        let Some(otp) = codes.get_mut(&id) else { return Ok(None) };
        Ok(otp.spend_attempt(now).then(|| otp.clone()))
    }

    async fn consume(&self, id: OtpId, hash: &OtpHash) -> Result<bool, StoreError> {
        let mut codes = lock(&self.codes);
        let is_kept = codes.get(&id).is_some_and(|otp| otp.hash == *hash);
        Ok(is_kept && codes.remove(&id).is_some())
    }
}
