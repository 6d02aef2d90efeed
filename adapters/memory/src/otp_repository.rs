//! One-time codes, by their ids.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use jwksd_domain::otp::{OtpHash, OtpId, StoredOtp};
use jwksd_domain::ports::{OtpRepository, Purpose, Resealing, SealContext, SealedSecret, SealedSecrets, StoreError};
use jwksd_domain::time::Timestamp;

use crate::lock;

/// Keeps one-time codes in memory.
#[derive(Default)]
pub struct MemoryOtpRepository {
    codes: Mutex<BTreeMap<OtpId, StoredOtp>>,
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

#[async_trait]
impl SealedSecrets for MemoryOtpRepository {
    fn purpose(&self) -> Purpose {
        Purpose::OneTimeCodeKey
    }

    async fn page(&self, after: Option<String>, limit: u32) -> Result<Vec<SealedSecret>, StoreError> {
        let codes = lock(&self.codes);
        let secret =
            |otp: &StoredOtp| SealedSecret { context: SealContext::of_one_time_code(otp.id), sealed: otp.key.clone() };
        let is_behind = |secret: &SealedSecret| after.as_deref().is_none_or(|after| secret.context.subject() > after);
        // Ids are ordered like their texts, which are lower-case hexadecimal.
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(codes.values().map(secret).filter(is_behind).take(limit).collect())
    }

    async fn replace(&self, resealings: &[Resealing]) -> Result<u64, StoreError> {
        let mut codes = lock(&self.codes);
        let mut replaced = 0;
        for Resealing { context, from, to } in resealings {
            let mut those = codes.values_mut().filter(|otp| SealContext::of_one_time_code(otp.id) == *context);
            if let Some(otp) = those.next().filter(|otp| otp.key == *from) {
                otp.key = to.clone();
                replaced += 1;
            }
        }
        Ok(replaced)
    }
}
