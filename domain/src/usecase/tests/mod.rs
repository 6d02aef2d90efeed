//! What the use cases do when a dependency fails, and what they never call. Stories that succeed are told in `tests/api`.

mod add_user;
mod authenticate_client;
mod authenticate_token;
mod change_client;
mod change_keys;
mod change_user;
mod check_second_factor;
mod issue_token;
mod lab;
mod log_in;
mod one_time_codes;
mod publish_keys;
mod publish_status_list;
mod refresh_session;
mod register_user;
mod request_sign_in_code;
mod reseal_secrets;
mod rotate_keys;
mod seed_demo_client;
mod seed_demo_users;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{ChangeRing, ClientCredentials, IssueToken, IssueTokenParts, Keyring, RotateKeys, StatusEntries};
use crate::audit::{AuditEntry, Origin};
use crate::client::{Audience, Client, ClientId, ClientName, ClientSecret, Grant, NewClient, ScopeSet};
use crate::key::{
    Algorithm, EncryptionKeyId, KeyPolicy, KeyPurpose, KeyRing, KeySchedule, PublicJwk, PublicParameters, SigningKey,
};
use crate::limit::Allowance;
use crate::password_policy::{PASSWORD_MIN, PasswordPolicy};
use crate::ports::{
    BoxError, Entropy, MockAuditLog, MockClock, MockEntropy, MockKeyRepository, MockSigner, MockStatusLists, NewKey,
    Sealed, StoreError,
};
use crate::session::{AuthMethod, NewSession, RefreshToken, Session, SessionId, SessionPolicy, SessionSecret};
use crate::status_list::StatusBlock;
use crate::time::Timestamp;
use crate::token::TokenPolicy;
use crate::user::{PasswordHash, Role, User, UserId, UserState};

pub(super) const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn clock() -> Arc<MockClock> {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(NOW);
    Arc::new(clock)
}

pub(super) fn down() -> StoreError {
    StoreError::Unavailable(BoxError::from("the disk is full"))
}

fn origin() -> Origin {
    Origin::new(IpAddr::from([192, 0, 2, 1]), None)
}

fn allowance() -> Allowance {
    Allowance { limit: 10, remaining: 9, reset_after: Duration::from_secs(1) }
}

pub(super) fn user() -> User {
    User {
        id: UserId(7),
        username: "jane".to_owned(),
        email: None,
        email_verified: false,
        password_hash: PasswordHash("hash".to_owned()),
        role: Role::Read,
        state: UserState::Active,
        registered_at: NOW,
        last_login_at: None,
        demo: false,
    }
}

fn passwords() -> PasswordPolicy {
    PasswordPolicy { min_length: PASSWORD_MIN }
}

fn policy() -> KeyPolicy {
    KeyPolicy {
        algorithm: Algorithm::EdDsa,
        rotation_period: HOUR,
        publish_lead: HOUR / 12,
        token_life: HOUR / 4,
        clock_skew: HOUR / 60,
        replica_lag: Duration::ZERO,
        max_age: HOUR / 12,
        max_keys: 5,
        expired_fixture: false,
        demo_token_life: None,
    }
}

fn token_policy() -> TokenPolicy {
    let url = "http://127.0.0.1:8080".to_owned();
    TokenPolicy {
        issuer: url.clone(),
        audience: url.clone(),
        life: HOUR / 4,
        clock_skew: HOUR / 60,
        status_lists: url + "/status-lists",
    }
}

pub(super) fn session_policy() -> SessionPolicy {
    SessionPolicy { life: HOUR * 720, idle: HOUR * 336, grace: Duration::from_secs(10) }
}

fn session_secret() -> SessionSecret {
    SessionSecret::new([9; 32])
}

/// A session of the user that was opened now.
pub(super) fn session() -> Session {
    let (secret, user) = (session_secret(), user());
    let new = NewSession {
        id: SessionId::from_random([3; 16]),
        user: &user,
        methods: vec![AuthMethod::Password],
        origin: origin(),
        secret: &secret,
        sealed: Sealed { bytes: vec![], sealed_by: EncryptionKeyId::of(&[0; 32]) },
    };
    Session::open(new, NOW, &session_policy())
}

/// A client with one secret, that of [`shown`].
fn client() -> Client {
    let new = NewClient {
        id: ClientId::parse("reports").unwrap(),
        name: ClientName::parse("Nightly reports").unwrap(),
        scopes: ScopeSet::parse("read").unwrap(),
        audiences: vec![Audience::parse("https://api.example.com").unwrap()],
        grants: BTreeSet::from([Grant::ClientCredentials]),
    };
    Client::new(new, &shown().secret, NOW).unwrap()
}

/// What that client shows.
fn shown() -> ClientCredentials {
    ClientCredentials { id: "reports".to_owned(), secret: ClientSecret::from_random([5; 32]) }
}

/// The refresh token of that session and generation.
pub(super) fn refresh_token(generation: u32) -> String {
    RefreshToken::derive(&session_secret(), session().id, generation).expose()
}

fn new_key(number: u8) -> NewKey {
    let public = PublicJwk::new(Algorithm::EdDsa, PublicParameters::Okp { x: vec![number; 32] });
    NewKey { public, private: Sealed { bytes: vec![number], sealed_by: EncryptionKeyId::of(&[0; 32]) } }
}

fn key(number: u8, signs_from: Timestamp) -> SigningKey {
    let NewKey { public, private } = new_key(number);
    let schedule = KeySchedule::new(NOW.minus(HOUR), signs_from, signs_from.plus(HOUR), policy().retention());
    SigningKey {
        public,
        private,
        purpose: KeyPurpose::Signing,
        created_at: NOW.minus(HOUR),
        schedule,
        revocation: None,
    }
}

/// A ring with a signer and a stand-by, for which the schedule asks nothing.
fn settled_ring(revision: u64) -> KeyRing {
    let keys = vec![key(1, NOW.minus(HOUR / 2)), key(2, NOW.plus(HOUR / 2))];
    KeyRing { revision, keys, ..KeyRing::default() }
}

/// A log that keeps what it is given.
fn recording_log() -> (MockAuditLog, Arc<Mutex<Vec<AuditEntry>>>) {
    let entries = Arc::new(Mutex::new(Vec::new()));
    let (mut log, kept) = (MockAuditLog::new(), Arc::clone(&entries));
    log.expect_append().returning(move |entry| {
        kept.lock().unwrap().push(entry);
        Ok(())
    });
    (log, entries)
}

fn failing_log() -> MockAuditLog {
    let mut log = MockAuditLog::new();
    log.expect_append().returning(|_| Err(down()));
    log
}

fn working_signer() -> MockSigner {
    let mut signer = MockSigner::new();
    signer.expect_sign().returning(|_, _| Ok(vec![0; 64]));
    signer.expect_prepare().returning(|_| Ok(()));
    signer.expect_retain().return_const(());
    signer
}

async fn keyring(repository: MockKeyRepository) -> Arc<Keyring> {
    let keyring = Arc::new(Keyring::new(Arc::new(repository)));
    keyring.refresh(NOW).await.unwrap();
    keyring
}

async fn settled_keyring() -> Arc<Keyring> {
    let mut repository = MockKeyRepository::new();
    repository.expect_load().returning(|| Ok(settled_ring(1)));
    keyring(repository).await
}

fn token_issuer(keyring: &Arc<Keyring>, signer: MockSigner) -> Arc<IssueToken> {
    let signer = Arc::new(signer);
    let audit = Arc::new(recording_log().0);
    let change = ChangeRing::new(Arc::clone(keyring), Arc::clone(&signer) as _, clock());
    let rotate = RotateKeys::new(Arc::new(change), audit, policy());
    let mut entropy = MockEntropy::new();
    entropy.expect_fill().returning(|bytes| bytes.fill(7));
    let (rotate, entropy): (_, Arc<dyn Entropy>) = (Arc::new(rotate), Arc::new(entropy));
    let mut lists = MockStatusLists::new();
    lists.expect_reserve().returning(|size, _| Ok(StatusBlock::behind(None, size)));
    let entries = Arc::new(StatusEntries::new(Arc::new(lists), Arc::clone(&entropy)));
    let parts = IssueTokenParts { keyring: Arc::clone(keyring), rotate, signer, entries, entropy, clock: clock() };
    Arc::new(IssueToken::new(parts, token_policy()))
}
