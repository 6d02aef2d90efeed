//! What becomes of the file: adoption of older ones, what programs outside see, and what happens when it cannot be used.

#![expect(clippy::unwrap_used, reason = "these are tests, helpers included")]

mod adoption;
mod outside;
mod sealing;
mod trouble;

use std::path::PathBuf;
use std::time::Duration;

use jwksd_domain::audit::{AuditEntry, Event, Origin, Outcome};
use jwksd_domain::key::{
    Algorithm, EncryptionKeyId, KeyPurpose, KeyRing, KeySchedule, PublicJwk, PublicParameters, SigningKey,
};
use jwksd_domain::ports::{AuditFilter, Sealed, UserLookup};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{Email, LoginName, NewUser, PasswordHash, Role, User, Username};
use jwksd_sqlite::{OpenError, SqliteOptions, SqliteStore};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqliteConnection};
use tempfile::TempDir;

/// A folder with one database file, not made yet.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.file("test.db")).unwrap()
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.file("test.db").display())
    }

    /// Options that do not wait long.
    fn options(&self) -> SqliteOptions {
        SqliteOptions { busy_timeout: Duration::from_millis(50), ..SqliteOptions::new(self.url()) }
    }

    async fn open(&self) -> SqliteStore {
        SqliteStore::open(&SqliteOptions::new(self.url())).await.unwrap()
    }

    async fn open_error(&self) -> OpenError {
        SqliteStore::open(&self.options()).await.err().unwrap()
    }

    /// A program outside: another connection, which does not wait for locks.
    async fn outside(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.file("test.db")).create_if_missing(true);
        options.foreign_keys(false).busy_timeout(Duration::ZERO).connect().await.unwrap()
    }

    /// Has a program outside do something and end.
    async fn execute(&self, statements: &str) {
        let mut outside = self.outside().await;
        outside.execute(AssertSqlSafe(statements.to_owned())).await.unwrap();
        outside.close().await.unwrap();
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + seconds)
}

fn entry(name: &str) -> AuditEntry {
    let origin = Origin::new([192, 0, 2, 1].into(), None);
    AuditEntry { name: Some(name.to_owned()), ..AuditEntry::new(at(0), origin, Event::Login, Outcome::BadCredentials) }
}

fn new_user(name: &str, email: Option<&str>) -> NewUser {
    NewUser {
        username: Username::parse(name).unwrap(),
        email: email.map(|email| Email::parse(email).unwrap()),
        email_verified: false,
        password_hash: PasswordHash("$argon2id$".to_owned()),
        role: Role::Read,
        registered_at: at(0),
        demo: false,
    }
}

fn key(seed: u8) -> SigningKey {
    let parameters = PublicParameters::Okp { x: vec![seed; 32] };
    let sealed_by = EncryptionKeyId::stored("0123456789abcdef".to_owned());
    SigningKey {
        public: PublicJwk::new(Algorithm::EdDsa, parameters),
        private: Sealed { bytes: vec![seed; 40], sealed_by },
        purpose: KeyPurpose::Signing,
        created_at: at(0),
        schedule: KeySchedule::new(at(0), at(1), at(2), Duration::from_secs(3)),
        revocation: None,
    }
}

fn ring(revision: u64, seeds: &[u8]) -> KeyRing {
    KeyRing { revision, keys: seeds.iter().copied().map(key).collect(), ..KeyRing::default() }
}

async fn find(store: &SqliteStore, name: &str) -> Option<User> {
    store.users().find(UserLookup::Name(&LoginName::parse(name).unwrap())).await.unwrap()
}

/// The names in the audit log, newest first.
async fn logged_names(store: &SqliteStore) -> Vec<Option<String>> {
    let page = store.audit_log().page(AuditFilter::default(), None, 1000).await.unwrap();
    page.entries.into_iter().map(|stored| stored.entry.name).collect()
}
