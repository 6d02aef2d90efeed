//! The SQL of the table `one_time_codes`.

use jwksd_domain::otp::{OtpHash, OtpId, StoredOtp};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::Email;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;
use crate::sealed::sealed;

/// Keeps a code in place of the one of that id.
pub(crate) async fn replace(connection: &mut SqliteConnection, otp: &StoredOtp) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "INSERT OR REPLACE INTO one_time_codes (id, email, sealed_key, sealed_by, code_hash, expires_at, attempts_left)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    query
        .bind(&otp.id.bytes()[..])
        .bind(otp.email.as_str())
        .bind(&otp.key.bytes)
        .bind(otp.key.sealed_by.as_str())
        .bind(&otp.hash.bytes()[..])
        .bind(otp.expires_at.unix_millis())
        .bind(otp.attempts_left)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Erases codes that are over, so many at a time that nobody has to wait for it.
pub(crate) async fn forget_over(connection: &mut SqliteConnection, now: Timestamp) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "DELETE FROM one_time_codes
         WHERE id IN (SELECT id FROM one_time_codes WHERE expires_at <= ? ORDER BY expires_at LIMIT 100)",
    );
    query.bind(now.unix_millis()).execute(connection).await.map(|_| ())
}

/// Spends an attempt, if one is left and the code is not over; the code as it then is.
pub(crate) async fn spend_attempt(
    connection: &mut SqliteConnection,
    id: OtpId,
    now: Timestamp,
) -> Result<Option<StoredOtp>, SqliteError> {
    let query = sqlx::query(
        "UPDATE one_time_codes
         SET attempts_left = attempts_left - 1
         WHERE id = ? AND expires_at > ? AND attempts_left > 0
         RETURNING id, email, sealed_key, sealed_by, code_hash, expires_at, attempts_left",
    );
    let row = query.bind(&id.bytes()[..]).bind(now.unix_millis()).fetch_optional(connection).await?;
    row.as_ref().map(otp).transpose()
}

/// Erases the code of that id, if its hash is that one; tells whether.
pub(crate) async fn erase(connection: &mut SqliteConnection, id: OtpId, hash: &OtpHash) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM one_time_codes WHERE id = ? AND code_hash = ?")
        .bind(&id.bytes()[..])
        .bind(&hash.bytes()[..])
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

fn otp(row: &SqliteRow) -> Result<StoredOtp, SqliteError> {
    let id: &[u8] = row.try_get("id")?;
    let id = <[u8; 16]>::try_from(id).map(OtpId::new);
    let id = id.map_err(|_| SqliteError::Inconsistent { table: "one_time_codes", row: String::new(), column: "id" })?;
    let wrong = |column| SqliteError::Inconsistent { table: "one_time_codes", row: id.to_string(), column };
    let hash: &[u8] = row.try_get("code_hash")?;
    Ok(StoredOtp {
        id,
        email: Email::parse(row.try_get("email")?).map_err(|_| wrong("email"))?,
        key: sealed(row, "sealed_key")?,
        hash: <[u8; 32]>::try_from(hash).map(OtpHash::new).map_err(|_| wrong("code_hash"))?,
        expires_at: Timestamp::from_unix_millis(row.try_get("expires_at")?),
        attempts_left: row.try_get("attempts_left")?,
    })
}
