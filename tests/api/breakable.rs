//! Stores that a test can take down, and that count what they are asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use jwksd::compose::Stores;
use jwksd_domain::audit::{AuditEntry, IssuedTokens};
use jwksd_domain::client::{Client, ClientId};
use jwksd_domain::key::{KeyRing, Kid};
use jwksd_domain::otp::{OtpHash, OtpId, StoredOtp};
use jwksd_domain::ports::{
    AuditCursor, AuditFilter, AuditLog, AuditPage, ClientCursor, ClientRepository, KeyRepository, OtpRepository,
    OwnedSession, RevocationList, RevokedToken, SecondFactorRepository, SessionJournal, SessionRepository,
    SessionSelection, SessionStep, StatusLists, StoreError, UserChange, UserCursor, UserLookup, UserRepository,
};
use jwksd_domain::second_factor::{Enrolment, SecondFactor, SecondFactorChange};
use jwksd_domain::session::{Session, SessionEnd, SessionId};
use jwksd_domain::status_list::{BlockSize, StatusBlock};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{NewUser, User, UserId};

/// What the error says that must never reach a client.
const CAUSE: &str = "disk I/O error in SELECT * FROM users";

/// Stores that fail while the switch is on, and count what they are asked.
struct Breakable {
    stores: Stores,
    watch: Arc<Watch>,
}

/// What a test does to stores, and learns of them.
#[derive(Default)]
pub(crate) struct Watch {
    /// Whether they are down.
    pub(crate) broken: AtomicBool,
    /// How often one was asked, whatever for.
    pub(crate) round_trips: AtomicUsize,
}

/// `stores` under `watch`.
pub(crate) fn watched(mut stores: Stores, watch: &Arc<Watch>) -> Stores {
    let store = Arc::new(Breakable { stores: stores.clone(), watch: Arc::clone(watch) });
    (stores.keys, stores.users) = (Arc::clone(&store) as _, Arc::clone(&store) as _);
    (stores.sessions, stores.session_journal) = (Arc::clone(&store) as _, Arc::clone(&store) as _);
    (stores.clients, stores.revocations) = (Arc::clone(&store) as _, Arc::clone(&store) as _);
    (stores.codes, stores.second_factors) = (Arc::clone(&store) as _, Arc::clone(&store) as _);
    stores.status_lists = Arc::clone(&store) as _;
    stores.audit = store;
    stores
}

impl Breakable {
    fn up(&self) -> Result<&Stores, StoreError> {
        self.watch.round_trips.fetch_add(1, Ordering::SeqCst);
        match self.watch.broken.load(Ordering::SeqCst) {
            true => Err(StoreError::Unavailable(CAUSE.into())),
            false => Ok(&self.stores),
        }
    }
}

#[async_trait]
impl KeyRepository for Breakable {
    async fn load(&self) -> Result<KeyRing, StoreError> {
        self.up()?.keys.load().await
    }

    async fn store(&self, ring: &KeyRing) -> Result<(), StoreError> {
        self.up()?.keys.store(ring).await
    }
}

#[async_trait]
impl OtpRepository for Breakable {
    async fn replace(&self, otp: &StoredOtp, now: Timestamp) -> Result<(), StoreError> {
        self.up()?.codes.replace(otp, now).await
    }

    async fn attempt(&self, id: OtpId, now: Timestamp) -> Result<Option<StoredOtp>, StoreError> {
        self.up()?.codes.attempt(id, now).await
    }

    async fn consume(&self, id: OtpId, hash: &OtpHash) -> Result<bool, StoreError> {
        self.up()?.codes.consume(id, hash).await
    }
}

#[async_trait]
impl UserRepository for Breakable {
    async fn find<'a>(&self, user: UserLookup<'a>) -> Result<Option<User>, StoreError> {
        self.up()?.users.find(user).await
    }

    async fn insert(&self, user: NewUser) -> Result<User, StoreError> {
        self.up()?.users.insert(user).await
    }

    async fn update(&self, id: UserId, changes: &[UserChange]) -> Result<Option<User>, StoreError> {
        self.up()?.users.update(id, changes).await
    }

    async fn list(&self, after: Option<UserCursor>, limit: u32) -> Result<Vec<User>, StoreError> {
        self.up()?.users.list(after, limit).await
    }
}

#[async_trait]
impl SessionRepository for Breakable {
    async fn insert(&self, session: &Session, forget_before: Timestamp) -> Result<(), StoreError> {
        self.up()?.sessions.insert(session, forget_before).await
    }

    async fn find(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.up()?.sessions.find(id).await
    }

    async fn list(&self, user: UserId, now: Timestamp, limit: u32) -> Result<Vec<Session>, StoreError> {
        self.up()?.sessions.list(user, now, limit).await
    }

    async fn end(&self, user: UserId, which: SessionSelection, end: SessionEnd) -> Result<u64, StoreError> {
        self.up()?.sessions.end(user, which, end).await
    }
}

#[async_trait]
impl SessionJournal for Breakable {
    async fn find(&self, id: SessionId) -> Result<Option<OwnedSession>, StoreError> {
        self.up()?.session_journal.find(id).await
    }

    async fn advance(&self, step: &SessionStep) -> Result<bool, StoreError> {
        self.up()?.session_journal.advance(step).await
    }
}

#[async_trait]
impl ClientRepository for Breakable {
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        self.up()?.clients.find(id).await
    }

    async fn insert(&self, client: &Client) -> Result<(), StoreError> {
        self.up()?.clients.insert(client).await
    }

    async fn replace(&self, client: &Client) -> Result<(), StoreError> {
        self.up()?.clients.replace(client).await
    }

    async fn list(&self, after: Option<ClientCursor>, limit: u32) -> Result<Vec<Client>, StoreError> {
        self.up()?.clients.list(after, limit).await
    }
}

#[async_trait]
impl RevocationList for Breakable {
    async fn revoke(&self, token: &RevokedToken, forget_before: Timestamp) -> Result<(), StoreError> {
        self.up()?.revocations.revoke(token, forget_before).await
    }

    async fn contains(&self, jti: &str) -> Result<bool, StoreError> {
        self.up()?.revocations.contains(jti).await
    }
}

#[async_trait]
impl StatusLists for Breakable {
    async fn reserve(&self, size: BlockSize, now: Timestamp) -> Result<StatusBlock, StoreError> {
        self.up()?.status_lists.reserve(size, now).await
    }

    async fn find(&self, list: u32, now: Timestamp, idle_since: Timestamp) -> Result<Option<Vec<u16>>, StoreError> {
        self.up()?.status_lists.find(list, now, idle_since).await
    }

    async fn alive(&self, now: Timestamp, idle_since: Timestamp) -> Result<Vec<u32>, StoreError> {
        self.up()?.status_lists.alive(now, idle_since).await
    }
}

#[async_trait]
impl SecondFactorRepository for Breakable {
    async fn find(&self, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
        self.up()?.second_factors.find(user).await
    }

    async fn enrol(&self, factor: &SecondFactor) -> Result<bool, StoreError> {
        self.up()?.second_factors.enrol(factor).await
    }

    async fn update(&self, enrolment: Enrolment, change: &SecondFactorChange) -> Result<bool, StoreError> {
        self.up()?.second_factors.update(enrolment, change).await
    }
}

#[async_trait]
impl AuditLog for Breakable {
    async fn append(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.up()?.audit.append(entry).await
    }

    async fn page(
        &self,
        filter: AuditFilter,
        cursor: Option<AuditCursor>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        self.up()?.audit.page(filter, cursor, limit).await
    }

    async fn issued_by(&self, kid: &Kid, now: Timestamp) -> Result<IssuedTokens, StoreError> {
        self.up()?.audit.issued_by(kid, now).await
    }
}
