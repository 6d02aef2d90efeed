//! Tokens that were called back, by their ids.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use jwksd_domain::ports::{RevocationList, RevokedToken, StoreError};
use jwksd_domain::time::Timestamp;

use crate::lock;

/// Keeps the ids of revoked tokens in memory.
#[derive(Default)]
pub struct MemoryRevocationList {
    ends: Mutex<HashMap<String, Timestamp>>,
}

#[async_trait]
impl RevocationList for MemoryRevocationList {
    async fn revoke(&self, token: &RevokedToken, forget_before: Timestamp) -> Result<(), StoreError> {
        let mut ends = lock(&self.ends);
        ends.retain(|_, end| *end >= forget_before);
        ends.insert(token.jti.clone(), token.expires_at);
        Ok(())
    }

    async fn contains(&self, jti: &str) -> Result<bool, StoreError> {
        Ok(lock(&self.ends).contains_key(jti))
    }
}
