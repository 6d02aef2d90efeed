//! The ports as a replica sees them: those of the testkit and of the memory adapter, with a scheduling point before and after
//! everything that they do, and a store that may be down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jwksd_domain::audit::{AuditEntry, IssuedTokens};
use jwksd_domain::key::{Algorithm, KeyRing, Kid, SigningKey};
use jwksd_domain::ports::{
    AuditCursor, AuditFilter, AuditLog, AuditPage, Cipher, CipherError, CustodyError, KeyCustody, KeyRepository,
    NewKey, PemPair, Resealing, SealContext, Sealed, SealedSecret, SealedSecrets, Signer, SignerError, StoreError,
};
use jwksd_domain::time::Timestamp;
use jwksd_domain::token::{Unverified, compact};
use jwksd_memory::{
    MemoryAuditLog, MemoryKeyRepository, MemoryOtpRepository, MemorySealedSecrets, MemorySecondFactorRepository,
    MemorySessionRepository, MemoryUserRepository,
};
use jwksd_testkit::{FakeCipher, FakeSigner};
use zeroize::Zeroizing;

use crate::backstage::{Backstage, Deed, pause};

/// What the one store keeps.
pub(crate) struct Kept {
    /// The ring.
    pub(crate) keys: Arc<MemoryKeyRepository>,
    /// The ring, and no other secret.
    sealed: MemorySealedSecrets,
    /// The audit log.
    pub(crate) audit: MemoryAuditLog,
    /// The users.
    pub(crate) users: Arc<MemoryUserRepository>,
}

impl Default for Kept {
    fn default() -> Self {
        let keys = Arc::<MemoryKeyRepository>::default();
        let (sessions, codes) = (Arc::<MemorySessionRepository>::default(), Arc::<MemoryOtpRepository>::default());
        let factors = Arc::<MemorySecondFactorRepository>::default();
        let sealed = MemorySealedSecrets::new(Arc::clone(&keys), sessions, codes, factors);
        Self { keys, sealed, audit: MemoryAuditLog::default(), users: Arc::default() }
    }
}

/// The way from one machine to the store.
#[derive(Clone)]
pub(crate) struct Link {
    /// What the ports share with the scheduler.
    pub(crate) backstage: Arc<Backstage>,
    /// Whether this way alone is cut.
    pub(crate) is_cut: Arc<AtomicBool>,
}

impl Link {
    /// Whether the store is not reached this way.
    pub(crate) fn is_down(&self) -> bool {
        self.backstage.is_down() || self.is_cut.load(Ordering::Relaxed)
    }
}

/// The store over its network.
pub(crate) struct SharedStore {
    kept: Arc<Kept>,
    link: Link,
}

impl SharedStore {
    /// The way to what is kept.
    pub(crate) const fn new(kept: Arc<Kept>, link: Link) -> Self {
        Self { kept, link }
    }

    fn up(&self) -> Result<(), StoreError> {
        match self.link.is_down() {
            true => Err(StoreError::Unavailable("the store is down".into())),
            false => Ok(()),
        }
    }

    /// Has the ring replaced. Where the store goes down on the way back, the caller is told of a failure although it was.
    async fn replacing<T: Send>(
        &self,
        change: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let backstage = &self.link.backstage;
        backstage.pause_at_store().await;
        self.up()?;
        let before = Arc::new(self.kept.keys.load().await?);
        let done = change.await.inspect_err(|_| backstage.tell(Deed::Conflicted))?;
        let after = Arc::new(self.kept.keys.load().await?);
        backstage.tell(Deed::Stored { before, after });
        backstage.pause_at_store().await;
        self.up()?;
        Ok(done)
    }
}

#[async_trait]
impl KeyRepository for SharedStore {
    async fn load(&self) -> Result<KeyRing, StoreError> {
        pause().await;
        self.up()?;
        let ring = self.kept.keys.load().await?;
        pause().await;
        self.up()?;
        Ok(ring)
    }

    async fn store(&self, ring: &KeyRing) -> Result<(), StoreError> {
        self.replacing(self.kept.keys.store(ring)).await
    }
}

#[async_trait]
impl SealedSecrets for SharedStore {
    async fn page(&self, after: Option<SealContext>, limit: u32) -> Result<Vec<SealedSecret>, StoreError> {
        pause().await;
        self.up()?;
        self.kept.sealed.page(after, limit).await
    }

    async fn replace(&self, ring: &KeyRing, resealings: &[Resealing]) -> Result<u64, StoreError> {
        self.replacing(self.kept.sealed.replace(ring, resealings)).await
    }
}

#[async_trait]
impl AuditLog for SharedStore {
    async fn append(&self, entry: AuditEntry) -> Result<(), StoreError> {
        pause().await;
        self.up()?;
        self.kept.audit.append(entry.clone()).await?;
        self.link.backstage.tell(Deed::Appended(Box::new(entry)));
        pause().await;
        self.up()
    }

    async fn page(
        &self,
        filter: AuditFilter,
        cursor: Option<AuditCursor>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        pause().await;
        self.up()?;
        self.kept.audit.page(filter, cursor, limit).await
    }

    async fn issued_by(&self, kid: &Kid, now: Timestamp) -> Result<IssuedTokens, StoreError> {
        pause().await;
        self.up()?;
        self.kept.audit.issued_by(kid, now).await
    }
}

/// A cipher that takes its time.
pub(crate) struct SlowCipher(pub(crate) FakeCipher);

#[async_trait]
impl Cipher for SlowCipher {
    async fn seal(&self, context: &SealContext, plaintext: &[u8]) -> Result<Sealed, CipherError> {
        pause().await;
        self.0.seal(context, plaintext).await
    }

    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        pause().await;
        self.0.open(context, sealed).await
    }
}

/// A signer that takes its time, and tells what it signs.
pub(crate) struct SlowSigner {
    signer: FakeSigner,
    backstage: Arc<Backstage>,
}

impl SlowSigner {
    /// `signer`, slower.
    pub(crate) const fn new(signer: FakeSigner, backstage: Arc<Backstage>) -> Self {
        Self { signer, backstage }
    }
}

#[async_trait]
impl Signer for SlowSigner {
    async fn generate(&self, algorithm: Algorithm) -> Result<NewKey, SignerError> {
        pause().await;
        let made = self.signer.generate(algorithm).await;
        pause().await;
        made
    }

    async fn prepare(&self, key: &SigningKey) -> Result<(), SignerError> {
        pause().await;
        self.signer.prepare(key).await
    }

    async fn sign(&self, key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        pause().await;
        let signature = self.signer.sign(key, message).await?;
        self.backstage.tell(Deed::Signed { kid: key.kid().clone(), over: over(message) });
        pause().await;
        Ok(signature)
    }

    async fn retain(&self, kids: &[Kid]) {
        pause().await;
        self.signer.retain(kids).await;
    }
}

#[async_trait]
impl KeyCustody for SlowSigner {
    async fn import(&self, algorithm: Algorithm, pem: &Zeroizing<String>) -> Result<NewKey, CustodyError> {
        pause().await;
        self.signer.import(algorithm, pem).await
    }

    async fn export(&self, key: &SigningKey) -> Result<PemPair, SignerError> {
        pause().await;
        self.signer.export(key).await
    }

    async fn reseal(&self, key: &SigningKey) -> Result<Sealed, SignerError> {
        pause().await;
        self.signer.reseal(key).await
    }
}

/// When the token that is being signed is over.
fn over(message: &[u8]) -> Timestamp {
    let token = compact(std::str::from_utf8(message).unwrap(), &[]);
    let claims = Unverified::parse(&token).and_then(|token| token.claims()).unwrap();
    Timestamp::from_unix_seconds(claims.life().1)
}
