//! The in-memory adapter keeps the contracts of its ports.

use std::sync::Arc;

use jwksd_domain::ports::{
    AuditLog, KeyRepository, OtpRepository, SecondFactorRepository, SessionRepository, UserRepository,
};
use jwksd_memory::{
    MemoryAuditLog, MemoryKeyRepository, MemoryOtpRepository, MemorySecondFactorRepository, MemorySessionRepository,
    MemoryUserRepository,
};
use jwksd_testkit::Fixture;
use jwksd_testkit::suites::password_hash_survey::SurveyUnderTest;

jwksd_testkit::key_repository_suite!(keys);
jwksd_testkit::user_repository_suite!(users);
jwksd_testkit::password_hash_survey_suite!(survey);
jwksd_testkit::session_repository_suite!(sessions);
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

async fn sessions() -> Arc<dyn SessionRepository> {
    Arc::new(MemorySessionRepository::default())
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
