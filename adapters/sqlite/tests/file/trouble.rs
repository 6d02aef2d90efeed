//! Files that cannot be used: at the start a clear error, later `Unavailable` until the trouble is over.

use jwksd_domain::client::ClientId;
use jwksd_domain::ports::{StoreError, UserChange, UserLookup};
use jwksd_domain::user::{LoginName, Role, UserId};
use jwksd_sqlite::{OpenError, SqliteOptions, SqliteStore};
use jwksd_testkit::suites::client_repository::client;
use sqlx::Executor;

use super::{Place, entry, find, logged_names, new_user, ring};

#[tokio::test]
async fn a_locked_file_is_unavailable_until_it_is_free() {
    let place = Place::new();
    let store = SqliteStore::open(&place.options()).await.unwrap();
    let alice = store.users().insert(new_user("alice", None)).await.unwrap();
    let mut outside = place.outside().await;
    outside.execute("BEGIN EXCLUSIVE").await.unwrap();
    assert!(is_unavailable(store.audit_log().append(entry("a")).await));
    assert!(is_unavailable(store.users().insert(new_user("bob", None)).await));
    assert!(is_unavailable(store.users().update(alice.id, &[UserChange::Role(Role::Admin)]).await));
    assert!(is_unavailable(store.keys().store(&ring(0, &[1])).await));
    assert_eq!(find(&store, "alice").await, Some(alice), "reading goes on");
    outside.execute("ROLLBACK").await.unwrap();
    store.audit_log().append(entry("b")).await.unwrap();
    store.keys().store(&ring(0, &[1])).await.unwrap();
    assert_eq!(logged_names(&store).await, [Some("b".to_owned())]);
}

/// Also those that find the queue full get an answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_keeps_nobody_waiting_for_ever() {
    let place = Place::new();
    let options = SqliteOptions { queue: 2, ..place.options() };
    let store = SqliteStore::open(&options).await.unwrap();
    let mut outside = place.outside().await;
    outside.execute("BEGIN IMMEDIATE").await.unwrap();
    let appends = (0..16).map(|_| {
        let log = store.audit_log();
        tokio::spawn(async move { log.append(entry("a")).await })
    });
    for append in appends.collect::<Vec<_>>() {
        assert!(is_unavailable(append.await.unwrap()));
    }
    outside.execute("ROLLBACK").await.unwrap();
    store.audit_log().append(entry("b")).await.unwrap();
    assert_eq!(logged_names(&store).await, [Some("b".to_owned())]);
}

/// What was answered with `Ok` is there, what was not is not, and room that is made is used.
#[tokio::test]
async fn a_full_disk_is_unavailable_until_there_is_room() {
    let place = Place::new();
    place.open().await.close().await;
    let pages = u32::try_from(place.bytes().len() / 4096).unwrap();
    let options = SqliteOptions { max_pages: Some(pages + 4), ..place.options() };
    let store = SqliteStore::open(&options).await.unwrap();
    let name = "n".repeat(200);
    let mut written = 0;
    while store.audit_log().append(entry(&name)).await.is_ok() {
        written += 1;
        assert!(written < 1000, "the file grows without bound");
    }
    assert!(is_unavailable(store.audit_log().append(entry(&name)).await));
    let mut large = ring(0, &[1]);
    large.keys[0].private.bytes = vec![1; 100_000];
    assert!(is_unavailable(store.keys().store(&large).await));
    assert!(store.keys().load().await.unwrap() == ring(0, &[]), "half of a ring was stored");
    assert_eq!(logged_names(&store).await.len(), written);
    place.execute("DELETE FROM auth_log_details").await;
    store.audit_log().append(entry("room")).await.unwrap();
    assert_eq!(logged_names(&store).await[0], Some("room".to_owned()));
}

/// The file and its log as they are the moment after the answer are what a killed process leaves behind.
#[tokio::test]
async fn a_killed_process_has_lost_nothing_that_was_answered() {
    let (place, remains) = (Place::new(), Place::new());
    let store = place.open().await;
    store.audit_log().append(entry("alice")).await.unwrap();
    store.keys().store(&ring(0, &[1])).await.unwrap();
    for name in ["test.db", "test.db-wal"] {
        std::fs::copy(place.file(name), remains.file(name)).unwrap();
    }
    let risen = remains.open().await;
    assert_eq!(logged_names(&risen).await, [Some("alice".to_owned())]);
    assert_eq!(risen.keys().load().await.unwrap().revision, 1);
}

#[tokio::test]
async fn a_closed_store_has_written_all_and_takes_no_more() {
    let place = Place::new();
    let store = place.open().await;
    let log = store.audit_log();
    let waiting: Vec<_> = (0..100)
        .map(|_| {
            let log = store.audit_log();
            tokio::spawn(async move { log.append(entry("a")).await })
        })
        .collect();
    log.append(entry("a")).await.unwrap();
    store.close().await;
    store.close().await;
    assert!(!place.file("test.db-wal").exists(), "the write-ahead log is folded in");
    assert!(is_unavailable(log.append(entry("late")).await));
    assert!(is_unavailable(store.keys().load().await));
    assert!(is_unavailable(store.users().update(UserId(1), &[UserChange::Role(Role::Read)]).await));
    let mut written = 1;
    for append in waiting {
        written += usize::from(append.await.unwrap().is_ok());
    }
    assert_eq!(logged_names(&place.open().await).await.len(), written);
}

/// A value that no version of ours writes is not taken for another.
#[tokio::test]
async fn nonsense_in_a_side_table_is_corrupt() {
    for column in ["algorithm", "purpose", "public_jwk", "kid", "created_at"] {
        let place = Place::new();
        let store = place.open().await;
        store.keys().store(&ring(0, &[1])).await.unwrap();
        place.execute(&format!("UPDATE key_details SET {column} = 'nonsense'")).await;
        assert!(matches!(store.keys().load().await, Err(StoreError::Corrupt(_))), "{column}");
    }
    for column in ["role", "state"] {
        let place = Place::new();
        let store = place.open().await;
        store.users().insert(new_user("alice", None)).await.unwrap();
        place.execute(&format!("UPDATE user_details SET {column} = 'nonsense'")).await;
        assert!(matches!(store.users().list(None, 1).await, Err(StoreError::Corrupt(_))), "{column}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_no_start() {
    let place = Place::new();
    place.open().await.close().await;
    let options = SqliteOptions::new(format!("{}?mode=ro", place.url()));
    let error = SqliteStore::open(&options).await.err().unwrap();
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error}");
    let mut outside = place.outside().await;
    outside.execute("BEGIN EXCLUSIVE").await.unwrap();
    let error = place.open_error().await;
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
}

#[tokio::test]
async fn a_file_of_another_kind_is_no_start_and_stays_as_it_is() {
    for content in ["no database", &"no database at all\n".repeat(1000)] {
        let place = Place::new();
        std::fs::write(place.file("test.db"), content).unwrap();
        let error = place.open_error().await;
        assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
        assert_eq!(place.bytes(), content.as_bytes());
    }
}

#[tokio::test]
async fn a_place_that_is_not_there_is_no_start() {
    let place = Place::new();
    let folder = place.0.path().display();
    for (path, expected) in [
        (format!("{folder}/missing/test.db"), "the folder that it is to be in does not exist"),
        (format!("{folder}"), "this is a folder, not a file"),
        (format!("{folder}/test.db?mode=rw"), "the file cannot be made"),
    ] {
        let error = SqliteStore::open(&SqliteOptions::new(format!("sqlite:{path}"))).await.err().unwrap();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains(&folder.to_string()) && error.to_string().lines().count() == 1, "{error}");
    }
}

fn is_unavailable<T>(outcome: Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unavailable(_)))
}

/// Entries that wait together are written by one text; one that the file refuses is refused alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_the_file_refuses_takes_no_other_with_it() {
    let place = Place::new();
    let store = SqliteStore::open(&place.options()).await.unwrap();
    let trigger = "CREATE TRIGGER picky BEFORE INSERT ON auth_log_details WHEN NEW.name = 'b'
                   BEGIN SELECT RAISE(ABORT, 'not this one'); END";
    let mut outside = place.outside().await;
    outside.execute(trigger).await.unwrap();
    outside.execute("BEGIN IMMEDIATE").await.unwrap();
    let names = || (0..40).map(|number| if number % 8 == 5 { "b" } else { "a" });
    let appends = names().map(|name| {
        let log = store.audit_log();
        tokio::spawn(async move { (name, log.append(entry(name)).await) })
    });
    let appends: Vec<_> = appends.collect();
    outside.execute("ROLLBACK").await.unwrap();
    for append in appends {
        let (name, answer) = append.await.unwrap();
        assert_eq!(answer.is_ok(), name == "a", "{name}");
    }
    let kept = names().filter(|name| *name == "a").map(|name| Some(name.to_owned()));
    assert_eq!(logged_names(&store).await, kept.collect::<Vec<_>>());
}

/// What is written to a file that has no name any more is lost with the process, and nothing else tells of it.
#[tokio::test]
async fn a_file_that_was_removed_or_replaced_is_unavailable_until_it_is_back() {
    let place = Place::new();
    let store = place.open().await;
    store.keys().store(&ring(0, &[1])).await.unwrap();
    let (path, aside) = (place.file("test.db"), place.file("aside.db"));
    std::fs::rename(&path, &aside).unwrap();
    assert!(is_unavailable(store.keys().load().await));
    std::fs::copy(&aside, &path).unwrap();
    assert!(is_unavailable(store.keys().load().await), "a copy is another file");
    std::fs::rename(&aside, &path).unwrap();
    assert!(store.keys().load().await.unwrap() == ring(1, &[1]));
}

/// Whoever asks for a name that nobody has is read another user, whose row may be damaged.
#[tokio::test]
async fn a_row_that_cannot_be_read_disturbs_no_other_name() {
    let place = Place::new();
    let store = SqliteStore::open(&place.options()).await.unwrap();
    let bob = store.users().insert(new_user("bob", None)).await.unwrap();
    let alice = store.users().insert(new_user("alice", None)).await.unwrap();
    place.execute(&format!("UPDATE user_details SET role = 'nonsense' WHERE user_id = {}", bob.id.0)).await;
    for (name, expected) in [("alice", Some(alice)), ("alicf", None), ("zoe", None)] {
        assert_eq!(find(&store, name).await, expected, "{name}");
    }
    let of_bob = store.users().find(UserLookup::Name(&LoginName::parse("bob").unwrap())).await;
    assert!(matches!(of_bob, Err(StoreError::Corrupt(_))));
}

/// Whoever asks for a client that does not exist is read another one.
#[tokio::test]
async fn a_row_that_cannot_be_read_disturbs_no_other_client() {
    let place = Place::new();
    let store = SqliteStore::open(&place.options()).await.unwrap();
    let [alpha, gamma] = ["alpha", "gamma"].map(client);
    store.clients().insert(&alpha).await.unwrap();
    store.clients().insert(&gamma).await.unwrap();
    place.execute("UPDATE clients SET state = 'nonsense' WHERE client_id = 'gamma'").await;
    let find = async |id| store.clients().find(&ClientId::parse(id).unwrap()).await;
    assert_eq!(find("alpha").await.unwrap(), Some(alpha));
    for id in ["al", "beta", "omega"] {
        assert_eq!(find(id).await.unwrap(), None, "{id}");
    }
    assert!(matches!(find("gamma").await, Err(StoreError::Corrupt(_))));
}
