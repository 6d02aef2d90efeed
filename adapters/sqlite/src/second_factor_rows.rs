//! The SQL of the tables `second_factors` and `recovery_codes`.

use jwksd_domain::ports::Sealed;
use jwksd_domain::second_factor::{Confirmation, Enrolment, RecoveryHash, SecondFactor, Step};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;
use crate::sealed::sealed;

/// The second factor of a user. What is left of its recovery codes is read in the same statement, so that they belong together.
pub(crate) async fn of_user(
    connection: &mut SqliteConnection,
    user: UserId,
) -> Result<Option<SecondFactor>, SqliteError> {
    let query = sqlx::query(
        "SELECT user_id, enrolled_at, confirmed_at, sealed_secret, sealed_by, last_step,
             (SELECT group_concat(hex(code_hash), ' ') FROM recovery_codes AS r WHERE r.user_id = f.user_id) AS recovery
         FROM second_factors AS f
         WHERE user_id = ?",
    );
    query.bind(user.0).fetch_optional(connection).await?.as_ref().map(factor).transpose()
}

/// Adds a factor, in the place of one that is not confirmed; tells how many were added.
pub(crate) async fn enrol(connection: &mut SqliteConnection, factor: &SecondFactor) -> Result<u64, sqlx::Error> {
    let query = sqlx::query(
        "INSERT INTO second_factors (user_id, enrolled_at, sealed_secret, sealed_by)
         VALUES (?, ?, ?, ?)
         ON CONFLICT (user_id) DO UPDATE
         SET enrolled_at = excluded.enrolled_at, sealed_secret = excluded.sealed_secret, sealed_by = excluded.sealed_by
         WHERE confirmed_at IS NULL",
    );
    let done = query
        .bind(factor.enrolment.user.0)
        .bind(factor.enrolment.at.unix_millis())
        .bind(&factor.secret.bytes)
        .bind(factor.secret.sealed_by.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Confirms a factor that is not; tells how many were.
pub(crate) async fn confirm(
    connection: &mut SqliteConnection,
    enrolment: Enrolment,
    confirmation: &Confirmation,
) -> Result<u64, SqliteError> {
    let query = sqlx::query(
        "UPDATE second_factors
         SET confirmed_at = ?, last_step = ?
         WHERE user_id = ? AND enrolled_at = ? AND confirmed_at IS NULL",
    );
    let done = query
        .bind(confirmation.at.unix_millis())
        .bind(number(confirmation.step))
        .bind(enrolment.user.0)
        .bind(enrolment.at.unix_millis())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Takes the code of a later step than every one before; tells how many were taken.
pub(crate) async fn accept(
    connection: &mut SqliteConnection,
    enrolment: Enrolment,
    step: Step,
    secret: &Sealed,
) -> Result<u64, sqlx::Error> {
    let query = sqlx::query(
        "UPDATE second_factors
         SET last_step = ?1, sealed_secret = ?2, sealed_by = ?3
         WHERE user_id = ?4 AND enrolled_at = ?5 AND last_step < ?1",
    );
    let done = query
        .bind(number(step))
        .bind(&secret.bytes)
        .bind(secret.sealed_by.as_str())
        .bind(enrolment.user.0)
        .bind(enrolment.at.unix_millis())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// How many factors of that enrolment are confirmed: one or none.
pub(crate) async fn confirmed(connection: &mut SqliteConnection, enrolment: Enrolment) -> Result<u64, sqlx::Error> {
    let query = sqlx::query_scalar(
        "SELECT COUNT(*) FROM second_factors WHERE user_id = ? AND enrolled_at = ? AND confirmed_at IS NOT NULL",
    );
    query.bind(enrolment.user.0).bind(enrolment.at.unix_millis()).fetch_one(connection).await
}

/// Spends a recovery code of that enrolment; tells how many were.
pub(crate) async fn spend(
    connection: &mut SqliteConnection,
    enrolment: Enrolment,
    hash: &RecoveryHash,
) -> Result<u64, sqlx::Error> {
    let query = sqlx::query(
        "DELETE FROM recovery_codes
         WHERE user_id = ?1 AND code_hash = ?2
             AND EXISTS (SELECT 1 FROM second_factors WHERE user_id = ?1 AND enrolled_at = ?3)",
    );
    let done = query
        .bind(enrolment.user.0)
        .bind(&hash.bytes()[..])
        .bind(enrolment.at.unix_millis())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Erases the recovery codes of a user.
pub(crate) async fn forget_codes(connection: &mut SqliteConnection, user: UserId) -> Result<(), sqlx::Error> {
    let query = sqlx::query("DELETE FROM recovery_codes WHERE user_id = ?");
    query.bind(user.0).execute(connection).await.map(|_| ())
}

/// Adds a recovery code of a user.
pub(crate) async fn add_code(
    connection: &mut SqliteConnection,
    user: UserId,
    hash: &RecoveryHash,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query("INSERT INTO recovery_codes (user_id, code_hash) VALUES (?, ?)");
    query.bind(user.0).bind(&hash.bytes()[..]).execute(connection).await.map(|_| ())
}

/// Erases a factor; tells how many were.
pub(crate) async fn remove(connection: &mut SqliteConnection, enrolment: Enrolment) -> Result<u64, sqlx::Error> {
    let query = sqlx::query("DELETE FROM second_factors WHERE user_id = ? AND enrolled_at = ?");
    let done = query.bind(enrolment.user.0).bind(enrolment.at.unix_millis()).execute(connection).await?;
    Ok(done.rows_affected())
}

fn factor(row: &SqliteRow) -> Result<SecondFactor, SqliteError> {
    let user: i64 = row.try_get("user_id")?;
    let wrong = |column| SqliteError::Inconsistent { table: "second_factors", row: user.to_string(), column };
    let last_step: Option<i64> = row.try_get("last_step")?;
    let last_step = last_step.map(|step| u64::try_from(step).map(Step).map_err(|_| wrong("last_step")));
    let hashes: Option<&str> = row.try_get("recovery")?;
    let hashes = hashes.unwrap_or_default().split_whitespace().map(hash);
    let mut recovery = hashes.collect::<Option<Vec<_>>>().ok_or_else(|| wrong("code_hash"))?;
    recovery.sort_unstable();
    Ok(SecondFactor {
        enrolment: Enrolment { user: UserId(user), at: Timestamp::from_unix_millis(row.try_get("enrolled_at")?) },
        secret: sealed(row, "sealed_secret")?,
        confirmed_at: row.try_get::<Option<i64>, _>("confirmed_at")?.map(Timestamp::from_unix_millis),
        last_step: last_step.transpose()?,
        recovery,
    })
}

/// The hash that these 64 hexadecimal digits write.
fn hash(digits: &str) -> Option<RecoveryHash> {
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(RecoveryHash::new(bytes))
}

/// A step as SQLite counts; none that any clock shows is so late.
fn number(step: Step) -> i64 {
    i64::try_from(step.0).unwrap_or(i64::MAX)
}
