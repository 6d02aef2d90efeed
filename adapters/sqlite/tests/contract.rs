//! The SQLite adapter keeps the contracts of its ports, in a file and in memory.

#![expect(clippy::unwrap_used, reason = "these are tests, helpers included")]

use std::any::Any;

use async_trait::async_trait;
use jwksd_domain::ports::{
    AuditLog, ClientRepository, KeyRepository, OtpRepository, RevocationList, SecondFactorRepository,
    SessionRepository, UserRepository,
};
use jwksd_sqlite::{SqliteOptions, SqliteStore};
use jwksd_testkit::Fixture;
use jwksd_testkit::suites::durability::{Durable, Stores};
use jwksd_testkit::suites::password_hash_survey::SurveyUnderTest;
use jwksd_testkit::suites::sealed_secrets::SecretsUnderTest;
use jwksd_testkit::suites::session_journal::JournalUnderTest;
use jwksd_testkit::suites::status_lists::StatusListsUnderTest;
use tempfile::TempDir;

jwksd_testkit::key_repository_suite!(keys);
jwksd_testkit::user_repository_suite!(users);
jwksd_testkit::password_hash_survey_suite!(survey);
jwksd_testkit::sealed_secrets_suite!(sealed_secrets);
jwksd_testkit::session_journal_suite!(journal);
jwksd_testkit::session_repository_suite!(sessions);
jwksd_testkit::client_repository_suite!(clients);
jwksd_testkit::revocation_list_suite!(revocations);
jwksd_testkit::status_lists_suite!(status_lists);
jwksd_testkit::otp_repository_suite!(codes);
jwksd_testkit::second_factor_repository_suite!(second_factors);
jwksd_testkit::audit_log_suite!(audit_log);
jwksd_testkit::durability_suite!(folder);

mod in_memory {
    //! The same suites over a database without a file.

    use std::sync::Arc;

    use super::{
        AuditLog, ClientRepository, Fixture, JournalUnderTest, KeyRepository, OtpRepository, RevocationList,
        SecondFactorRepository, SecretsUnderTest, SessionRepository, SqliteOptions, SqliteStore, StatusListsUnderTest,
        SurveyUnderTest, UserRepository, journal_of, secrets_of, status_lists_of,
    };

    jwksd_testkit::key_repository_suite!(keys);
    jwksd_testkit::user_repository_suite!(users);
    jwksd_testkit::password_hash_survey_suite!(survey);
    jwksd_testkit::sealed_secrets_suite!(sealed_secrets);
    jwksd_testkit::session_journal_suite!(journal);
    jwksd_testkit::session_repository_suite!(sessions);
    jwksd_testkit::client_repository_suite!(clients);
    jwksd_testkit::revocation_list_suite!(revocations);
    jwksd_testkit::status_lists_suite!(status_lists);
    jwksd_testkit::otp_repository_suite!(codes);
    jwksd_testkit::second_factor_repository_suite!(second_factors);
    jwksd_testkit::audit_log_suite!(audit_log);

    async fn keys() -> Arc<dyn KeyRepository> {
        store().await.keys()
    }

    async fn users() -> Arc<dyn UserRepository> {
        store().await.users()
    }

    async fn survey() -> SurveyUnderTest {
        let store = store().await;
        SurveyUnderTest { survey: Fixture::keeping((), store.password_hashes()), users: store.users() }
    }

    async fn sealed_secrets() -> SecretsUnderTest {
        secrets_of(&store().await, ())
    }

    async fn journal() -> JournalUnderTest {
        journal_of(&store().await, ())
    }

    async fn sessions() -> Arc<dyn SessionRepository> {
        store().await.sessions()
    }

    async fn clients() -> Arc<dyn ClientRepository> {
        store().await.clients()
    }

    async fn revocations() -> Arc<dyn RevocationList> {
        store().await.revocations()
    }

    async fn status_lists() -> StatusListsUnderTest {
        status_lists_of(&store().await, ())
    }

    async fn codes() -> Arc<dyn OtpRepository> {
        store().await.codes()
    }

    async fn second_factors() -> Arc<dyn SecondFactorRepository> {
        store().await.second_factors()
    }

    async fn audit_log() -> Arc<dyn AuditLog> {
        store().await.audit_log()
    }

    async fn store() -> SqliteStore {
        SqliteStore::open(&SqliteOptions::new("sqlite::memory:")).await.unwrap()
    }
}

async fn keys() -> Fixture<dyn KeyRepository> {
    let folder = folder().await;
    let port = folder.store().await.keys();
    Fixture::keeping(folder, port)
}

async fn users() -> Fixture<dyn UserRepository> {
    let folder = folder().await;
    let port = folder.store().await.users();
    Fixture::keeping(folder, port)
}

async fn survey() -> SurveyUnderTest {
    let folder = folder().await;
    let store = folder.store().await;
    SurveyUnderTest { survey: Fixture::keeping(folder, store.password_hashes()), users: store.users() }
}

async fn sealed_secrets() -> SecretsUnderTest {
    let folder = folder().await;
    secrets_of(&folder.store().await, folder)
}

/// What a store keeps sealed, which needs `kept` as long as it lives.
fn secrets_of(store: &SqliteStore, kept: impl Any + Send + Sync) -> SecretsUnderTest {
    SecretsUnderTest {
        secrets: Fixture::keeping(kept, store.sealed_secrets()),
        keys: store.keys(),
        sessions: store.sessions(),
        codes: store.codes(),
        second_factors: store.second_factors(),
    }
}

async fn journal() -> JournalUnderTest {
    let folder = folder().await;
    journal_of(&folder.store().await, folder)
}

/// The journal of a store, which needs `kept` as long as it lives.
fn journal_of(store: &SqliteStore, kept: impl Any + Send + Sync) -> JournalUnderTest {
    JournalUnderTest {
        journal: Fixture::keeping(kept, store.session_journal()),
        sessions: store.sessions(),
        users: store.users(),
        audit_log: store.audit_log(),
    }
}

async fn status_lists() -> StatusListsUnderTest {
    let folder = folder().await;
    status_lists_of(&folder.store().await, folder)
}

/// The status lists of a store, which needs `kept` as long as it lives.
fn status_lists_of(store: &SqliteStore, kept: impl Any + Send + Sync) -> StatusListsUnderTest {
    StatusListsUnderTest {
        lists: Fixture::keeping(kept, store.status_lists()),
        users: store.users(),
        sessions: store.sessions(),
        clients: store.clients(),
        revocations: store.revocations(),
        audit_log: store.audit_log(),
    }
}

async fn sessions() -> Fixture<dyn SessionRepository> {
    let folder = folder().await;
    let port = folder.store().await.sessions();
    Fixture::keeping(folder, port)
}

async fn clients() -> Fixture<dyn ClientRepository> {
    let folder = folder().await;
    let port = folder.store().await.clients();
    Fixture::keeping(folder, port)
}

async fn revocations() -> Fixture<dyn RevocationList> {
    let folder = folder().await;
    let port = folder.store().await.revocations();
    Fixture::keeping(folder, port)
}

async fn codes() -> Fixture<dyn OtpRepository> {
    let folder = folder().await;
    let port = folder.store().await.codes();
    Fixture::keeping(folder, port)
}

async fn second_factors() -> Fixture<dyn SecondFactorRepository> {
    let folder = folder().await;
    let port = folder.store().await.second_factors();
    Fixture::keeping(folder, port)
}

async fn audit_log() -> Fixture<dyn AuditLog> {
    let folder = folder().await;
    let port = folder.store().await.audit_log();
    Fixture::keeping(folder, port)
}

async fn folder() -> Folder {
    Folder(tempfile::tempdir().unwrap())
}

struct Folder(TempDir);

impl Folder {
    async fn store(&self) -> SqliteStore {
        let url = format!("sqlite:{}/test.db", self.0.path().display());
        SqliteStore::open(&SqliteOptions::new(url)).await.unwrap()
    }
}

#[async_trait]
impl Durable for Folder {
    async fn open(&self) -> Stores {
        let store = self.store().await;
        Stores {
            keys: store.keys(),
            users: store.users(),
            sessions: store.sessions(),
            session_journal: store.session_journal(),
            clients: store.clients(),
            revocations: store.revocations(),
            status_lists: store.status_lists(),
            codes: store.codes(),
            second_factors: store.second_factors(),
            sealed_secrets: store.sealed_secrets(),
            audit_log: store.audit_log(),
        }
    }
}
