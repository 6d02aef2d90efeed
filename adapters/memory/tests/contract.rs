//! The in-memory adapter keeps the contracts of its ports.

use std::sync::Arc;

use jwksd_domain::ports::{
    AuditLog, ClientRepository, KeyRepository, OtpRepository, RevocationList, SecondFactorRepository,
    SessionRepository, UserRepository,
};
use jwksd_memory::{
    MemoryAuditLog, MemoryClientRepository, MemoryKeyRepository, MemoryOtpRepository, MemoryRevocationList,
    MemorySealedSecrets, MemorySecondFactorRepository, MemorySessionJournal, MemorySessionRepository,
    MemoryStatusLists, MemoryStatusSources, MemoryUserRepository,
};
use jwksd_testkit::Fixture;
use jwksd_testkit::suites::password_hash_survey::SurveyUnderTest;
use jwksd_testkit::suites::sealed_secrets::SecretsUnderTest;
use jwksd_testkit::suites::session_journal::JournalUnderTest;
use jwksd_testkit::suites::status_lists::StatusListsUnderTest;

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
    Arc::new(MemoryKeyRepository::default())
}

async fn users() -> Arc<dyn UserRepository> {
    Arc::new(MemoryUserRepository::default())
}

async fn survey() -> SurveyUnderTest {
    let users = Arc::new(MemoryUserRepository::default());
    SurveyUnderTest { survey: Fixture::keeping((), Arc::clone(&users) as _), users }
}

async fn sealed_secrets() -> SecretsUnderTest {
    let keys = Arc::new(MemoryKeyRepository::default());
    let (sessions, codes) = (Arc::new(MemorySessionRepository::default()), Arc::new(MemoryOtpRepository::default()));
    let second_factors = Arc::new(MemorySecondFactorRepository::default());
    let secrets = MemorySealedSecrets::new(
        Arc::clone(&keys),
        Arc::clone(&sessions),
        Arc::clone(&codes),
        Arc::clone(&second_factors),
    );
    SecretsUnderTest { secrets: Fixture::keeping((), Arc::new(secrets)), keys, sessions, codes, second_factors }
}

async fn journal() -> JournalUnderTest {
    let (users, sessions) = (Arc::new(MemoryUserRepository::default()), Arc::new(MemorySessionRepository::default()));
    let audit_log = Arc::new(MemoryAuditLog::default());
    let journal = MemorySessionJournal::new(Arc::clone(&users), Arc::clone(&sessions), Arc::clone(&audit_log));
    JournalUnderTest { journal: Fixture::keeping((), Arc::new(journal)), sessions, users, audit_log }
}

async fn sessions() -> Arc<dyn SessionRepository> {
    Arc::new(MemorySessionRepository::default())
}

async fn clients() -> Arc<dyn ClientRepository> {
    Arc::new(MemoryClientRepository::default())
}

async fn revocations() -> Arc<dyn RevocationList> {
    Arc::new(MemoryRevocationList::default())
}

async fn status_lists() -> StatusListsUnderTest {
    let sources = MemoryStatusSources::default();
    let MemoryStatusSources { users, sessions, clients, revocations, audit: audit_log } = sources.clone();
    let lists = Fixture::keeping((), Arc::new(MemoryStatusLists::new(sources)) as _);
    StatusListsUnderTest { lists, users, sessions, clients, revocations, audit_log }
}

async fn codes() -> Arc<dyn OtpRepository> {
    Arc::new(MemoryOtpRepository::default())
}

async fn second_factors() -> Arc<dyn SecondFactorRepository> {
    Arc::new(MemorySecondFactorRepository::default())
}

async fn audit_log() -> Arc<dyn AuditLog> {
    Arc::new(MemoryAuditLog::default())
}
