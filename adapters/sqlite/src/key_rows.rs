//! The SQL of the tables `keys`, `key_details`, `key_ring` and `revoked_keys`.

use std::collections::BTreeSet;

use jwksd_domain::key::{Algorithm, KeyPurpose, KeySchedule, Kid, Revocation, SigningKey};
use jwksd_domain::time::Timestamp;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;
use crate::public_jwk;
use crate::sealed::sealed;

/// The stored revision.
pub(crate) async fn revision(connection: &mut SqliteConnection) -> Result<u64, SqliteError> {
    let stored: i64 = sqlx::query_scalar("SELECT revision FROM key_ring WHERE id = 1").fetch_one(connection).await?;
    u64::try_from(stored).map_err(|_| inconsistent("key_ring", "1", "revision"))
}

/// Every key of the ring, in its order.
pub(crate) async fn keys(connection: &mut SqliteConnection) -> Result<Vec<SigningKey>, SqliteError> {
    let query = sqlx::query(
        "SELECT d.kid, d.purpose, d.algorithm, d.public_jwk, d.sealed_by, d.created_at, d.published_from, d.signs_from,
             d.signs_until, d.revoked_at, d.revocation_reason, k.key, k.exp
         FROM key_details AS d
         JOIN keys AS k ON k.kid = d.key_row
         ORDER BY d.position",
    );
    query.fetch_all(connection).await?.iter().map(signing_key).collect()
}

/// The kids that must never come back.
pub(crate) async fn revoked(connection: &mut SqliteConnection) -> Result<BTreeSet<Kid>, SqliteError> {
    let kids: Vec<String> = sqlx::query_scalar("SELECT kid FROM revoked_keys").fetch_all(connection).await?;
    kids.iter().map(|kid| Kid::parse(kid).map_err(|_| inconsistent("revoked_keys", kid, "kid"))).collect()
}

/// How many rows of `keys` the ring does not know.
pub(crate) async fn count_adopted(connection: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    sqlx::query_scalar("SELECT COUNT(*) FROM keys WHERE kid NOT IN (SELECT key_row FROM key_details)")
        .fetch_one(connection)
        .await
}

/// Moves the stored revision on if it is `expected`; tells whether it was.
pub(crate) async fn advance_revision(connection: &mut SqliteConnection, expected: u64) -> Result<bool, sqlx::Error> {
    let Ok(expected) = i64::try_from(expected) else {
        return Ok(false); // No revision that was ever stored is as large.
    };
    let done = sqlx::query("UPDATE key_ring SET revision = revision + 1 WHERE id = 1 AND revision = ?")
        .bind(expected)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Erases the private halves of all keys of the ring but these.
pub(crate) async fn erase_all_but(connection: &mut SqliteConnection, kids: &BTreeSet<&Kid>) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "DELETE FROM keys
         WHERE kid IN (SELECT key_row FROM key_details WHERE kid NOT IN (SELECT value FROM json_each(?)))",
    );
    query.bind(json(kids.iter().copied())).execute(connection).await.map(|_| ())
}

/// Erases what is known of all keys but these.
pub(crate) async fn forget_all_but(
    connection: &mut SqliteConnection,
    kids: &BTreeSet<&Kid>,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query("DELETE FROM key_details WHERE kid NOT IN (SELECT value FROM json_each(?))");
    query.bind(json(kids.iter().copied())).execute(connection).await.map(|_| ())
}

/// The row of `keys` that holds the private half of a key, if there is one.
pub(crate) async fn row_of(connection: &mut SqliteConnection, kid: &Kid) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT k.kid FROM keys AS k JOIN key_details AS d ON d.key_row = k.kid WHERE d.kid = ?")
        .bind(kid.as_str())
        .fetch_optional(connection)
        .await
}

/// Adds the private half of a key; answers its row.
pub(crate) async fn insert(connection: &mut SqliteConnection, key: &SigningKey) -> Result<i64, sqlx::Error> {
    let done = sqlx::query("INSERT INTO keys (key, exp) VALUES (?, ?)")
        .bind(&key.private.bytes)
        .bind(key.schedule.published_until.unix_seconds())
        .execute(connection)
        .await?;
    Ok(done.last_insert_rowid())
}

/// Replaces the private half of a key, sealed anew perhaps, and the end of its publication.
pub(crate) async fn update(connection: &mut SqliteConnection, row: i64, key: &SigningKey) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE keys SET key = ?, exp = ? WHERE kid = ?")
        .bind(&key.private.bytes)
        .bind(key.schedule.published_until.unix_seconds())
        .bind(row)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Writes down all that is known of a key besides.
pub(crate) async fn describe(
    connection: &mut SqliteConnection,
    row: i64,
    position: i64,
    key: &SigningKey,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "INSERT OR REPLACE INTO key_details (kid, key_row, position, purpose, algorithm, public_jwk, sealed_by, created_at,
             published_from, signs_from, signs_until, revoked_at, revocation_reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    query
        .bind(key.kid().as_str())
        .bind(row)
        .bind(position)
        .bind(key.purpose.as_str())
        .bind(key.algorithm().as_str())
        .bind(public_jwk::to_text(&key.public))
        .bind(key.private.sealed_by.as_str())
        .bind(key.created_at.unix_seconds())
        .bind(key.schedule.published_from.unix_seconds())
        .bind(key.schedule.signs_from.unix_seconds())
        .bind(key.schedule.signs_until.unix_seconds())
        .bind(key.revocation.as_ref().map(|revocation| revocation.at.unix_seconds()))
        .bind(key.revocation.as_ref().map(|revocation| &revocation.reason))
        .execute(connection)
        .await
        .map(|_| ())
}

/// Forgets all revoked kids but these.
pub(crate) async fn unrevoke_all_but(
    connection: &mut SqliteConnection,
    kids: &BTreeSet<Kid>,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query("DELETE FROM revoked_keys WHERE kid NOT IN (SELECT value FROM json_each(?))");
    query.bind(json(kids)).execute(connection).await.map(|_| ())
}

/// Writes down revoked kids; those that are there already stay.
pub(crate) async fn revoke(connection: &mut SqliteConnection, kids: &BTreeSet<Kid>) -> Result<(), sqlx::Error> {
    let query = sqlx::query("INSERT OR IGNORE INTO revoked_keys (kid) SELECT value FROM json_each(?)");
    query.bind(json(kids)).execute(connection).await.map(|_| ())
}

/// Any number of kids as one bound value.
fn json<'a>(kids: impl IntoIterator<Item = &'a Kid>) -> String {
    kids.into_iter().map(Kid::as_str).collect::<Value>().to_string()
}

fn signing_key(row: &SqliteRow) -> Result<SigningKey, SqliteError> {
    let kid: String = row.try_get("kid")?;
    let wrong = |column| inconsistent("key_details", &kid, column);
    let text = |column| row.try_get::<&str, _>(column);
    let at = |column| row.try_get(column).map(Timestamp::from_unix_seconds);
    let algorithm = Algorithm::from_name(text("algorithm")?).ok_or_else(|| wrong("algorithm"))?;
    let public = public_jwk::from_text(algorithm, text("public_jwk")?)
        .filter(|jwk| jwk.kid().as_str() == kid)
        .ok_or_else(|| wrong("public_jwk"))?;
    let revoked_at: Option<i64> = row.try_get("revoked_at")?;
    let revocation = match revoked_at {
        Some(at) => {
            Some(Revocation { at: Timestamp::from_unix_seconds(at), reason: row.try_get("revocation_reason")? })
        }
        None => None,
    };
    Ok(SigningKey {
        public,
        private: sealed(row, "key")?,
        purpose: KeyPurpose::from_name(text("purpose")?).ok_or_else(|| wrong("purpose"))?,
        created_at: at("created_at")?,
        schedule: KeySchedule {
            published_from: at("published_from")?,
            signs_from: at("signs_from")?,
            signs_until: at("signs_until")?,
            published_until: at("exp")?,
        },
        revocation,
    })
}

fn inconsistent(table: &'static str, row: &str, column: &'static str) -> SqliteError {
    SqliteError::Inconsistent { table, row: row.to_owned(), column }
}
