//! The key ring over SQLite: one revision, one row a key.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::key::KeyRing;
use jwksd_domain::ports::{KeyRepository, StoreError};
use sqlx::{Connection, SqliteConnection};

use crate::error::SqliteError;
use crate::key_rows;
use crate::store::Store;
use crate::task::Task;

/// Keeps the key ring in the database.
pub(crate) struct SqliteKeyRepository(pub(crate) Arc<Store>);

#[async_trait]
impl KeyRepository for SqliteKeyRepository {
    /// Looks at the file too, once a second as this is called: keys of a file that nobody finds any more must not go on to sign.
    async fn load(&self) -> Result<KeyRing, StoreError> {
        self.0.check_file().await?;
        Ok(self.0.read(LoadRing).await?)
    }

    async fn store(&self, ring: &KeyRing) -> Result<(), StoreError> {
        Ok(self.0.write(StoreRing(ring.clone())).await?)
    }
}

/// Counts the rows of `keys` that are not of the ring.
pub(crate) struct CountAdopted;

#[async_trait]
impl Task for CountAdopted {
    type Answer = u64;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<u64, SqliteError> {
        Ok(key_rows::count_adopted(connection).await?)
    }
}

struct LoadRing;

#[async_trait]
impl Task for LoadRing {
    type Answer = KeyRing;

    /// Reads in a transaction, so that revision, keys and revoked kids are of one moment.
    async fn run(&self, connection: &mut SqliteConnection) -> Result<KeyRing, SqliteError> {
        let mut snapshot = connection.begin().await?;
        let ring = KeyRing {
            revision: key_rows::revision(&mut snapshot).await?,
            keys: key_rows::keys(&mut snapshot).await?,
            revoked: key_rows::revoked(&mut snapshot).await?,
        };
        snapshot.rollback().await?;
        Ok(ring)
    }
}

/// Replaces the ring, if the stored one has its revision.
pub(crate) struct StoreRing(pub(crate) KeyRing);

#[async_trait]
impl Task for StoreRing {
    type Answer = ();

    /// A ring that is forgotten leaves tokens behind that nobody can verify any more.
    const SYNCED: bool = true;

    /// Keys that stay keep their row, since programs outside may know its number.
    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), SqliteError> {
        let Self(ring) = self;
        if !key_rows::advance_revision(connection, ring.revision).await? {
            return Err(SqliteError::Conflict);
        }
        let kids: BTreeSet<_> = ring.keys.iter().map(|key| key.kid()).collect();
        if kids.len() != ring.keys.len() {
            return Err(SqliteError::Taken { field: "kid" });
        }
        key_rows::erase_all_but(connection, &kids).await?;
        key_rows::forget_all_but(connection, &kids).await?;
        for (position, key) in (0_i64..).zip(&ring.keys) {
            let row = match key_rows::row_of(connection, key.kid()).await? {
                Some(row) => {
                    key_rows::update(connection, row, key).await?;
                    row
                }
                None => key_rows::insert(connection, key).await?,
            };
            key_rows::describe(connection, row, position, key).await?;
        }
        key_rows::unrevoke_all_but(connection, &ring.revoked).await?;
        key_rows::revoke(connection, &ring.revoked).await?;
        Ok(())
    }
}
