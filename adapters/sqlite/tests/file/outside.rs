//! What a program outside sees that reads the tables while the server runs.

use jwksd_domain::ports::UserChange;
use sqlx::{Executor, Row, SqliteConnection};

use super::{Place, at, entry, key, new_user, ring};

#[tokio::test]
async fn the_three_tables_have_exactly_their_columns() {
    let place = Place::new();
    let _store = place.open().await;
    let mut outside = place.outside().await;
    let cases = [
        ("keys", &["kid INTEGER 0 1", "key BLOB 1 0", "exp INTEGER 1 0"][..]),
        (
            "users",
            &[
                "id INTEGER 0 1",
                "username TEXT 1 0",
                "password_hash TEXT 1 0",
                "email TEXT 1 0",
                "date_registered TIMESTAMP 0 0",
                "last_login TIMESTAMP 0 0",
            ],
        ),
        (
            "auth_logs",
            &["id INTEGER 0 1", "request_ip TEXT 1 0", "request_timestamp TIMESTAMP 0 0", "user_id INTEGER 0 0"],
        ),
    ];
    for (table, expected) in cases {
        let columns = sqlx::query_scalar::<_, String>(
            "SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || pk FROM pragma_table_info(?) ORDER BY cid",
        );
        assert_eq!(columns.bind(table).fetch_all(&mut outside).await.unwrap(), expected, "{table}");
        let made: String = sqlx::query_scalar("SELECT sql FROM sqlite_master WHERE name = ?")
            .bind(table)
            .fetch_one(&mut outside)
            .await
            .unwrap();
        assert!(made.contains("INTEGER PRIMARY KEY AUTOINCREMENT"), "{made}");
    }
}

#[tokio::test]
async fn every_row_reads_as_a_typed_struct() {
    let place = Place::new();
    let store = place.open().await;
    store.keys().store(&ring(0, &[7])).await.unwrap();
    let alice = store.users().insert(new_user("alice", None)).await.unwrap();
    store.users().insert(new_user("bob", Some("bob@example.com"))).await.unwrap();
    store.users().update(alice.id, &[UserChange::LoggedIn(at(60))]).await.unwrap();
    let mut logged = entry("alice");
    logged.user_id = Some(alice.id);
    store.audit_log().append(logged).await.unwrap();

    let mut outside = place.outside().await;
    let keys: Vec<(i64, Vec<u8>, i64)> = sqlx::query_as("SELECT * FROM keys").fetch_all(&mut outside).await.unwrap();
    assert_eq!(keys, [(1, key(7).private.bytes, at(5).unix_seconds())]);
    type UserRow = (i64, String, String, String, String, Option<String>);
    let users: Vec<UserRow> = sqlx::query_as("SELECT * FROM users").fetch_all(&mut outside).await.unwrap();
    let text = |text: &str| text.to_owned();
    let (hash, registered) = (text("$argon2id$"), text("2027-01-15 08:00:00"));
    let login = Some(text("2027-01-15 08:01:00"));
    assert_eq!(users[0], (1, text("alice"), hash.clone(), text(""), registered.clone(), login));
    assert_eq!(users[1], (2, text("bob"), hash, text("bob@example.com"), registered.clone(), None));
    let logs: Vec<(i64, String, String, Option<i64>)> =
        sqlx::query_as("SELECT * FROM auth_logs").fetch_all(&mut outside).await.unwrap();
    assert_eq!(logs, [(1, text("192.0.2.1"), registered, Some(alice.id.0))]);
}

/// The program outside asks right after the answer, while others write, and waits for no lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_is_there_at_once_and_never_behind_a_lock() {
    let place = Place::new();
    let store = place.open().await;
    let mut outside = place.outside().await;
    let busy = (0..4).map(|_| {
        let log = store.audit_log();
        tokio::spawn(async move {
            for _ in 0..50 {
                log.append(entry("noise")).await.unwrap();
            }
        })
    });
    let busy: Vec<_> = busy.collect();
    for n in 1..=50 {
        let name = format!("user{n}");
        store.users().insert(new_user(&name, None)).await.unwrap();
        store.audit_log().append(entry(&name)).await.unwrap();
        assert_eq!(count(&mut outside, "SELECT COUNT(*) FROM users").await, n);
        assert_eq!(count(&mut outside, "SELECT COUNT(*) FROM auth_log_details WHERE name LIKE 'user%'").await, n);
    }
    for task in busy {
        task.await.unwrap();
    }
    assert_eq!(count(&mut outside, "SELECT COUNT(*) FROM auth_logs").await, 250);
}

/// A reader outside that takes its time holds nobody up.
#[tokio::test]
async fn a_slow_reader_outside_is_in_nobodys_way() {
    let place = Place::new();
    let store = place.open().await;
    let mut outside = place.outside().await;
    outside.execute("BEGIN").await.unwrap();
    assert_eq!(count(&mut outside, "SELECT COUNT(*) FROM auth_logs").await, 0);
    store.audit_log().append(entry("alice")).await.unwrap();
    assert_eq!(count(&mut outside, "SELECT COUNT(*) FROM auth_logs").await, 0);
    outside.execute("COMMIT").await.unwrap();
    assert_eq!(count(&mut outside, "SELECT COUNT(*) FROM auth_logs").await, 1);
}

#[tokio::test]
async fn a_key_keeps_its_row_as_long_as_it_lives() {
    let place = Place::new();
    let store = place.open().await;
    for (revision, seeds) in [(0, &[1, 2][..]), (1, &[2, 3]), (2, &[3, 2, 4])] {
        store.keys().store(&ring(revision, seeds)).await.unwrap();
    }
    let rows =
        sqlx::query("SELECT kid, key FROM keys ORDER BY kid").fetch_all(&mut place.outside().await).await.unwrap();
    let rows: Vec<(i64, u8)> = rows.iter().map(|row| (row.get(0), row.get::<Vec<u8>, _>(1)[0])).collect();
    assert_eq!(rows, [(2, 2), (3, 3), (4, 4)]);
}

/// What another program deletes is gone, and comes back only when it is stored anew.
#[tokio::test]
async fn a_key_that_is_deleted_outside_is_no_key() {
    let place = Place::new();
    let store = place.open().await;
    store.keys().store(&ring(0, &[1, 2])).await.unwrap();
    let before = store.keys().load().await.unwrap();
    place.execute("DELETE FROM keys WHERE kid = 1").await;
    assert!(store.keys().load().await.unwrap().keys == before.keys[1..]);
    store.keys().store(&before).await.unwrap();
    assert!(store.keys().load().await.unwrap().keys == before.keys);
}

/// The searches that every registration and login makes do not read the whole table.
#[tokio::test]
async fn look_ups_use_an_index() {
    let place = Place::new();
    let _store = place.open().await;
    let mut outside = place.outside().await;
    for (statement, index) in [
        ("EXPLAIN QUERY PLAN SELECT 1 FROM users WHERE username = ?", "sqlite_autoindex_users_1"),
        ("EXPLAIN QUERY PLAN SELECT 1 FROM users WHERE username = ? COLLATE NOCASE", "users_by_username_in_any_case"),
        ("EXPLAIN QUERY PLAN SELECT 1 FROM users WHERE email = ? COLLATE NOCASE", "users_by_email_in_any_case"),
    ] {
        let plan: String = sqlx::query(statement).fetch_one(&mut outside).await.unwrap().get("detail");
        assert!(plan.starts_with("SEARCH") && plan.contains(index), "{statement}: {plan}");
    }
}

async fn count(connection: &mut SqliteConnection, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(connection).await.unwrap()
}
