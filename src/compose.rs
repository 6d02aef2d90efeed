//! The only place that names adapters: which of them stands behind which port, and which store behind which database URL.

mod http;
mod mail;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Context;
use jwksd_aes::AesGcmCipher;
use jwksd_argon2::{Argon2Hasher, Argon2Params, Bounds};
use jwksd_domain::ports::{
    AuditLog, Cipher, ClientRepository, Clock, Entropy, KeyCustody, KeyRepository, OtpRepository, PasswordHashSurvey,
    PasswordHasher, RateLimiter, RevocationList, SealedSecrets, SecondFactorRepository, SessionJournal,
    SessionRepository, SignatureVerifier, Signer, StatusLists, UserRepository,
};
use jwksd_governor::GovernorLimiter;
use jwksd_jose::{RsaSize, SoftwareSigner, SoftwareVerifier};
use jwksd_memory::{
    MemoryAuditLog, MemoryClientRepository, MemoryKeyRepository, MemoryOtpRepository, MemoryRevocationList,
    MemorySealedSecrets, MemorySecondFactorRepository, MemorySessionJournal, MemorySessionRepository,
    MemoryStatusLists, MemoryStatusSources, MemoryUserRepository,
};
use jwksd_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use jwksd_system::{OsEntropy, SystemClock};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use crate::config::{Config, Database, Durability, EncryptionKey, RsaBits};
use crate::encryption::Encryption;
use crate::wiring::UseCases;

pub use mail::Mailing;

/// What one database keeps.
#[derive(Clone)]
pub struct Stores {
    /// The key ring.
    pub keys: Arc<dyn KeyRepository>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// What the hashes of their passwords cost.
    pub password_hashes: Arc<dyn PasswordHashSurvey>,
    /// The sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Where they move on.
    pub session_journal: Arc<dyn SessionJournal>,
    /// Whatever of it is sealed.
    pub sealed_secrets: Arc<dyn SealedSecrets>,
    /// The clients.
    pub clients: Arc<dyn ClientRepository>,
    /// The tokens that were called back.
    pub revocations: Arc<dyn RevocationList>,
    /// The status of tokens.
    pub status_lists: Arc<dyn StatusLists>,
    /// The one-time codes that are out.
    pub codes: Arc<dyn OtpRepository>,
    /// The second factors.
    pub second_factors: Arc<dyn SecondFactorRepository>,
    /// The audit log.
    pub audit: Arc<dyn AuditLog>,
    /// How many keys an older program has left in the database, which jwksd does not use.
    pub adopted_keys: u64,
    sqlite: Option<SqliteStore>,
}

/// Everything behind the ports.
#[derive(Clone)]
pub struct Ports {
    /// What is kept.
    pub stores: Stores,
    /// Makes keys and signs.
    pub signer: Arc<dyn Signer>,
    /// Takes private halves in and gives them out.
    pub custody: Arc<dyn KeyCustody>,
    /// Seals the secrets of sessions and of second factors.
    pub cipher: Arc<dyn Cipher>,
    /// Checks signatures.
    pub verifier: Arc<dyn SignatureVerifier>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Counts attempts.
    pub limiter: Arc<dyn RateLimiter>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Sends mails, where that can be done.
    pub mail: Option<Mailing>,
}

impl Stores {
    /// Opens the database of `config`.
    ///
    /// # Errors
    /// Says in one line why it cannot be opened.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        match &config.database {
            Database::SqliteFile(_) | Database::SqliteMemory => Self::sqlite(config).await,
            Database::Memory => Ok(Self::memory()),
        }
    }

    /// Empty stores that forget everything with the process.
    pub fn memory() -> Self {
        let (keys, users) = (Arc::new(MemoryKeyRepository::default()), Arc::new(MemoryUserRepository::default()));
        let (codes, factors) =
            (Arc::new(MemoryOtpRepository::default()), Arc::new(MemorySecondFactorRepository::default()));
        let (sessions, audit) = (Arc::new(MemorySessionRepository::default()), Arc::new(MemoryAuditLog::default()));
        let journal = MemorySessionJournal::new(Arc::clone(&users), Arc::clone(&sessions), Arc::clone(&audit));
        let sealed = MemorySealedSecrets::new(
            Arc::clone(&keys),
            Arc::clone(&sessions),
            Arc::clone(&codes),
            Arc::clone(&factors),
        );
        let (clients, revocations) =
            (Arc::new(MemoryClientRepository::default()), Arc::new(MemoryRevocationList::default()));
        let status_lists = MemoryStatusLists::new(MemoryStatusSources {
            users: Arc::clone(&users),
            sessions: Arc::clone(&sessions),
            clients: Arc::clone(&clients),
            revocations: Arc::clone(&revocations),
            audit: Arc::clone(&audit),
        });
        Self {
            keys,
            password_hashes: Arc::clone(&users) as _,
            users,
            sealed_secrets: Arc::new(sealed),
            sessions,
            session_journal: Arc::new(journal),
            clients,
            revocations,
            status_lists: Arc::new(status_lists),
            codes,
            second_factors: factors,
            audit,
            adopted_keys: 0,
            sqlite: None,
        }
    }

    /// Closes the database; what was answered is kept.
    pub async fn close(&self) {
        if let Some(sqlite) = &self.sqlite {
            sqlite.close().await;
        }
    }

    async fn sqlite(config: &Config) -> anyhow::Result<Self> {
        let synchronous = match config.durability {
            Durability::Process => Synchronous::Normal,
            Durability::Machine => Synchronous::Full,
        };
        let store =
            SqliteStore::open(&SqliteOptions { synchronous, ..SqliteOptions::new(config.database.url()) }).await?;
        Ok(Self {
            keys: store.keys(),
            users: store.users(),
            password_hashes: store.password_hashes(),
            sessions: store.sessions(),
            session_journal: store.session_journal(),
            sealed_secrets: store.sealed_secrets(),
            clients: store.clients(),
            revocations: store.revocations(),
            status_lists: store.status_lists(),
            codes: store.codes(),
            second_factors: store.second_factors(),
            audit: store.audit_log(),
            adopted_keys: store.count_adopted_keys().await?,
            sqlite: Some(store),
        })
    }
}

impl Ports {
    /// What stands behind the ports by `config`.
    ///
    /// # Errors
    /// Fails where the parameters of the password hash are impossible, and where the sender of mails is no address.
    pub fn of(config: &Config, stores: Stores, encryption: &Encryption) -> anyhow::Result<Self> {
        let (clock, entropy) = (clock(), entropy());
        let (signer, custody) = key_keeper(config, encryption, Arc::clone(&entropy));
        let mail = config.mail.transport.as_ref().map(|transport| Mailing::through(transport, &clock, &entropy));
        let mail = mail.transpose()?;
        Ok(Self {
            mail,
            stores,
            signer,
            custody,
            cipher: cipher(encryption, Arc::clone(&entropy)),
            verifier: verifier(),
            hasher: hasher(config)?,
            limiter: limiter(config, Arc::clone(&clock)),
            clock,
            entropy,
        })
    }
}

/// The clock of the machine.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// The randomness of the operating system.
pub fn entropy() -> Arc<dyn Entropy> {
    Arc::new(OsEntropy)
}

/// What makes keys and signs, and, as the same thing seen from another side, takes private halves in and gives them out;
/// `encryption` seals them.
pub fn key_keeper(
    config: &Config,
    encryption: &Encryption,
    entropy: Arc<dyn Entropy>,
) -> (Arc<dyn Signer>, Arc<dyn KeyCustody>) {
    let size = match config.rsa_bits {
        RsaBits::Of2048 => RsaSize::Bits2048,
        RsaBits::Of3072 => RsaSize::Bits3072,
        RsaBits::Of4096 => RsaSize::Bits4096,
    };
    let keeper = Arc::new(SoftwareSigner::new(cipher(encryption, entropy), size));
    (Arc::clone(&keeper) as _, keeper)
}

/// What seals secrets at rest with the keys of `encryption`.
pub fn cipher(encryption: &Encryption, entropy: Arc<dyn Entropy>) -> Arc<dyn Cipher> {
    let sealing = |key: &EncryptionKey| jwksd_aes::EncryptionKey::new(*key.expose());
    let previous = encryption.previous.iter().map(sealing).collect();
    Arc::new(AesGcmCipher::new(sealing(&encryption.current), previous, entropy))
}

/// What counts attempts, by the quotas of `config`.
pub fn limiter(config: &Config, clock: Arc<dyn Clock>) -> Arc<dyn RateLimiter> {
    Arc::new(GovernorLimiter::new(config.quotas, clock))
}

/// What checks signatures.
pub fn verifier() -> Arc<dyn SignatureVerifier> {
    Arc::new(SoftwareVerifier)
}

/// What hashes passwords: a hash a core, so that a flood takes no more memory than that.
///
/// # Errors
/// Fails where the parameters are impossible.
pub fn hasher(config: &Config) -> anyhow::Result<Arc<dyn PasswordHasher>> {
    let hashing = config.hashing;
    let params = Argon2Params {
        memory_kib: hashing.memory_kib,
        iterations: hashing.iterations,
        parallelism: hashing.parallelism,
    };
    let queue = usize::try_from(hashing.queue).context("--hash-queue is too large")?;
    let bounds = Bounds { queue, ..Bounds::of_cores(available_parallelism().unwrap_or(NonZeroUsize::MIN)) };
    Ok(Arc::new(Argon2Hasher::new(params, bounds, entropy())?))
}

/// Everything that is served, until `stopping` turns true.
pub fn endpoint(
    config: &Config,
    ports: &Ports,
    cases: &UseCases,
    metrics: &PrometheusHandle,
    stopping: watch::Receiver<bool>,
) -> impl poem::Endpoint<Output = poem::Response> + use<> {
    let metrics = metrics.clone();
    jwksd_http::service(http::parts(config, ports, cases, (Arc::new(move || metrics.render()), stopping)))
}

/// The OpenAPI document of the profile, as indented JSON. Starts nothing and opens no database.
///
/// # Errors
/// Fails where the parameters of the password hash are impossible.
pub fn openapi_document(config: &Config) -> anyhow::Result<String> {
    let encryption = Encryption::ephemeral(&*entropy());
    let ports = Ports::of(config, Stores::memory(), &encryption)?;
    let cases = UseCases::new(config, &ports);
    Ok(jwksd_http::document(http::parts(config, &ports, &cases, (Arc::new(String::new), watch::channel(false).1))))
}
