//! The key ring as this process knows it: read from memory at each request, from the store when it may have changed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::key::KeyRing;
use crate::ports::{KeyRepository, StoreError};

/// Holds the ring that was last loaded or stored. Given neither a cipher nor a signer.
pub struct Keyring {
    repository: Arc<dyn KeyRepository>,
    current: RwLock<Arc<KeyRing>>,
    generation: AtomicU64,
}

impl Keyring {
    /// A keyring over `repository`, empty until it is refreshed.
    pub fn new(repository: Arc<dyn KeyRepository>) -> Self {
        Self { repository, current: RwLock::default(), generation: AtomicU64::new(0) }
    }

    /// The ring as it is known.
    pub fn current(&self) -> Arc<KeyRing> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Moves on each time the ring becomes another one: what was rendered from it earlier is out of date.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Loads the ring from the store.
    ///
    /// # Errors
    /// Those of [`KeyRepository::load`]; the ring known so far stays.
    pub async fn refresh(&self) -> Result<Arc<KeyRing>, StoreError> {
        let ring = self.repository.load().await?;
        Ok(self.adopt(ring))
    }

    /// Stores `ring` and knows it from then on.
    ///
    /// # Errors
    /// Those of [`KeyRepository::store`]; the ring known so far stays.
    pub async fn store(&self, mut ring: KeyRing) -> Result<Arc<KeyRing>, StoreError> {
        self.repository.store(&ring).await?;
        ring.revision += 1;
        Ok(self.adopt(ring))
    }

    /// Whether the store answers now; what it holds is looked at and dropped.
    ///
    /// # Errors
    /// Those of [`KeyRepository::load`].
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.repository.load().await.map(|_| ())
    }

    /// Two calls may cross; the later revision wins, whichever comes last.
    fn adopt(&self, ring: KeyRing) -> Arc<KeyRing> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if ring.revision > current.revision {
            *current = Arc::new(ring);
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        Arc::clone(&current)
    }
}
