//! What has hurt the users of other servers, each under its name and as it would happen here: a restart is one of the whole app
//! over its database file, and two replicas are two apps over one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jwksd::compose::Stores;
use jwksd_domain::audit::Origin;
use jwksd_domain::key::{KeyPurpose, KeyState, Kid, RotationMode};
use jwksd_domain::usecase::{RotateError, Rotation, Trigger};
use jwksd_testkit::ManualClock;
use serde_json::json;

use crate::test_app::{Around, ENCRYPTION_KEY, Signatures, TestApp, config};
use crate::wire::{Call, Token};

/// A database file and a clock, for one process after another or several at once.
struct System {
    database: String,
    clock: Arc<ManualClock>,
    started: AtomicU64,
    _folder: tempfile::TempDir,
}

impl System {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("keys.db").display());
        Self { database, clock: Arc::default(), started: AtomicU64::new(0), _folder: folder }
    }

    async fn try_start(&self, signatures: Signatures) -> anyhow::Result<TestApp> {
        let flags = [("database-url", self.database.as_str()), ("encryption-key", ENCRYPTION_KEY)];
        let stores = Stores::open(&config(&flags)).await?;
        let seed = self.started.fetch_add(1, Ordering::Relaxed);
        TestApp::among(Around { stores, clock: Arc::clone(&self.clock), seed }, signatures, &flags).await
    }

    async fn start(&self) -> TestApp {
        self.try_start(Signatures::Fake).await.unwrap()
    }
}

/// The kids of every signing key that the store has.
async fn kids(app: &TestApp) -> BTreeSet<Kid> {
    let ring = app.app().ports().stores.keys.load().await.unwrap();
    let signing = ring.keys.iter().filter(|key| key.purpose == KeyPurpose::Signing);
    signing.map(|key| key.kid().clone()).collect()
}

/// Whether a careful rotation was done; not where another was faster, or where it would break something.
async fn rotates(app: &TestApp) -> bool {
    let asked = Trigger::Asked(RotationMode::Careful, Origin::of_the_server());
    match app.app().use_cases().rotate_keys.run(asked).await {
        Ok(rotation) => matches!(rotation, Rotation::Done(_)),
        Err(RotateError::Refused(_)) => false,
        Err(RotateError::Unavailable(outage)) => panic!("{outage}"),
    }
}

async fn admin_call(app: &TestApp, path: &str, body: serde_json::Value) -> u16 {
    app.send(Call::post(path).bearer(&app.admin().await).json(&body)).await.status
}

/// dex#976: two replicas that rotated at once overwrote each other, and tokens met a key set without their key.
#[tokio::test]
async fn two_replicas_rotate_at_once() {
    let system = System::new();
    let (first, second) = (system.start().await, system.start().await);
    let before = kids(&first).await;
    let done = tokio::join!(rotates(&first), rotates(&second));
    assert!(done.0 != done.1, "one of them rotates");
    let after = kids(&first).await;
    assert!(after.is_superset(&before), "no key was lost");
    assert_eq!(after.len(), before.len() + 1, "one stand-by was made, not two");
}

/// Duende products#1316: replicas that started together each made keys of their own, and signed with keys that the others lacked.
#[tokio::test]
async fn duplicate_keys_at_start() {
    let system = System::new();
    let (first, second) = tokio::join!(system.start(), system.start());
    assert_eq!(first.jwks().await.kids(), second.jwks().await.kids());
    assert_eq!(kids(&first).await.len(), 2, "a signer and a stand-by");
}

/// vault#11441: a token lived longer than its key was published, and was refused although it was valid.
#[tokio::test]
async fn a_token_outlives_its_key() {
    let app = TestApp::dev().await;
    let longest = Token::parse(app.get("/token").await.json()["token"].as_str().unwrap());
    while app.now().unix_seconds() < longest.exp() {
        app.tick().await;
        if app.now().unix_seconds() % 1800 == 0 {
            rotates(&app).await;
        }
        assert!(app.jwks().await.kids().contains(&longest.kid()), "{}", app.now());
        assert!(app.verifies(&longest));
        app.wait(Duration::from_secs(60));
    }
}

/// better-auth#6215: a key was made at each request, and the table of keys grew without bound.
#[tokio::test]
async fn a_key_made_per_request() {
    let system = System::new();
    let app = system.start().await;
    let before = kids(&app).await;
    for _ in 0..50 {
        app.jwks().await;
        app.send(Call::post("/auth")).await;
    }
    assert_eq!(kids(&app).await, before);
    for _ in 0..200 {
        app.wait(Duration::from_secs(1800));
        app.tick().await;
        app.send(Call::post("/auth")).await;
    }
    assert!(kids(&app).await.len() <= 6, "a hundred rotations later");
}

/// supabase/auth#2821: after a rotation the server itself refused the tokens that it signed with the new key.
#[tokio::test]
async fn the_server_rejects_its_own_new_key() {
    let system = System::new();
    let (first, second) = (system.start().await, system.start().await);
    assert!(rotates(&first).await);
    let token = first.admin().await;
    assert_eq!(first.send(Call::get("/userinfo").bearer(&token)).await.status, 200);
    assert_eq!(second.send(Call::get("/userinfo").bearer(&token)).await.status, 200, "nor does another replica");
}

/// toolhive#6451: fallback keys were documented and never published, so that a switch met verifiers that did not know them.
#[tokio::test]
async fn fallback_keys_never_published() {
    let app = TestApp::dev().await;
    for _ in 0..6 {
        let published = app.jwks().await.kids();
        app.wait(Duration::from_secs(3600));
        app.tick().await;
        let signer = Token::parse(&app.send(Call::post("/auth")).await.token()).kid();
        assert_eq!(signer, published[1], "who signs now was the stand-by of an hour ago");
    }
}

/// rauthy: the clean-up went by age, and could delete the key that signs.
#[tokio::test]
async fn clean_up_deletes_the_current_key() {
    let app = TestApp::dev().await;
    for hours in [0, 1, 5, 24, 24 * 30] {
        app.wait(Duration::from_secs(3600 * hours));
        app.tick().await;
        let token = app.admin().await;
        assert_eq!(admin_call(&app, "/admin/keys/cleanup", json!({})).await, 200);
        let ring = app.app().use_cases().keyring.current();
        let states: Vec<_> = ring.keys.iter().map(|key| key.state_at(app.now())).collect();
        assert!(states.contains(&KeyState::Active) && states.contains(&KeyState::Standby), "{states:?}");
        assert_eq!(app.send(Call::get("/userinfo").bearer(&token)).await.status, 200);
    }
}

/// keycloak#31296: what was revoked was kept in memory, and valid again after a restart.
#[tokio::test]
async fn revocation_lost_on_restart() {
    let system = System::new();
    let app = system.start().await;
    let token = app.admin().await;
    let kid = Token::parse(&token).kid();
    let ring = app.app().use_cases().keyring.current();
    let key = ring.find(&Kid::parse(&kid).unwrap()).unwrap();
    let Ok(pair) = app.app().ports().custody.export(key).await else { panic!("the key opens") };
    assert_eq!(admin_call(&app, &format!("/admin/keys/{kid}/revoke"), json!({ "reason": "it leaked" })).await, 200);
    app.app().close().await;
    drop(app);

    let again = system.start().await;
    assert!(!again.jwks().await.kids().contains(&kid));
    assert_eq!(again.send(Call::get("/userinfo").bearer(&token)).await.status, 401);
    let imported = admin_call(&again, "/admin/keys/import", json!({ "pem": pair.private.as_str() })).await;
    assert_eq!(imported, 409, "it does not come back by import either");
}

/// A ciphertext that whoever can write to the database moves to another row must not open there as another key.
#[tokio::test]
async fn ciphertext_swapped_between_rows() {
    let system = System::new();
    let app = system.try_start(Signatures::Real).await.unwrap();
    let keys = &app.app().ports().stores.keys;
    let mut ring = keys.load().await.unwrap();
    let [first, second] = &mut ring.keys[..2] else { panic!("there are a signer and a stand-by") };
    std::mem::swap(&mut first.private, &mut second.private);
    keys.store(&ring).await.unwrap();
    let revision = keys.load().await.unwrap().revision;

    let Err(error) = system.try_start(Signatures::Real).await else { panic!("it started") };
    assert!(format!("{error:#}").contains("does not open"), "{error:#}");
    assert_eq!(keys.load().await.unwrap().revision, revision, "and nothing was written");
}
