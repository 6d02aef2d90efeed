//! Stores that do not keep what they were given.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jwksd_domain::audit::{AuditEntry, IssuedTokens};
use jwksd_domain::key::{KeyRing, Kid};
use jwksd_domain::ports::{
    AuditCursor, AuditFilter, AuditLog, AuditPage, KeyRepository, Resealing, SealContext, SealedSecret, SealedSecrets,
    StoreError,
};
use jwksd_domain::time::Timestamp;

/// A store that changes each ring on its way.
pub(super) struct Changing {
    /// The store behind it.
    pub(super) keys: Arc<dyn KeyRepository>,
    /// What becomes of a ring that is loaded.
    pub(super) load: fn(KeyRing) -> KeyRing,
    /// What becomes of a ring that is to be stored, beside the one that is.
    pub(super) store: fn(&KeyRing, KeyRing) -> KeyRing,
}

/// What is loaded, as it is.
pub(super) fn as_it_is(ring: KeyRing) -> KeyRing {
    ring
}

/// A store that changes each ring on its way in.
pub(super) fn storing(
    keys: Arc<dyn KeyRepository>,
    store: fn(&KeyRing, KeyRing) -> KeyRing,
) -> Option<Arc<dyn KeyRepository>> {
    Some(Arc::new(Changing { keys, load: as_it_is, store }))
}

#[async_trait]
impl KeyRepository for Changing {
    async fn load(&self) -> Result<KeyRing, StoreError> {
        Ok((self.load)(self.keys.load().await?))
    }

    async fn store(&self, ring: &KeyRing) -> Result<(), StoreError> {
        let before = self.keys.load().await?;
        let ring = KeyRing { revision: ring.revision, ..(self.store)(&before, ring.clone()) };
        self.keys.store(&ring).await
    }
}

/// A store without compare-and-swap: whoever comes last is right.
pub(super) struct LastWins(pub(super) Arc<dyn KeyRepository>);

#[async_trait]
impl KeyRepository for LastWins {
    async fn load(&self) -> Result<KeyRing, StoreError> {
        self.0.load().await
    }

    async fn store(&self, ring: &KeyRing) -> Result<(), StoreError> {
        let revision = self.0.load().await?.revision;
        self.0.store(&KeyRing { revision, ..ring.clone() }).await
    }
}

/// A store that answers what it answered the first time.
pub(super) struct Remembering {
    keys: Arc<dyn KeyRepository>,
    first: Mutex<Option<KeyRing>>,
}

impl Remembering {
    /// Remembers what `keys` answers first.
    pub(super) fn new(keys: Arc<dyn KeyRepository>) -> Self {
        Self { keys, first: Mutex::default() }
    }
}

#[async_trait]
impl KeyRepository for Remembering {
    async fn load(&self) -> Result<KeyRing, StoreError> {
        let known = self.first.lock().unwrap().clone();
        if let Some(ring) = known.filter(|ring| ring.revision > 0) {
            return Ok(ring);
        }
        let ring = self.keys.load().await?;
        *self.first.lock().unwrap() = Some(ring.clone());
        Ok(ring)
    }

    async fn store(&self, ring: &KeyRing) -> Result<(), StoreError> {
        self.keys.store(ring).await
    }
}

/// A store that leaves the first key of a ring as it was sealed.
pub(super) struct LeavingOne {
    /// The store behind it.
    pub(super) secrets: Arc<dyn SealedSecrets>,
    /// Its keys.
    pub(super) keys: Arc<dyn KeyRepository>,
}

#[async_trait]
impl SealedSecrets for LeavingOne {
    async fn page(&self, after: Option<SealContext>, limit: u32) -> Result<Vec<SealedSecret>, StoreError> {
        self.secrets.page(after, limit).await
    }

    async fn replace(&self, ring: &KeyRing, resealings: &[Resealing]) -> Result<u64, StoreError> {
        let (mut ring, before) = (ring.clone(), self.keys.load().await?);
        if let (Some(first), Some(old)) = (ring.keys.first_mut(), before.keys.first()) {
            first.private = old.private.clone();
        }
        self.secrets.replace(&ring, resealings).await
    }
}

/// An audit log that writes nothing down.
pub(super) struct Forgetting(pub(super) Arc<dyn AuditLog>);

#[async_trait]
impl AuditLog for Forgetting {
    async fn append(&self, _: AuditEntry) -> Result<(), StoreError> {
        Ok(())
    }

    async fn page(
        &self,
        filter: AuditFilter,
        cursor: Option<AuditCursor>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        self.0.page(filter, cursor, limit).await
    }

    async fn issued_by(&self, kid: &Kid, now: Timestamp) -> Result<IssuedTokens, StoreError> {
        self.0.issued_by(kid, now).await
    }
}
