//! Databases that another program, or another version, has made.

use jwksd_domain::audit::{AuditEntry, Event, Outcome};
use jwksd_domain::ports::{AuditFilter, StoreError, UserChange};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{Role, UserState};
use jwksd_sqlite::OpenError;
use sqlx::{Row, SqliteConnection};

use super::{Place, at, entry, find, logged_names, new_user, ring};

/// The tables as older programs make them.
const OLDER_TABLES: &str = "
    CREATE TABLE IF NOT EXISTS keys(
        kid INTEGER PRIMARY KEY AUTOINCREMENT,
        key BLOB NOT NULL,
        exp INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS users(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        username TEXT NOT NULL UNIQUE,
        password_hash TEXT NOT NULL,
        email TEXT NOT NULL,
        date_registered TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        last_login TIMESTAMP
    );
    CREATE TABLE IF NOT EXISTS auth_logs(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        request_ip TEXT NOT NULL,
        request_timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        user_id INTEGER,
        FOREIGN KEY(user_id) REFERENCES users(id)
    );";

const OLDER_ROWS: &str = "
    INSERT INTO keys (key, exp) VALUES ('-----BEGIN RSA PRIVATE KEY-----', 1700000000), (x'00ff00ff', 1900000000);
    INSERT INTO users (username, password_hash, email, date_registered, last_login) VALUES
        ('admin', 'scrypt', 'one@example.com', '2024-11-30 12:00:00', NULL),
        ('Alice', '$argon2id$a', 'Two@example.com', '2024-11-30T12:00:00.123Z', '2024-12-01T01:00:00+01:00'),
        ('alice', '$argon2id$b', 'two@example.com', 1732968000, ''),
        ('naïve ''; DROP TABLE users; --', '$argon2id$c', '', NULL, 'never');
    INSERT INTO auth_logs (request_ip, request_timestamp, user_id) VALUES
        ('127.0.0.1', '2024-11-30 12:00:00', 2),
        ('::ffff:192.0.2.7', '2024-11-30T12:00:00Z', NULL),
        ('192.0.2.8:4711', NULL, 99),
        ('testclient', 'yesterday', 3);";

async fn older() -> Place {
    let place = Place::new();
    place.execute(OLDER_TABLES).await;
    place.execute(OLDER_ROWS).await;
    place
}

#[tokio::test]
async fn nothing_that_was_there_changes() {
    let place = older().await;
    let before = dump(&mut place.outside().await).await;
    place.open().await.close().await;
    let mut outside = place.outside().await;
    assert_eq!(dump(&mut outside).await, before);
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut outside).await.unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn users_are_readers_whatever_their_names() {
    let place = older().await;
    let store = place.open().await;
    let users = store.users().list(None, 10).await.unwrap();
    assert_eq!(users.len(), 4);
    for user in &users {
        assert_eq!((user.role, user.state, user.demo), (Role::Read, UserState::Active, false), "{}", user.username);
    }
    let noon = Timestamp::from_unix_seconds(1_732_968_000);
    let registered: Vec<_> = users.iter().map(|user| user.registered_at).collect();
    assert_eq!(registered, [noon, noon, noon, Timestamp::from_unix_seconds(0)]);
    let midnight = Timestamp::from_unix_seconds(1_733_011_200);
    assert_eq!(users.iter().map(|user| user.last_login_at).collect::<Vec<_>>(), [None, Some(midnight), None, None]);
    assert_eq!(users[3].email, None);
    assert_eq!(find(&store, "naïve '; DROP TABLE users; --").await.as_ref(), Some(&users[3]));
    assert_ne!(find(&store, "Alice").await.unwrap().id, find(&store, "alice").await.unwrap().id);
}

#[tokio::test]
async fn users_can_be_changed() {
    let place = older().await;
    let store = place.open().await;
    let users = store.users();
    let mut admin = find(&store, "admin").await.unwrap();
    admin.state = UserState::Disabled;
    assert_eq!(users.update(admin.id, &[UserChange::State(admin.state)]).await.unwrap(), Some(admin.clone()));
    admin.role = Role::Admin;
    assert_eq!(users.update(admin.id, &[UserChange::Role(admin.role)]).await.unwrap(), Some(admin.clone()));
    admin.last_login_at = Some(at(0));
    assert_eq!(users.update(admin.id, &[UserChange::LoggedIn(at(0))]).await.unwrap(), Some(admin));
}

#[tokio::test]
async fn names_and_addresses_stay_taken() {
    let place = older().await;
    let users = place.open().await.users();
    place.execute("INSERT INTO users (username, password_hash, email) VALUES ('Late', '', 'late@example.com')").await;
    for name in ["ADMIN", "ALICE", "late"] {
        let refused = users.insert(new_user(name, None)).await;
        assert!(matches!(refused, Err(StoreError::Duplicate { field: "username" })), "{name}");
    }
    for email in ["ONE@example.com", "two@EXAMPLE.com", "LATE@example.com"] {
        let refused = users.insert(new_user("new", Some(email))).await;
        assert!(matches!(refused, Err(StoreError::Duplicate { field: "email" })), "{email}");
    }
    users.insert(new_user("new", None)).await.unwrap();
}

#[tokio::test]
async fn log_entries_are_successful_logins() {
    let place = older().await;
    let store = place.open().await;
    let entries = store.audit_log().page(AuditFilter::default(), None, 10).await.unwrap().entries;
    assert!(entries.iter().all(|stored| stored.entry.event == Event::Login));
    assert!(entries.iter().all(|stored| stored.entry.outcome == Outcome::Success));
    let ips: Vec<_> = entries.iter().map(|stored| stored.entry.origin.ip.to_string()).collect();
    assert_eq!(ips, ["0.0.0.0", "192.0.2.8", "::ffff:192.0.2.7", "127.0.0.1"]);
    let noon = 1_732_968_000;
    let at: Vec<_> = entries.iter().map(|stored| stored.entry.at.unix_seconds()).collect();
    assert_eq!(at, [0, 0, noon, noon]);
    assert_eq!(logged_names(&store).await, [Some("alice".to_owned()), None, None, Some("Alice".to_owned())]);
    let of_alice = AuditFilter { name: Some("Alice".to_owned()), ..AuditFilter::default() };
    assert_eq!(store.audit_log().page(of_alice, None, 10).await.unwrap().entries, entries[3..]);
    let failures = AuditFilter { outcome: Some(Outcome::Failed), ..AuditFilter::default() };
    assert_eq!(store.audit_log().page(failures, None, 10).await.unwrap().entries, []);
}

/// A log of the version before has entries without a detail, and goes on with those that have one.
#[tokio::test]
async fn a_log_without_details_goes_on_with_them() {
    let place = Place::new();
    let store = place.open().await;
    store.audit_log().append(entry("alice")).await.unwrap();
    store.close().await;
    place
        .execute(
            "ALTER TABLE auth_log_details DROP COLUMN detail;
             DELETE FROM _sqlx_migrations WHERE version = 9",
        )
        .await;
    let store = place.open().await;
    let told = AuditEntry { detail: Some("role=admin".to_owned()), ..entry("bob") };
    store.audit_log().append(told.clone()).await.unwrap();
    let entries = store.audit_log().page(AuditFilter::default(), None, 10).await.unwrap().entries;
    assert_eq!(entries.into_iter().map(|stored| stored.entry).collect::<Vec<_>>(), [told, entry("alice")]);
}

#[tokio::test]
async fn foreign_keys_are_counted_and_left_alone() {
    let place = older().await;
    let store = place.open().await;
    assert_eq!(store.count_adopted_keys().await.unwrap(), 2);
    for (revision, seeds) in [(0, &[1, 2][..]), (1, &[2, 3]), (2, &[])] {
        store.keys().store(&ring(revision, seeds)).await.unwrap();
        assert_eq!(store.count_adopted_keys().await.unwrap(), 2);
        assert_eq!(store.keys().load().await.unwrap().keys.len(), seeds.len());
    }
    let keys = sqlx::query("SELECT kid FROM keys").fetch_all(&mut place.outside().await).await.unwrap();
    assert_eq!(keys.iter().map(|row| row.get(0)).collect::<Vec<i64>>(), [1, 2]);
}

#[tokio::test]
async fn unique_addresses_leave_room_for_users_without() {
    let place = Place::new();
    place.execute(&OLDER_TABLES.replace("email TEXT NOT NULL", "email TEXT UNIQUE")).await;
    let store = place.open().await;
    for name in ["alice", "bob"] {
        assert_eq!(store.users().insert(new_user(name, None)).await.unwrap().email, None);
        assert_eq!(find(&store, name).await.unwrap().email, None);
    }
}

#[tokio::test]
async fn other_columns_are_refused_by_name() {
    let cases = [
        ("email TEXT NOT NULL,", "", "table users: there is no column email;"),
        ("email TEXT", "mail TEXT", "table users: there is no column email;"),
        ("exp INTEGER NOT NULL", "exp INTEGER, nonce BLOB", "table keys: the column nonce is unknown;"),
        ("key BLOB NOT NULL,\n        exp INTEGER", "exp INTEGER, key BLOB", "table keys: the column exp is not in"),
        (
            "id INTEGER PRIMARY KEY AUTOINCREMENT,\n        request",
            "id TEXT,\n        request",
            "table auth_logs: the column id",
        ),
    ];
    for (original, changed, expected) in cases {
        let place = Place::new();
        let tables = OLDER_TABLES.replacen(original, changed, 1);
        assert_ne!(tables, OLDER_TABLES, "{original}");
        place.execute(&tables).await;
        let before = place.bytes();
        let error = place.open_error().await;
        assert!(matches!(error, OpenError::Shape { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(place.bytes(), before, "something was written although: {error}");
    }
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let place = Place::new();
    place.open().await.close().await;
    place
        .execute("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (999, '', 1, x'', 0)")
        .await;
    let before = place.bytes();
    let error = place.open_error().await;
    assert!(matches!(error, OpenError::Newer { migration: 999, .. }), "{error}");
    assert_eq!(place.bytes(), before);
}

#[tokio::test]
async fn opening_a_current_database_writes_nothing() {
    let place = Place::new();
    let store = place.open().await;
    store.keys().store(&ring(0, &[1])).await.unwrap();
    store.close().await;
    let before = place.bytes();
    let store = place.open().await;
    assert_eq!(std::fs::metadata(place.file("test.db-wal")).map_or(0, |wal| wal.len()), 0);
    assert_eq!(store.keys().load().await.unwrap().revision, 1);
    store.close().await;
    assert_eq!(place.bytes(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_open_a_new_database_at_once() {
    let place = Place::new();
    let openings = (0..8).map(|_| {
        let options = jwksd_sqlite::SqliteOptions::new(place.url());
        tokio::spawn(async move { jwksd_sqlite::SqliteStore::open(&options).await })
    });
    for opening in openings.collect::<Vec<_>>() {
        let store = opening.await.unwrap().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(store.keys().load().await.unwrap().revision, 0);
    }
}

/// Every value of the three tables as SQL writes it.
async fn dump(connection: &mut SqliteConnection) -> Vec<String> {
    let rows = sqlx::query_scalar(
        "SELECT quote(kid) || quote(key) || quote(exp) FROM keys
         UNION ALL SELECT quote(id) || quote(username) || quote(password_hash) || quote(email) || quote(date_registered)
             || quote(last_login) FROM users
         UNION ALL SELECT quote(id) || quote(request_ip) || quote(request_timestamp) || quote(user_id) FROM auth_logs",
    );
    rows.fetch_all(connection).await.unwrap()
}
