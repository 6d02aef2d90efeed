//! The key ring, as one value.

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use jwksd_domain::key::KeyRing;
use jwksd_domain::ports::{KeyRepository, StoreError};

use crate::lock;

/// Keeps the key ring in memory.
#[derive(Default)]
pub struct MemoryKeyRepository {
    pub(crate) ring: Mutex<KeyRing>,
}

#[async_trait]
impl KeyRepository for MemoryKeyRepository {
    async fn load(&self) -> Result<KeyRing, StoreError> {
        Ok(lock(&self.ring).clone())
    }

    async fn store(&self, ring: &KeyRing) -> Result<(), StoreError> {
        let mut stored = lock(&self.ring);
        *stored = successor(&stored, ring)?;
        Ok(())
    }
}

/// What takes the place of `stored` where `ring` is to be stored.
pub(crate) fn successor(stored: &KeyRing, ring: &KeyRing) -> Result<KeyRing, StoreError> {
    if stored.revision != ring.revision {
        return Err(StoreError::Conflict);
    }
    let mut kids = BTreeSet::new();
    if !ring.keys.iter().all(|key| kids.insert(key.kid())) {
        return Err(StoreError::Duplicate { field: "kid" });
    }
    Ok(KeyRing { revision: ring.revision + 1, ..ring.clone() })
}
