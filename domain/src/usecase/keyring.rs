//! The key ring as this process knows it: read from memory at each request, from the store when it may have changed.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::key::KeyRing;
use crate::ports::{KeyRepository, StoreError};
use crate::time::Timestamp;

/// Holds the ring that was last loaded or stored. Given neither a cipher nor a signer.
pub struct Keyring {
    repository: Arc<dyn KeyRepository>,
    current: RwLock<Arc<KeyRing>>,
    generation: AtomicU64,
    /// When the store was last looked at, in Unix milliseconds.
    confirmed: AtomicI64,
}

impl Keyring {
    /// How long a process may sign by the ring that it knows before it looks at the store again: what another replica has
    /// retired or revoked meanwhile signs for that long at most.
    pub const GOOD_FOR: Duration = Duration::from_secs(2);

    /// A keyring over `repository`, empty until it is refreshed.
    pub fn new(repository: Arc<dyn KeyRepository>) -> Self {
        let (generation, confirmed) = (AtomicU64::new(0), AtomicI64::new(i64::MIN));
        Self { repository, current: RwLock::default(), generation, confirmed }
    }

    /// The ring as it is known.
    pub fn current(&self) -> Arc<KeyRing> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Moves on each time the ring becomes another one: what was rendered from it earlier is out of date.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Loads the ring from the store; `now` is the present instant.
    ///
    /// # Errors
    /// Those of [`KeyRepository::load`]; the ring known so far stays.
    pub async fn refresh(&self, now: Timestamp) -> Result<Arc<KeyRing>, StoreError> {
        let ring = self.repository.load().await?;
        self.confirmed.fetch_max(now.unix_millis(), Ordering::AcqRel);
        Ok(self.adopt(ring))
    }

    /// The ring as it is known, looked at within [`Keyring::GOOD_FOR`]: what may be signed by.
    ///
    /// # Errors
    /// Those of [`Keyring::refresh`], where the store had to be looked at.
    pub async fn fresh(&self, now: Timestamp) -> Result<Arc<KeyRing>, StoreError> {
        let confirmed = Timestamp::from_unix_millis(self.confirmed.load(Ordering::Acquire));
        if now.since(confirmed) < Self::GOOD_FOR { Ok(self.current()) } else { self.refresh(now).await }
    }

    /// For how long the ring has not been looked at beyond [`Keyring::GOOD_FOR`]: zero where all is well.
    pub fn overdue(&self, now: Timestamp) -> Duration {
        let confirmed = Timestamp::from_unix_millis(self.confirmed.load(Ordering::Acquire));
        now.since(confirmed).saturating_sub(Self::GOOD_FOR)
    }

    /// Stores `ring` and knows it from then on.
    ///
    /// # Errors
    /// Those of [`KeyRepository::store`]; the ring known so far stays.
    pub async fn store(&self, ring: KeyRing) -> Result<Arc<KeyRing>, StoreError> {
        self.repository.store(&ring).await?;
        Ok(self.stored(ring))
    }

    /// Knows `ring` from now on, which was just stored together with something else.
    pub(super) fn stored(&self, ring: KeyRing) -> Arc<KeyRing> {
        self.adopt(KeyRing { revision: ring.revision + 1, ..ring })
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
