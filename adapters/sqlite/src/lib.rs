//! The SQLite adapter: keys, users, sessions, second factors, clients and audit log in one file.
//!
//! One writer (`writer`) takes all changes from a bounded queue and commits what has come together in one transaction;
//! a pool of readers asks beside it. Whatever is to be done over a connection is a `Task`; the port implementations (one file a
//! port) hand tasks to the `Store`, and `*_rows` hold the longer SQL. `open` makes a file ready: it checks the shape of an older
//! database, migrates it and switches to the write-ahead log.
//!
//! The tables `keys`, `users` and `auth_logs` are read by programs outside and never change; everything else stands in tables
//! beside them (`migrations/sqlite`).

mod audit_log;
mod client_repository;
mod client_rows;
mod error;
mod key_repository;
mod key_rows;
mod open;
mod open_error;
mod open_file;
mod options;
mod otp_repository;
mod otp_rows;
mod password_hash_survey;
mod public_jwk;
mod queue;
mod revocation_list;
mod script;
mod sealed;
mod sealed_rows;
mod sealed_secrets;
mod second_factor_repository;
mod second_factor_rows;
mod session_journal;
mod session_repository;
mod session_rows;
mod shape;
mod status_lists;
mod store;
mod task;
mod user_repository;
mod user_rows;
mod writer;

pub use open_error::OpenError;
pub use options::{SqliteOptions, Synchronous};

use std::sync::Arc;

use jwksd_domain::ports::{
    AuditLog, ClientRepository, KeyRepository, OtpRepository, PasswordHashSurvey, RevocationList, SealedSecrets,
    SecondFactorRepository, SessionJournal, SessionRepository, StatusLists, StoreError, UserRepository,
};

use audit_log::SqliteAuditLog;
use client_repository::SqliteClientRepository;
use key_repository::{CountAdopted, SqliteKeyRepository};
use otp_repository::SqliteOtpRepository;
use password_hash_survey::SqlitePasswordHashSurvey;
use revocation_list::SqliteRevocationList;
use sealed_secrets::SqliteSealedSecrets;
use second_factor_repository::SqliteSecondFactorRepository;
use session_journal::SqliteSessionJournal;
use session_repository::SqliteSessionRepository;
use status_lists::SqliteStatusLists;
use store::Store;
use user_repository::SqliteUserRepository;

/// One open SQLite database. Clones share it.
#[derive(Clone)]
pub struct SqliteStore(Arc<Store>);

impl SqliteStore {
    /// Opens a database: makes it if there is none, adopts an older one, migrates it. Writes nothing to a current one, and
    /// nothing where it fails. Must be called within a tokio runtime, which then runs the writer.
    ///
    /// # Errors
    /// Says in one line which file is the matter and why it cannot be used.
    pub async fn open(options: &SqliteOptions) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(open::open(options).await?)))
    }

    /// The key ring in this database.
    pub fn keys(&self) -> Arc<dyn KeyRepository> {
        Arc::new(SqliteKeyRepository(Arc::clone(&self.0)))
    }

    /// The users in this database.
    pub fn users(&self) -> Arc<dyn UserRepository> {
        Arc::new(SqliteUserRepository(Arc::clone(&self.0)))
    }

    /// A survey of the password hashes in this database.
    pub fn password_hashes(&self) -> Arc<dyn PasswordHashSurvey> {
        Arc::new(SqlitePasswordHashSurvey(Arc::clone(&self.0)))
    }

    /// The sessions in this database.
    pub fn sessions(&self) -> Arc<dyn SessionRepository> {
        Arc::new(SqliteSessionRepository(Arc::clone(&self.0)))
    }

    /// Where the sessions in this database move on.
    pub fn session_journal(&self) -> Arc<dyn SessionJournal> {
        Arc::new(SqliteSessionJournal(Arc::clone(&self.0)))
    }

    /// The clients in this database.
    pub fn clients(&self) -> Arc<dyn ClientRepository> {
        Arc::new(SqliteClientRepository(Arc::clone(&self.0)))
    }

    /// The revoked tokens in this database.
    pub fn revocations(&self) -> Arc<dyn RevocationList> {
        Arc::new(SqliteRevocationList(Arc::clone(&self.0)))
    }

    /// The status lists of the tokens that this database tells of.
    pub fn status_lists(&self) -> Arc<dyn StatusLists> {
        Arc::new(SqliteStatusLists(Arc::clone(&self.0)))
    }

    /// The one-time codes in this database.
    pub fn codes(&self) -> Arc<dyn OtpRepository> {
        Arc::new(SqliteOtpRepository(Arc::clone(&self.0)))
    }

    /// Everything that is kept sealed in this database.
    pub fn sealed_secrets(&self) -> Arc<dyn SealedSecrets> {
        Arc::new(SqliteSealedSecrets(Arc::clone(&self.0)))
    }

    /// The second factors in this database.
    pub fn second_factors(&self) -> Arc<dyn SecondFactorRepository> {
        Arc::new(SqliteSecondFactorRepository(Arc::clone(&self.0)))
    }

    /// The audit log in this database.
    pub fn audit_log(&self) -> Arc<dyn AuditLog> {
        Arc::new(SqliteAuditLog(Arc::clone(&self.0)))
    }

    /// How many rows of the table `keys` are not of the ring: those of an older program, which are left alone.
    ///
    /// # Errors
    /// Fails where the database cannot be read now.
    pub async fn count_adopted_keys(&self) -> Result<u64, StoreError> {
        Ok(self.0.read(CountAdopted).await?)
    }

    /// Takes no more writes, commits those that wait, folds the write-ahead log into the file and closes it. Every later
    /// call answers [`StoreError::Unavailable`]. A store that is dropped without this loses nothing.
    pub async fn close(&self) {
        self.0.close().await;
    }
}
