//! What the core needs of the outside, in the core's words: one trait a file, at most four methods.
//!
//! Every port is used as `Arc<dyn Port>`. What a method MUST do stands in its doc comment and is checked by the
//! contract suite of that port in `jwksd-testkit`; each adapter runs the suite of every port that it implements.

mod audit_log;
mod cipher;
mod client_repository;
mod clock;
mod entropy;
mod key_custody;
mod key_repository;
mod mailer;
mod otp_repository;
mod password_hash_survey;
mod password_hasher;
mod rate_limiter;
mod revocation_list;
mod sealed_secrets;
mod second_factor_repository;
mod session_journal;
mod session_repository;
mod signature_verifier;
mod signer;
mod status_lists;
mod store_error;
mod user_repository;

pub use audit_log::{AuditCursor, AuditFilter, AuditLog, AuditPage};
pub use cipher::{Cipher, CipherError, Purpose, SealContext, SealFlaw, Sealed};
pub use client_repository::{ClientCursor, ClientRepository};
pub use clock::Clock;
pub use entropy::Entropy;
pub use key_custody::{CustodyError, KeyCustody, PemPair};
pub use key_repository::KeyRepository;
pub use mailer::{MailError, Mailer};
pub use otp_repository::OtpRepository;
pub use password_hash_survey::PasswordHashSurvey;
pub use password_hasher::{HasherError, PasswordHasher, Verification};
pub use rate_limiter::RateLimiter;
pub use revocation_list::{RevocationList, RevokedToken};
pub use sealed_secrets::{Resealing, SealedSecret, SealedSecrets};
pub use second_factor_repository::SecondFactorRepository;
pub use session_journal::{OwnedSession, SessionJournal, SessionStep};
pub use session_repository::{SessionRepository, SessionSelection};
pub use signature_verifier::{SignatureVerifier, VerifierError};
pub use signer::{NewKey, Signer, SignerError};
pub use status_lists::StatusLists;
pub use store_error::{BoxError, StoreError};
pub use user_repository::{UserChange, UserCursor, UserLookup, UserRepository};

#[cfg(any(test, feature = "mock"))]
pub use mocks::*;

/// The mocks of every port.
#[cfg(any(test, feature = "mock"))]
mod mocks {
    pub use super::audit_log::MockAuditLog;
    pub use super::cipher::MockCipher;
    pub use super::client_repository::MockClientRepository;
    pub use super::clock::MockClock;
    pub use super::entropy::MockEntropy;
    pub use super::key_custody::MockKeyCustody;
    pub use super::key_repository::MockKeyRepository;
    pub use super::mailer::MockMailer;
    pub use super::otp_repository::MockOtpRepository;
    pub use super::password_hash_survey::MockPasswordHashSurvey;
    pub use super::password_hasher::MockPasswordHasher;
    pub use super::rate_limiter::MockRateLimiter;
    pub use super::revocation_list::MockRevocationList;
    pub use super::sealed_secrets::MockSealedSecrets;
    pub use super::second_factor_repository::MockSecondFactorRepository;
    pub use super::session_journal::MockSessionJournal;
    pub use super::session_repository::MockSessionRepository;
    pub use super::signature_verifier::MockSignatureVerifier;
    pub use super::signer::MockSigner;
    pub use super::status_lists::MockStatusLists;
    pub use super::user_repository::MockUserRepository;
}
