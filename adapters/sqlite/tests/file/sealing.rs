//! Sealing anew what a file holds: all of it or nothing, however much there is.

use jwksd_domain::key::{EncryptionKeyId, KeyRing};
use jwksd_domain::ports::{Resealing, SealContext, SealFlaw, Sealed, SealedSecret, StoreError};
use jwksd_domain::session::{Session, SessionId};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;
use jwksd_sqlite::SqliteStore;
use jwksd_testkit::suites::{otp_repository, second_factor_repository, session_repository};

use super::{Place, ring};

/// More than are changed by one statement.
const SESSIONS: u16 = 1100;

fn anew() -> Sealed {
    Sealed { bytes: vec![9; 61], sealed_by: EncryptionKeyId::of(&[9; 32]) }
}

/// Adds keys, sessions, and a second factor, which is what is replaced last.
async fn fill(store: &SqliteStore) {
    store.keys().store(&ring(0, &[1, 2])).await.unwrap();
    for number in 0..SESSIONS {
        let mut id = [7; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        let session = Session { id: SessionId::from_random(id), ..session_repository::session(1, UserId(1)) };
        store.sessions().insert(&session, session.created_at).await.unwrap();
    }
    assert!(store.second_factors().enrol(&second_factor_repository::pending(1, UserId(1))).await.unwrap());
}

/// Everything beside the ring that is sealed.
async fn sealed(store: &SqliteStore) -> Vec<SealedSecret> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.sealed_secrets().page(after, 500).await.unwrap();
        after = page.last().map(|last| last.context.clone());
        if after.is_none() {
            return all;
        }
        all.extend(page);
    }
}

/// The ring at that revision and all else that is sealed, each as it is to be.
async fn resealed(store: &SqliteStore, revision: u64) -> (KeyRing, Vec<Resealing>) {
    let mut ring = ring(revision, &[1, 2]);
    ring.keys.iter_mut().for_each(|key| key.private = anew());
    let secrets = sealed(store).await.into_iter();
    (ring, secrets.map(|SealedSecret { context, sealed: from }| Resealing { context, from, to: anew() }).collect())
}

/// What an interruption leaves behind is what was there, and whoever begins again does all of it.
#[tokio::test]
async fn an_interruption_at_the_last_row_leaves_all_as_it_was() {
    let place = Place::new();
    let store = place.open().await;
    fill(&store).await;
    let before = sealed(&store).await;
    place
        .execute(
            "CREATE TRIGGER breaking BEFORE UPDATE ON second_factors
             BEGIN SELECT RAISE(ABORT, 'the machine goes off here'); END",
        )
        .await;
    let (ring, resealings) = resealed(&store, 1).await;
    let broken = store.sealed_secrets().replace(&ring, &resealings).await;
    assert!(matches!(broken, Err(StoreError::Unavailable(_))));
    assert!(sealed(&store).await == before, "some were sealed anew");
    assert!(store.keys().load().await.unwrap() == super::ring(1, &[1, 2]), "the ring was replaced");
    place.execute("DROP TRIGGER breaking").await;
    let all = u64::from(SESSIONS) + 1;
    assert_eq!(store.sealed_secrets().replace(&ring, &resealings).await.unwrap(), all);
    assert!(sealed(&store).await.iter().all(|secret| secret.sealed == anew()));
    assert!(store.keys().load().await.unwrap() == KeyRing { revision: 2, ..ring });
}

/// Whatever another program, or a disk, has made of a row: it is shown, and so are all the others.
#[tokio::test]
async fn a_damaged_row_hides_no_other() {
    for (damage, flaw) in [
        ("sealed_by = 'no id'", SealFlaw::NoKeyId),
        ("sealed_by = x'00ff'", SealFlaw::NoKeyId),
        ("SECRET = x''", SealFlaw::Missing),
        ("SECRET = 'no blob'", SealFlaw::TooShort),
    ] {
        let place = Place::new();
        let store = place.open().await;
        fill_with_two_of_each(&store).await;
        let before = contexts(&sealed(&store).await);
        let keys = if damage.starts_with("SECRET") { ("keys", "kid", "key") } else { ("key_details", "key_row", "") };
        let others = [
            ("sessions", "sid", "sealed_secret"),
            ("one_time_codes", "id", "sealed_key"),
            ("second_factors", "user_id", "sealed_secret"),
        ];
        for (table, id, secret) in others.into_iter().chain([keys]) {
            let damage = damage.replace("SECRET", secret);
            place.execute(&format!("UPDATE {table} SET {damage} WHERE {id} = (SELECT min({id}) FROM {table})")).await;
        }
        let shown = sealed(&store).await;
        assert_eq!(contexts(&shown), before, "{damage}");
        let flaws: Vec<_> = shown.iter().map(|secret| secret.sealed.flaw()).collect();
        assert_eq!(flaws, [Some(flaw), None].repeat(3), "{damage}");
        let keys = store.keys().load().await.unwrap().keys;
        assert!(keys[0].private.flaw() == Some(flaw) && keys[1] == ring(1, &[1, 2]).keys[1], "{damage}");
    }
}

/// An id that is none is shown as it stands there, and nothing of it opens.
#[tokio::test]
async fn a_session_of_a_damaged_id_is_shown_too() {
    let place = Place::new();
    let store = place.open().await;
    fill_with_two_of_each(&store).await;
    place.execute("UPDATE sessions SET sid = 'no uuid' WHERE sid = (SELECT max(sid) FROM sessions)").await;
    let shown = sealed(&store).await;
    assert_eq!((shown.len(), shown[1].context.subject()), (6, "no uuid"));
}

/// Two keys, sessions, one-time codes and second factors.
async fn fill_with_two_of_each(store: &SqliteStore) {
    store.keys().store(&ring(0, &[1, 2])).await.unwrap();
    for number in [1, 2] {
        let session = session_repository::session(number, UserId(1));
        store.sessions().insert(&session, session.created_at).await.unwrap();
        store.codes().replace(&otp_repository::otp(number), Timestamp::from_unix_millis(0)).await.unwrap();
        let factor = second_factor_repository::pending(number, UserId(number.into()));
        assert!(store.second_factors().enrol(&factor).await.unwrap());
    }
}

fn contexts(all: &[SealedSecret]) -> Vec<SealContext> {
    all.iter().map(|secret| secret.context.clone()).collect()
}
