//! The SQLite adapter keeps the contracts of its ports, in a file and in memory.

#![expect(clippy::unwrap_used, reason = "these are tests, helpers included")]

use async_trait::async_trait;
use jwksd_domain::ports::{
    AuditLog, KeyRepository, OtpRepository, SecondFactorRepository, SessionRepository, UserRepository,
};
use jwksd_sqlite::{SqliteOptions, SqliteStore};
use jwksd_testkit::Fixture;
use jwksd_testkit::suites::durability::{Durable, Stores};
use jwksd_testkit::suites::password_hash_survey::SurveyUnderTest;
use tempfile::TempDir;

jwksd_testkit::key_repository_suite!(keys);
jwksd_testkit::user_repository_suite!(users);
jwksd_testkit::password_hash_survey_suite!(survey);
jwksd_testkit::session_repository_suite!(sessions);
jwksd_testkit::otp_repository_suite!(codes);
jwksd_testkit::second_factor_repository_suite!(second_factors);
jwksd_testkit::audit_log_suite!(audit_log);
jwksd_testkit::durability_suite!(folder);

mod in_memory {
    //! The same suites over a database without a file.

    use std::sync::Arc;

    use super::{
        AuditLog, Fixture, KeyRepository, OtpRepository, SecondFactorRepository, SessionRepository, SqliteOptions,
        SqliteStore, SurveyUnderTest, UserRepository,
    };

    jwksd_testkit::key_repository_suite!(keys);
    jwksd_testkit::user_repository_suite!(users);
    jwksd_testkit::password_hash_survey_suite!(survey);
    jwksd_testkit::session_repository_suite!(sessions);
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

    async fn sessions() -> Arc<dyn SessionRepository> {
        store().await.sessions()
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

async fn sessions() -> Fixture<dyn SessionRepository> {
    let folder = folder().await;
    let port = folder.store().await.sessions();
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
            codes: store.codes(),
            second_factors: store.second_factors(),
            audit_log: store.audit_log(),
        }
    }
}
