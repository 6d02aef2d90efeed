//! What clients see while a store is down: a problem that says when to come back, and nothing of the cause.

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
    SessionSelection, SessionStep, StoreError, UserChange, UserCursor, UserLookup, UserRepository,
};
use jwksd_domain::second_factor::{Enrolment, SecondFactor, SecondFactorChange};
use jwksd_domain::session::{Session, SessionEnd, SessionId};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{NewUser, User, UserId};
use serde_json::json;

use crate::test_app::TestApp;
use crate::wire::Call;

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

#[tokio::test]
async fn a_store_that_is_down_is_a_503_with_a_fixed_text() {
    let app = TestApp::dev().await;
    let admin = app.admin().await;
    let refresh_token = app.open_session("John", "testpass").await.refresh;
    app.stores.broken.store(true, Ordering::SeqCst);
    let credentials = json!({ "username": "John", "password": "testpass" });
    let calls = [
        Call::post("/auth"),
        Call::post("/auth").json(&credentials),
        Call::post("/api/v1/auth").json(&json!({ "userName": "John", "password": "testpass" })),
        Call::post("/register").json(&json!({ "username": "someone" })),
        Call::post("/auth/login").json(&credentials),
        Call::post("/auth/refresh").json(&json!({ "refresh_token": refresh_token })),
        Call::post("/auth/logout").json(&json!({ "refresh_token": refresh_token })),
        Call::post("/auth/logout").bearer(&admin),
        Call::get("/auth/sessions").bearer(&admin),
        Call::new("DELETE", "/auth/sessions").bearer(&admin),
        Call::get("/auth/totp").bearer(&admin),
        Call::post("/auth/totp").bearer(&admin).json(&json!({ "password": "password" })),
        Call::post("/auth/totp/confirm").bearer(&admin).json(&json!({ "code": "123456" })),
        Call::post("/auth/totp/recovery-codes").bearer(&admin).json(&json!({ "password": "password" })),
        Call::new("DELETE", "/auth/totp").bearer(&admin).json(&json!({ "password": "password" })),
        Call::new("DELETE", "/admin/users/3/totp").bearer(&admin),
        Call::post("/auth/login").json(&json!({ "email": "jane@example.com", "otp": "123456" })),
        Call::post("/auth/request-otp").json(&json!({ "email": "jane@example.com" })),
        Call::post("/auth/request-password-reset").json(&json!({ "email": "jane@example.com" })),
        Call::post("/auth/reset-password").json(&json!({ "token": "x", "new_password": "correct horse battery" })),
        Call::post("/auth/password")
            .bearer(&admin)
            .json(&json!({ "current_password": "password", "new_password": "correct horse battery" })),
        Call::get("/token"),
        Call::get("/userinfo").bearer(&admin),
        Call::get("/admin/keys").bearer(&admin),
        Call::get("/admin/users").bearer(&admin),
        Call::post("/admin/users").bearer(&admin).json(&json!({ "username": "someone" })),
        Call::get("/admin/users/3").bearer(&admin),
        Call::new("PATCH", "/admin/users/3").bearer(&admin).json(&json!({ "role": "write" })),
        Call::new("DELETE", "/admin/users/3").bearer(&admin),
        Call::get("/admin/auth-logs").bearer(&admin),
        Call::post("/admin/keys/rotate").bearer(&admin),
        Call::post("/admin/keys/cleanup").bearer(&admin),
        Call::get("/admin/clients").bearer(&admin),
        Call::post("/oauth/token").basic("reports", "secret").form("grant_type=client_credentials"),
        Call::post("/introspect").basic("reports", "secret").form("token=a"),
        Call::post("/revoke").basic("reports", "secret").form("token=a"),
    ];
    let mut bodies = Vec::new();
    for call in calls {
        let path = call.path.clone();
        let answer = app.send_while_down(call).await;
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()), "{path}");
        assert!(answer.seconds("retry-after") >= 1, "{path}");
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "one text for every outage");
    assert!(!String::from_utf8(bodies.remove(0)).unwrap().contains("SELECT"));
}

#[tokio::test]
async fn what_needs_no_store_is_answered_while_it_is_down() {
    let app = TestApp::dev().await;
    let before = app.jwks().await;
    app.stores.broken.store(true, Ordering::SeqCst);
    assert_eq!(app.send_while_down(Call::get("/.well-known/jwks.json")).await.body, before.body);
    for path in ["/.well-known/openid-configuration", "/health/live", "/metrics", "/openapi.json"] {
        assert_eq!(app.send_while_down(Call::get(path)).await.status, 200, "{path}");
    }
    let ready = app.send_while_down(Call::get("/health/ready")).await;
    assert_eq!((ready.status, ready.json()["status"].as_str()), (503, Some("down")));
    assert!(!ready.text().contains("SELECT"), "{}", ready.text());
    app.stores.broken.store(false, Ordering::SeqCst);
    assert_eq!(app.get("/health/ready").await.json()["status"], "up");
    assert_eq!(app.log_in("John", "testpass").await.status, 200);
}
