//! What the stores promise whose contents outlive them: after `Ok` everything is there, although nothing was closed.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::key::{Algorithm, EncryptionKeyId, KeyRing, SigningKey};
use jwksd_domain::ports::{
    AuditFilter, AuditLog, ClientRepository, KeyRepository, OtpRepository, Resealing, RevocationList, Sealed,
    SealedSecret, SealedSecrets, SecondFactorRepository, SessionJournal, SessionRepository, SessionStep, StatusLists,
    StoreError, UserChange, UserRepository,
};
use jwksd_domain::second_factor::SecondFactor;
use jwksd_domain::status_list::{BlockSize, StatusBlock};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{Role, UserId};

use super::{
    audit_log, client_repository, key_repository, otp_repository, revocation_list, second_factor_repository,
    session_repository, user_repository,
};

/// The store ports of one opening.
pub struct Stores {
    /// The keys.
    pub keys: Arc<dyn KeyRepository>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// The sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Where they move on.
    pub session_journal: Arc<dyn SessionJournal>,
    /// The clients.
    pub clients: Arc<dyn ClientRepository>,
    /// The revoked tokens.
    pub revocations: Arc<dyn RevocationList>,
    /// The status lists.
    pub status_lists: Arc<dyn StatusLists>,
    /// The one-time codes.
    pub codes: Arc<dyn OtpRepository>,
    /// The second factors.
    pub second_factors: Arc<dyn SecondFactorRepository>,
    /// What of all that is sealed.
    pub sealed_secrets: Arc<dyn SealedSecrets>,
    /// The audit log.
    pub audit_log: Arc<dyn AuditLog>,
}

/// A place that keeps what stores wrote there.
#[async_trait]
pub trait Durable: Send + Sync {
    /// Opens the place. Stores of an earlier opening are gone by then, and nobody closed them.
    async fn open(&self) -> Stores;
}

/// Expands to the suite; `$make` is an async function that makes a
/// [`Durable`](crate::suites::durability::Durable) that is empty.
#[macro_export]
macro_rules! durability_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            durability,
            $make,
            [
                keeps_the_ring,
                keeps_the_revision,
                keeps_users,
                keeps_changes_of_users,
                keeps_where_sessions_are,
                keeps_attempts_and_uses_of_codes,
                keeps_which_codes_were_used,
                keeps_what_is_sealed_anew,
                keeps_clients,
                keeps_revoked_tokens,
                keeps_what_was_set_apart,
                keeps_the_audit_log,
            ]
        );
    };
}

/// Keys and revoked kids are there.
pub async fn keeps_the_ring(place: &impl Durable) {
    let keys = [1, 2].map(|seed| key_repository::key(seed, Algorithm::Rs256)).to_vec();
    let revoked = BTreeSet::from([key_repository::key(3, Algorithm::Rs256).kid().clone()]);
    let ring = KeyRing { revision: 0, keys, revoked };
    place.open().await.keys.store(&ring).await.unwrap();
    let reopened = place.open().await.keys;
    key_repository::assert_stored(&reopened, &KeyRing { revision: 1, ..ring }).await;
}

/// A ring from before the reopening is as stale as it was.
pub async fn keeps_the_revision(place: &impl Durable) {
    for revision in 0..3 {
        place.open().await.keys.store(&key_repository::ring(revision, vec![])).await.unwrap();
    }
    let reopened = place.open().await.keys;
    let stale = reopened.store(&key_repository::ring(2, vec![])).await;
    assert!(matches!(stale, Err(StoreError::Conflict)));
}

/// Users are there, and their names and addresses stay taken.
pub async fn keeps_users(place: &impl Durable) {
    let new = || user_repository::new_user("alice", Some("alice@example.com"));
    let alice = place.open().await.users.insert(new()).await.unwrap();
    let reopened = place.open().await.users;
    assert_eq!(user_repository::find(&reopened, "alice").await, Some(alice));
    assert!(matches!(reopened.insert(new()).await, Err(StoreError::Duplicate { field: "username" })));
    let bob = user_repository::new_user("bob", Some("ALICE@example.com"));
    assert!(matches!(reopened.insert(bob).await, Err(StoreError::Duplicate { field: "email" })));
}

/// A login and a new role are there.
pub async fn keeps_changes_of_users(place: &impl Durable) {
    let stores = place.open().await;
    let id = stores.users.insert(user_repository::new_user("alice", None)).await.unwrap().id;
    stores.users.update(id, &[UserChange::Role(Role::Write)]).await.unwrap();
    let login = UserChange::LoggedIn(Timestamp::from_unix_seconds(1_900_000_000));
    let changed = stores.users.update(id, &[login]).await.unwrap();
    drop(stores);
    assert_eq!(user_repository::find(&place.open().await.users, "alice").await, changed);
}

/// A session is where it was moved to, with the entry that says so, and does not move on from before.
pub async fn keeps_where_sessions_are(place: &impl Durable) {
    let user = place.open().await.users.insert(user_repository::new_user("alice", None)).await.unwrap();
    let mut session = session_repository::session(1, user.id);
    place.open().await.sessions.insert(&session, session.created_at).await.unwrap();
    let (rotation, entry) = (session_repository::rotation(0), audit_log::full(0));
    let step = SessionStep { id: session.id, rotation, user, entry };
    assert!(place.open().await.session_journal.advance(&step).await.unwrap());
    assert!(session.rotate(session_repository::rotation(0)));
    let reopened = place.open().await;
    session_repository::assert_stored(&reopened.sessions, &session).await;
    assert!(!reopened.session_journal.advance(&step).await.unwrap());
    assert_eq!(audit_log::all(&reopened.audit_log, AuditFilter::default()).await.len(), 1);
}

/// The ring and what stands beside it, so that the encryption key from before can be dropped.
pub async fn keeps_what_is_sealed_anew(place: &impl Durable) {
    let stores = place.open().await;
    let (key, factor) = (key_repository::key(1, Algorithm::Es256), second_factor_repository::pending(1, UserId(1)));
    stores.keys.store(&key_repository::ring(0, vec![key.clone()])).await.unwrap();
    assert!(stores.second_factors.enrol(&factor).await.unwrap());
    let SealedSecret { context, sealed: from } = stores.sealed_secrets.page(None, 1).await.unwrap().remove(0);
    let anew = Sealed { bytes: vec![9; 60], sealed_by: EncryptionKeyId::of(&[9; 32]) };
    let ring = key_repository::ring(1, vec![SigningKey { private: anew.clone(), ..key }]);
    let resealings = [Resealing { context, from, to: anew.clone() }];
    assert_eq!(stores.sealed_secrets.replace(&ring, &resealings).await.unwrap(), 1);
    drop(stores);
    let reopened = place.open().await;
    key_repository::assert_stored(&reopened.keys, &KeyRing { revision: 2, ..ring }).await;
    let factor = SecondFactor { secret: anew, ..factor };
    second_factor_repository::assert_stored(&reopened.second_factors, &factor).await;
}

/// Clients are there, and one that was loaded before another change is as stale as it was.
pub async fn keeps_clients(place: &impl Durable) {
    let mut client = client_repository::client("reports");
    place.open().await.clients.insert(&client).await.unwrap();
    place.open().await.clients.replace(&client).await.unwrap();
    let reopened = place.open().await.clients;
    assert!(matches!(reopened.replace(&client).await, Err(StoreError::Conflict)));
    client.revision += 1;
    assert_eq!(reopened.find(&client.id).await.unwrap(), Some(client));
}

/// A token that was called back stays so.
pub async fn keeps_revoked_tokens(place: &impl Durable) {
    let token = revocation_list::token("a", 100);
    place.open().await.revocations.revoke(&token, revocation_list::at(0)).await.unwrap();
    assert!(place.open().await.revocations.contains("a").await.unwrap());
}

/// Entries that were set apart are not set apart for anybody else.
pub async fn keeps_what_was_set_apart(place: &impl Durable) {
    let now = Timestamp::from_unix_seconds(1_800_000_000);
    let mut last = None;
    for size in [BlockSize::Small, BlockSize::Usual, BlockSize::Small] {
        let block = place.open().await.status_lists.reserve(size, now).await.unwrap();
        assert_eq!(block, StatusBlock::behind(last, size));
        last = Some((block.list, block.end()));
    }
}

/// An attempt that was spent stays spent, and a code that was used up stays gone.
pub async fn keeps_attempts_and_uses_of_codes(place: &impl Durable) {
    let (otp, now) = (otp_repository::otp(1), Timestamp::from_unix_seconds(1_800_000_000));
    place.open().await.codes.replace(&otp, now).await.unwrap();
    for left in [2, 1] {
        let found = place.open().await.codes.attempt(otp.id, now).await.unwrap();
        assert_eq!(found.map(|otp| otp.attempts_left), Some(left));
    }
    assert!(place.open().await.codes.consume(otp.id, &otp.hash).await.unwrap());
    assert!(!place.open().await.codes.consume(otp.id, &otp.hash).await.unwrap());
}

/// A code that was taken is taken no more.
pub async fn keeps_which_codes_were_used(place: &impl Durable) {
    let mut factor = second_factor_repository::pending(1, UserId(1));
    assert!(place.open().await.second_factors.enrol(&factor).await.unwrap());
    let changes = [second_factor_repository::confirmation(), second_factor_repository::acceptance(101)];
    for change in &changes {
        assert!(place.open().await.second_factors.update(factor.enrolment, change).await.unwrap());
        assert!(factor.apply(change));
    }
    let reopened = place.open().await.second_factors;
    second_factor_repository::assert_stored(&reopened, &factor).await;
    assert!(!reopened.update(factor.enrolment, &changes[1]).await.unwrap());
}

/// Entries are there, and ids go on growing.
pub async fn keeps_the_audit_log(place: &impl Durable) {
    for seconds in 0..3 {
        place.open().await.audit_log.append(audit_log::full(seconds)).await.unwrap();
    }
    let entries = audit_log::all(&place.open().await.audit_log, AuditFilter::default()).await;
    assert!(entries.windows(2).all(|pair| pair[0].id > pair[1].id));
    let expected: Vec<_> = (0..3).rev().map(audit_log::full).collect();
    assert_eq!(entries.into_iter().map(|stored| stored.entry).collect::<Vec<_>>(), expected);
}
