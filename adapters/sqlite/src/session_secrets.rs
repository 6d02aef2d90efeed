//! The sealed secrets of sessions over SQLite, with their part of the SQL of the table `sessions`.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::ports::{Purpose, Resealing, SealContext, Sealed, SealedSecret, SealedSecrets, StoreError};
use jwksd_domain::session::SessionId;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::SqliteError;
use crate::store::Store;
use crate::task::Task;

/// Shows and replaces the sealed secrets of sessions.
pub(crate) struct SqliteSessionSecrets(pub(crate) Arc<Store>);

#[async_trait]
impl SealedSecrets for SqliteSessionSecrets {
    fn purpose(&self) -> Purpose {
        Purpose::SessionSecret
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

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Vec<SealedSecret>, SqliteError> {
        let query =
            sqlx::query("SELECT sid, sealed_secret, sealed_by FROM sessions WHERE sid > ? ORDER BY sid LIMIT ?");
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
        "UPDATE sessions SET sealed_secret = ?, sealed_by = ? WHERE sid = ? AND sealed_secret = ? AND sealed_by = ?",
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
    let sid: &str = row.try_get("sid")?;
    let wrong = |column| SqliteError::Inconsistent { table: "sessions", row: sid.to_owned(), column };
    let sealed_by = EncryptionKeyId::parse(row.try_get("sealed_by")?).map_err(|_| wrong("sealed_by"))?;
    Ok(SealedSecret {
        context: SealContext::of_session(SessionId::parse(sid).ok_or_else(|| wrong("sid"))?),
        sealed: Sealed { bytes: row.try_get("sealed_secret")?, sealed_by },
    })
}
