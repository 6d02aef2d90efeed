//! The SQL of the tables `users` and `user_details`.
//!
//! Instants in `users` are text as `CURRENT_TIMESTAMP` writes it; SQLite's own functions turn them into Unix seconds and
//! back, and read RFC 3339 and plain numbers of older programs too.

use jwksd_domain::decoy::HashKind;
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{NewUser, PasswordHash, Role, User, UserId, UserState};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;

/// The user of exactly that name.
pub(crate) async fn by_name(connection: &mut SqliteConnection, name: &str) -> Result<Option<User>, SqliteError> {
    let query = sqlx::query(
        "SELECT u.id, u.username, u.email, u.password_hash, d.role, d.state, d.demo, d.email_verified,
             COALESCE(unixepoch(u.date_registered, 'auto'), 0) AS registered_at,
             unixepoch(u.last_login, 'auto') AS last_login_at
         FROM users AS u
         LEFT JOIN user_details AS d ON d.user_id = u.id
         WHERE u.username = ?",
    );
    query.bind(name).fetch_optional(connection).await?.as_ref().map(user).transpose()
}

/// The user of that id.
pub(crate) async fn by_id(connection: &mut SqliteConnection, id: UserId) -> Result<Option<User>, SqliteError> {
    let query = sqlx::query(
        "SELECT u.id, u.username, u.email, u.password_hash, d.role, d.state, d.demo, d.email_verified,
             COALESCE(unixepoch(u.date_registered, 'auto'), 0) AS registered_at,
             unixepoch(u.last_login, 'auto') AS last_login_at
         FROM users AS u
         LEFT JOIN user_details AS d ON d.user_id = u.id
         WHERE u.id = ?",
    );
    query.bind(id.0).fetch_optional(connection).await?.as_ref().map(user).transpose()
}

/// The first user with that address, in any ASCII case.
pub(crate) async fn by_address(connection: &mut SqliteConnection, email: &str) -> Result<Option<User>, SqliteError> {
    let query = sqlx::query(
        "SELECT u.id, u.username, u.email, u.password_hash, d.role, d.state, d.demo, d.email_verified,
             COALESCE(unixepoch(u.date_registered, 'auto'), 0) AS registered_at,
             unixepoch(u.last_login, 'auto') AS last_login_at
         FROM users AS u
         LEFT JOIN user_details AS d ON d.user_id = u.id
         WHERE u.email = ? COLLATE NOCASE
         ORDER BY u.id
         LIMIT 1",
    );
    query.bind(email).fetch_optional(connection).await?.as_ref().map(user).transpose()
}

/// Users by their ids.
pub(crate) async fn page(
    connection: &mut SqliteConnection,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<User>, SqliteError> {
    let query = sqlx::query(
        "SELECT u.id, u.username, u.email, u.password_hash, d.role, d.state, d.demo, d.email_verified,
             COALESCE(unixepoch(u.date_registered, 'auto'), 0) AS registered_at,
             unixepoch(u.last_login, 'auto') AS last_login_at
         FROM users AS u
         LEFT JOIN user_details AS d ON d.user_id = u.id
         WHERE u.id > ?
         ORDER BY u.id
         LIMIT ?",
    );
    let after = after.map_or(i64::MIN, |id| id.0);
    query.bind(after).bind(limit).fetch_all(connection).await?.iter().map(user).collect()
}

/// Each kind of hash, by what stands before the salt: see `jwksd_domain::decoy::cost`. A million users take about a second.
pub(crate) async fn hash_kinds(connection: &mut SqliteConnection) -> Result<Vec<HashKind>, SqliteError> {
    let query = sqlx::query(
        "SELECT MIN(hash) AS sample, COUNT(*) AS count
         FROM (SELECT password_hash AS hash, instr(password_hash, '$m=') AS parameters FROM users)
         GROUP BY CASE parameters
             WHEN 0 THEN ''
             ELSE substr(hash, 1, parameters - 1 + instr(substr(hash || '$', parameters + 1), '$'))
         END",
    );
    let kind = |row: &SqliteRow| -> Result<HashKind, SqliteError> {
        let count: i64 = row.try_get("count")?;
        Ok(HashKind { sample: PasswordHash(row.try_get("sample")?), count: count.unsigned_abs() })
    };
    query.fetch_all(connection).await?.iter().map(kind).collect()
}

/// Whether a user has that name, in any ASCII case.
pub(crate) async fn is_name_taken(connection: &mut SqliteConnection, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE username = ? COLLATE NOCASE)")
        .bind(name)
        .fetch_one(connection)
        .await
}

/// Whether a user has that address, in any ASCII case.
pub(crate) async fn is_address_taken(connection: &mut SqliteConnection, email: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE email = ? COLLATE NOCASE)")
        .bind(email)
        .fetch_one(connection)
        .await
}

/// Adds a user with the address as the table holds it; answers the id.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    user: &NewUser,
    email: Option<&str>,
) -> Result<UserId, SqliteError> {
    let query = sqlx::query(
        "INSERT INTO users (username, password_hash, email, date_registered) VALUES (?, ?, ?, datetime(?, 'unixepoch'))",
    );
    let done = query
        .bind(user.username.as_str())
        .bind(&user.password_hash.0)
        .bind(email)
        .bind(user.registered_at.unix_seconds())
        .execute(connection)
        .await
        .map_err(address_taken)?;
    Ok(UserId(done.last_insert_rowid()))
}

/// Adds what is known of a new user besides.
pub(crate) async fn insert_details(
    connection: &mut SqliteConnection,
    id: UserId,
    user: &NewUser,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO user_details (user_id, role, state, demo, email_verified) VALUES (?, ?, ?, ?, ?)")
        .bind(id.0)
        .bind(user.role.as_str())
        .bind(UserState::Active.as_str())
        .bind(user.demo)
        .bind(user.email_verified)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Notes that a user has logged in.
pub(crate) async fn note_login(
    connection: &mut SqliteConnection,
    id: UserId,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET last_login = datetime(?, 'unixepoch') WHERE id = ?")
        .bind(at.unix_seconds())
        .bind(id.0)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Replaces the hash of a user's password.
pub(crate) async fn set_password_hash(
    connection: &mut SqliteConnection,
    id: UserId,
    hash: &PasswordHash,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET password_hash = ? WHERE id = ?")
        .bind(&hash.0)
        .bind(id.0)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Makes a demo user a user like any other.
pub(crate) async fn end_demo(connection: &mut SqliteConnection, id: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE user_details SET demo = 0 WHERE user_id = ?").bind(id.0).execute(connection).await.map(|_| ())
}

/// Gives a user a role.
pub(crate) async fn set_role(connection: &mut SqliteConnection, id: UserId, role: Role) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "INSERT INTO user_details (user_id, role, state, demo) SELECT id, ?, 'active', 0 FROM users WHERE id = ?
         ON CONFLICT (user_id) DO UPDATE SET role = excluded.role",
    );
    query.bind(role.as_str()).bind(id.0).execute(connection).await.map(|_| ())
}

/// Lets a user log in, or no longer.
pub(crate) async fn set_state(
    connection: &mut SqliteConnection,
    id: UserId,
    state: UserState,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "INSERT INTO user_details (user_id, role, state, demo) SELECT id, 'read', ?, 0 FROM users WHERE id = ?
         ON CONFLICT (user_id) DO UPDATE SET state = excluded.state",
    );
    query.bind(state.as_str()).bind(id.0).execute(connection).await.map(|_| ())
}

/// Notes that the address of a user is known to be the user's.
pub(crate) async fn verify_email(connection: &mut SqliteConnection, id: UserId) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "INSERT INTO user_details (user_id, role, state, demo, email_verified)
         SELECT id, 'read', 'active', 0, 1 FROM users WHERE id = ?
         ON CONFLICT (user_id) DO UPDATE SET email_verified = 1",
    );
    query.bind(id.0).execute(connection).await.map(|_| ())
}

/// Of the columns that may be unique, the name was looked for already; addresses are unique in some older tables.
fn address_taken(error: sqlx::Error) -> SqliteError {
    match error.as_database_error() {
        Some(cause) if cause.is_unique_violation() => SqliteError::Taken { field: "email" },
        _ => SqliteError::Driver(error),
    }
}

/// A user without a row in `user_details`, as an older program adds them, is an active reader whatever the name.
fn user(row: &SqliteRow) -> Result<User, SqliteError> {
    let id: i64 = row.try_get("id")?;
    let wrong = |column| SqliteError::Inconsistent { table: "user_details", row: id.to_string(), column };
    let role = match row.try_get::<Option<&str>, _>("role")? {
        Some(name) => Role::from_name(name).ok_or_else(|| wrong("role"))?,
        None => Role::Read,
    };
    let state = match row.try_get::<Option<&str>, _>("state")? {
        Some(name) => UserState::from_name(name).ok_or_else(|| wrong("state"))?,
        None => UserState::Active,
    };
    let email: Option<String> = row.try_get("email")?;
    let last_login_at: Option<i64> = row.try_get("last_login_at")?;
    Ok(User {
        id: UserId(id),
        username: row.try_get("username")?,
        email: email.filter(|email| !email.is_empty()),
        email_verified: row.try_get::<Option<bool>, _>("email_verified")?.unwrap_or(false),
        password_hash: PasswordHash(row.try_get("password_hash")?),
        role,
        state,
        registered_at: Timestamp::from_unix_seconds(row.try_get("registered_at")?),
        last_login_at: last_login_at.map(Timestamp::from_unix_seconds),
        demo: row.try_get::<Option<bool>, _>("demo")?.unwrap_or(false),
    })
}
