//! The sealed keys of one-time codes over SQLite, with their part of the SQL of the table `one_time_codes`.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::otp::OtpId;
use jwksd_domain::ports::{Purpose, Resealing, SealContext, Sealed, SealedSecret, SealedSecrets, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;
use crate::store::Store;
use crate::task::Task;

/// Shows and replaces the sealed keys of one-time codes.
pub(crate) struct SqliteOtpSecrets(pub(crate) Arc<Store>);

#[async_trait]
impl SealedSecrets for SqliteOtpSecrets {
    fn purpose(&self) -> Purpose {
        Purpose::OneTimeCodeKey
    }

    async fn page(&self, after: Option<String>, limit: u32) -> Result<Vec<SealedSecret>, StoreError> {
        Ok(self.0.read(ReadPage { after: after.unwrap_or_default(), limit }).await?)
    }

    async fn replace(&self, resealings: &[Resealing]) -> Result<u64, StoreError> {
        Ok(self.0.write(Replace(resealings.to_vec())).await?)
    }
}

struct ReadPage {
    after: String,
    limit: u32,
}

#[async_trait]
impl Task for ReadPage {
    type Answer = Vec<SealedSecret>;

    /// Codes are over within minutes, so there are few of them.
    async fn run(&self, connection: &mut SqliteConnection) -> Result<Vec<SealedSecret>, SqliteError> {
        let query = sqlx::query(
            "SELECT id, sealed_key, sealed_by FROM one_time_codes WHERE lower(hex(id)) > ? ORDER BY id LIMIT ?",
        );
        query.bind(&self.after).bind(self.limit).fetch_all(connection).await?.iter().map(secret).collect()
    }
}

struct Replace(Vec<Resealing>);

#[async_trait]
impl Task for Replace {
    type Answer = u64;

    const SYNCED: bool = true;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<u64, SqliteError> {
        let mut replaced = 0;
        for resealing in &self.0 {
            replaced += update(connection, resealing).await?;
        }
        Ok(replaced)
    }
}

async fn update(connection: &mut SqliteConnection, resealing: &Resealing) -> Result<u64, sqlx::Error> {
    let Resealing { context, from, to } = resealing;
    let query = sqlx::query(
        "UPDATE one_time_codes
         SET sealed_key = ?, sealed_by = ?
         WHERE lower(hex(id)) = ? AND sealed_key = ? AND sealed_by = ?",
    );
    let done = query
        .bind(&to.bytes)
        .bind(to.sealed_by.as_str())
        .bind(context.subject())
        .bind(&from.bytes)
        .bind(from.sealed_by.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn secret(row: &SqliteRow) -> Result<SealedSecret, SqliteError> {
    let wrong = |column| SqliteError::Inconsistent { table: "one_time_codes", row: String::new(), column };
    let id = <[u8; 16]>::try_from(row.try_get::<&[u8], _>("id")?).map_err(|_| wrong("id"))?;
    let sealed_by = EncryptionKeyId::parse(row.try_get("sealed_by")?).map_err(|_| wrong("sealed_by"))?;
    Ok(SealedSecret {
        context: SealContext::of_one_time_code(OtpId::new(id)),
        sealed: Sealed { bytes: row.try_get("sealed_key")?, sealed_by },
    })
}
