//! The only place that names adapters: which of them stands behind which port, and which store behind which database URL.

mod mail;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Context;
use jwksd_aes::AesGcmCipher;
use jwksd_argon2::{Argon2Hasher, Argon2Params, Bounds};
use jwksd_domain::ports::{
    AuditLog, Cipher, Clock, Entropy, KeyCustody, KeyRepository, OtpRepository, PasswordHashSurvey, PasswordHasher,
    RateLimiter, SecondFactorRepository, SessionRepository, SignatureVerifier, Signer, UserRepository,
};
use jwksd_governor::GovernorLimiter;
use jwksd_http::{CodeParts, HttpParts, HttpSettings, MailParts};
use jwksd_jose::{RsaSize, SoftwareSigner, SoftwareVerifier};
use jwksd_memory::{
    MemoryAuditLog, MemoryKeyRepository, MemoryOtpRepository, MemorySecondFactorRepository, MemorySessionRepository,
    MemoryUserRepository,
};
use jwksd_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use jwksd_system::{OsEntropy, SystemClock};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::config::{Config, Database, Durability, EncryptionKey, RsaBits};
use crate::encryption::Encryption;
use crate::wiring::{MailUseCases, UseCases};

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
        let users = Arc::new(MemoryUserRepository::default());
        Self {
            keys: Arc::new(MemoryKeyRepository::default()),
            password_hashes: Arc::clone(&users) as _,
            users,
            sessions: Arc::new(MemorySessionRepository::default()),
            codes: Arc::new(MemoryOtpRepository::default()),
            second_factors: Arc::new(MemorySecondFactorRepository::default()),
            audit: Arc::new(MemoryAuditLog::default()),
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

/// Everything that is served.
pub fn endpoint(
    config: &Config,
    ports: &Ports,
    cases: &UseCases,
    metrics: &PrometheusHandle,
) -> impl poem::Endpoint<Output = poem::Response> + use<> {
    let metrics = metrics.clone();
    jwksd_http::service(http_parts(config, ports, cases, Arc::new(move || metrics.render())))
}

/// The OpenAPI document of the profile, as indented JSON. Starts nothing and opens no database.
///
/// # Errors
/// Fails where the parameters of the password hash are impossible.
pub fn openapi_document(config: &Config) -> anyhow::Result<String> {
    let encryption = Encryption::ephemeral(&*entropy());
    let ports = Ports::of(config, Stores::memory(), &encryption)?;
    let cases = UseCases::new(config, &ports);
    Ok(jwksd_http::document(http_parts(config, &ports, &cases, Arc::new(String::new))))
}

fn http_parts(
    config: &Config,
    ports: &Ports,
    cases: &UseCases,
    render_metrics: jwksd_http::RenderMetrics,
) -> HttpParts {
    HttpParts {
        settings: HttpSettings {
            issuer: config.token_policy().issuer,
            trusted_proxies: config.trusted_proxies.clone(),
            cors_origins: config.cors_origins.clone(),
            body_timeout: config.timeouts.body,
        },
        publish_keys: Arc::clone(&cases.publish_keys),
        log_in: Arc::clone(&cases.log_in),
        log_in_to_session: Arc::clone(&cases.sessions.log_in),
        refresh_session: Arc::clone(&cases.sessions.refresh),
        log_out: Arc::clone(&cases.sessions.log_out),
        list_sessions: Arc::clone(&cases.sessions.list),
        end_sessions: Arc::clone(&cases.sessions.end),
        change_password: Arc::clone(&cases.change_password),
        mail: cases.mail.as_ref().map(mail_parts),
        read_outbox: ports.mail.as_ref().and_then(Mailing::read_outbox),
        find_totp: Arc::clone(&cases.second_factors.find),
        enrol_totp: Arc::clone(&cases.second_factors.enrol),
        confirm_totp: Arc::clone(&cases.second_factors.confirm),
        renew_recovery_codes: Arc::clone(&cases.second_factors.renew),
        remove_totp: Arc::clone(&cases.second_factors.remove),
        reset_totp: Arc::clone(&cases.second_factors.reset),
        register_user: Arc::clone(&cases.register_user),
        add_user: Arc::clone(&cases.add_user),
        authenticate_token: Arc::clone(&cases.authenticate_token),
        list_keys: Arc::clone(&cases.list_keys),
        rotate_keys: Arc::clone(&cases.rotate_keys),
        revoke_key: Arc::clone(&cases.revoke_key),
        import_key: Arc::clone(&cases.import_key),
        clean_up_keys: Arc::clone(&cases.clean_up_keys),
        list_audit_log: Arc::clone(&cases.list_audit_log),
        list_users: Arc::clone(&cases.list_users),
        find_user: Arc::clone(&cases.find_user),
        change_user: Arc::clone(&cases.change_user),
        check_health: Arc::clone(&cases.check_health),
        render_metrics,
        issue_demo_token: cases.dev.as_ref().map(|dev| Arc::clone(&dev.issue_demo_token)),
    }
}

fn mail_parts(cases: &MailUseCases) -> MailParts {
    MailParts {
        request_password_reset: Arc::clone(&cases.request_password_reset),
        reset_password: Arc::clone(&cases.reset_password),
        codes: cases
            .codes
            .as_ref()
            .map(|codes| CodeParts { request: Arc::clone(&codes.request), log_in: Arc::clone(&codes.log_in) }),
    }
}
