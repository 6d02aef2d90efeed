//! Everything that is kept sealed, over SQLite: the ring and the tables of [`SealedTable`].

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::key::KeyRing;
use jwksd_domain::ports::{Resealing, SealContext, SealedSecret, SealedSecrets, StoreError};
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::key_repository::StoreRing;
use crate::sealed_rows::{self, Replacement, SealedTable};
use crate::store::Store;
use crate::task::Task;

/// Shows and replaces what is sealed in the database.
pub(crate) struct SqliteSealedSecrets(pub(crate) Arc<Store>);

#[async_trait]
impl SealedSecrets for SqliteSealedSecrets {
    async fn page(&self, after: Option<SealContext>, limit: u32) -> Result<Vec<SealedSecret>, StoreError> {
        Ok(self.0.read(ReadPage { after, limit }).await?)
    }

    async fn replace(&self, ring: &KeyRing, resealings: &[Resealing]) -> Result<u64, StoreError> {
        let secrets = SealedTable::ALL.into_iter().flat_map(|table| Replacement::all(table, resealings)).collect();
        Ok(self.0.write(Replace { ring: StoreRing(ring.clone()), secrets }).await?)
    }
}

struct ReadPage {
    after: Option<SealContext>,
    limit: u32,
}

#[async_trait]
impl Task for ReadPage {
    type Answer = Vec<SealedSecret>;

    /// A page is of one table; those that are through, or empty, are passed over.
    async fn run(&self, connection: &mut SqliteConnection) -> Result<Vec<SealedSecret>, SqliteError> {
        for table in SealedTable::ALL {
            let subject = match &self.after {
                Some(after) if after.purpose() > table.purpose() => continue,
                Some(after) if after.purpose() == table.purpose() => after.subject(),
                Some(_) | None => "",
            };
            let page = sealed_rows::page(connection, table, subject, self.limit).await?;
            if !page.is_empty() {
                return Ok(page);
            }
        }
        Ok(Vec::new())
    }
}

struct Replace {
    ring: StoreRing,
    secrets: Vec<Replacement>,
}

#[async_trait]
impl Task for Replace {
    type Answer = u64;

    const SYNCED: bool = true;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<u64, SqliteError> {
        self.ring.run(connection).await?;
        let mut replaced = 0;
        for secrets in &self.secrets {
            replaced += sealed_rows::replace(connection, secrets).await?;
        }
        Ok(replaced)
    }
}
