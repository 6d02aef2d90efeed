//! Everything that is kept sealed, over SQLite: the ring and the tables of [`SealedTable`].

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::key::KeyRing;
use jwksd_domain::ports::{Resealing, SealContext, SealedSecret, SealedSecrets, StoreError};
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::key_repository::StoreRing;
use crate::sealed_rows::{self, SealedTable};
use crate::store::Store;
use crate::task::Task;

/// How many rows are changed by one statement: a statement for each would keep other writers waiting for longer.
const TOGETHER_MAX: usize = 1000;

/// Shows and replaces what is sealed in the database.
pub(crate) struct SqliteSealedSecrets(pub(crate) Arc<Store>);

#[async_trait]
impl SealedSecrets for SqliteSealedSecrets {
    async fn page(&self, after: Option<SealContext>, limit: u32) -> Result<Vec<SealedSecret>, StoreError> {
        Ok(self.0.read(ReadPage { after, limit }).await?)
    }

    async fn replace(&self, ring: &KeyRing, resealings: &[Resealing]) -> Result<u64, StoreError> {
        Ok(self.0.write(Replace { ring: StoreRing(ring.clone()), resealings: resealings.to_vec() }).await?)
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
    resealings: Vec<Resealing>,
}

#[async_trait]
impl Task for Replace {
    type Answer = u64;

    const SYNCED: bool = true;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<u64, SqliteError> {
        self.ring.run(connection).await?;
        let mut replaced = 0;
        for table in SealedTable::ALL {
            let of_table = |resealing: &&Resealing| resealing.context.purpose() == table.purpose();
            let resealings: Vec<_> = self.resealings.iter().filter(of_table).collect();
            for together in resealings.chunks(TOGETHER_MAX) {
                replaced += sealed_rows::replace(connection, table, together).await?;
            }
        }
        Ok(replaced)
    }
}
