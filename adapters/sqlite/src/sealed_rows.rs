//! The SQL of what is sealed in the tables `sessions`, `one_time_codes` and `second_factors`.

use std::fmt::Write;

use jwksd_domain::ports::{Purpose, Resealing, SealContext, SealedSecret};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;
use crate::sealed::sealed;

/// The most rows that are changed by one statement: with a statement for each, other writers would wait for longer.
const TOGETHER_MAX: usize = 1000;

/// A table with a sealed secret in each row.
#[derive(Clone, Copy)]
pub(crate) enum SealedTable {
    Sessions,
    OneTimeCodes,
    SecondFactors,
}

impl SealedTable {
    /// All of them, in the order of their purposes.
    pub(crate) const ALL: [Self; 3] = [Self::Sessions, Self::OneTimeCodes, Self::SecondFactors];

    /// What its secrets are for.
    pub(crate) const fn purpose(self) -> Purpose {
        match self {
            Self::Sessions => Purpose::SessionSecret,
            Self::OneTimeCodes => Purpose::OneTimeCodeKey,
            Self::SecondFactors => Purpose::TotpSecret,
        }
    }

    /// Rows from behind a subject on, in the order of the primary key.
    const fn page(self) -> &'static str {
        match self {
            Self::Sessions => {
                "SELECT sid AS subject, sealed_secret AS sealed, sealed_by
                 FROM sessions
                 WHERE sid > ?
                 ORDER BY sid
                 LIMIT ?"
            }
            Self::OneTimeCodes => {
                "SELECT lower(hex(id)) AS subject, sealed_key AS sealed, sealed_by
                 FROM one_time_codes
                 WHERE id > unhex(?)
                 ORDER BY id
                 LIMIT ?"
            }
            Self::SecondFactors => {
                "SELECT CAST(user_id AS TEXT) AS subject, sealed_secret AS sealed, sealed_by
                 FROM second_factors
                 WHERE user_id > iif(?1 = '', -9223372036854775808, CAST(?1 AS INTEGER))
                 ORDER BY user_id
                 LIMIT ?2"
            }
        }
    }

    /// Changes the rows that are as they were.
    const fn replace(self) -> &'static str {
        match self {
            Self::Sessions => {
                "UPDATE sessions
                 SET sealed_secret = unhex(new.value ->> 'to'), sealed_by = new.value ->> 'to_key'
                 FROM json_each(?) AS new
                 WHERE sid = new.value ->> 'subject'
                     AND sealed_secret = unhex(new.value ->> 'from') AND sealed_by = new.value ->> 'from_key'"
            }
            Self::OneTimeCodes => {
                "UPDATE one_time_codes
                 SET sealed_key = unhex(new.value ->> 'to'), sealed_by = new.value ->> 'to_key'
                 FROM json_each(?) AS new
                 WHERE one_time_codes.id = unhex(new.value ->> 'subject')
                     AND sealed_key = unhex(new.value ->> 'from') AND sealed_by = new.value ->> 'from_key'"
            }
            Self::SecondFactors => {
                "UPDATE second_factors
                 SET sealed_secret = unhex(new.value ->> 'to'), sealed_by = new.value ->> 'to_key'
                 FROM json_each(?) AS new
                 WHERE user_id = CAST(new.value ->> 'subject' AS INTEGER)
                     AND sealed_secret = unhex(new.value ->> 'from') AND sealed_by = new.value ->> 'from_key'"
            }
        }
    }

    /// Whether a row is there that is sealed with another key than it was to be.
    const fn is_behind(self) -> &'static str {
        match self {
            Self::Sessions => {
                "SELECT EXISTS (
                     SELECT 1 FROM json_each(?) AS new JOIN sessions ON sid = new.value ->> 'subject'
                     WHERE sealed_by <> new.value ->> 'to_key')"
            }
            Self::OneTimeCodes => {
                "SELECT EXISTS (
                     SELECT 1 FROM json_each(?) AS new JOIN one_time_codes ON one_time_codes.id = unhex(new.value ->> 'subject')
                     WHERE sealed_by <> new.value ->> 'to_key')"
            }
            Self::SecondFactors => {
                "SELECT EXISTS (
                     SELECT 1 FROM json_each(?) AS new
                     JOIN second_factors ON user_id = CAST(new.value ->> 'subject' AS INTEGER)
                     WHERE sealed_by <> new.value ->> 'to_key')"
            }
        }
    }
}

/// Secrets of one table that are to be replaced by one statement.
pub(crate) struct Replacement {
    table: SealedTable,
    count: u64,
    new: String,
}

impl Replacement {
    /// What replaces those of `resealings` that are of the table; made before the transaction, which should be short.
    pub(crate) fn all(table: SealedTable, resealings: &[Resealing]) -> Vec<Self> {
        let of_table = |resealing: &&Resealing| resealing.context.purpose() == table.purpose();
        let of_table: Vec<_> = resealings.iter().filter(of_table).collect();
        let text = |chunk: &[&Resealing]| chunk.iter().copied().map(json).collect::<Value>().to_string();
        let chunks = of_table.chunks(TOGETHER_MAX);
        chunks.map(|chunk| Self { table, count: chunk.len() as u64, new: text(chunk) }).collect()
    }
}

/// The secrets of a table from behind a subject on; from the first on where it is empty.
pub(crate) async fn page(
    connection: &mut SqliteConnection,
    table: SealedTable,
    after: &str,
    limit: u32,
) -> Result<Vec<SealedSecret>, SqliteError> {
    let rows = sqlx::query(table.page()).bind(after).bind(limit).fetch_all(connection).await?;
    rows.iter().map(|row| secret(table, row)).collect()
}

/// Replaces secrets that are as they were; tells how many.
pub(crate) async fn replace(
    connection: &mut SqliteConnection,
    Replacement { table, count, new }: &Replacement,
) -> Result<u64, SqliteError> {
    let done = sqlx::query(table.replace()).bind(new).execute(&mut *connection).await?;
    let replaced = done.rows_affected();
    if replaced == *count {
        return Ok(replaced);
    }
    match sqlx::query_scalar(table.is_behind()).bind(new).fetch_one(connection).await? {
        true => Err(SqliteError::Conflict),
        false => Ok(replaced),
    }
}

/// What SQLite reads of a resealing: blobs as hexadecimal digits.
fn json(Resealing { context, from, to }: &Resealing) -> Value {
    json!({
        "subject": context.subject(),
        "from": hex(&from.bytes),
        "from_key": from.sealed_by.as_str(),
        "to": hex(&to.bytes),
        "to_key": to.sealed_by.as_str(),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// Only other programs write subjects that are no id of their kind; what stands there is shown as one that does not open.
fn secret(table: SealedTable, row: &SqliteRow) -> Result<SealedSecret, SqliteError> {
    let context = SealContext::stored(table.purpose(), row.try_get("subject")?);
    Ok(SealedSecret { context, sealed: sealed(row, "sealed")? })
}
