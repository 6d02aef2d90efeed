//! A survey of the password hashes over SQLite, by a reader: nobody waits for it but who asked.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::decoy::HashKind;
use jwksd_domain::ports::{PasswordHashSurvey, StoreError};
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::store::Store;
use crate::task::Task;
use crate::user_rows;

/// Looks over the hashes in the database.
pub(crate) struct SqlitePasswordHashSurvey(pub(crate) Arc<Store>);

#[async_trait]
impl PasswordHashSurvey for SqlitePasswordHashSurvey {
    async fn survey(&self) -> Result<Vec<HashKind>, StoreError> {
        Ok(self.0.read(Survey).await?)
    }
}

struct Survey;

#[async_trait]
impl Task for Survey {
    type Answer = Vec<HashKind>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Vec<HashKind>, SqliteError> {
        user_rows::hash_kinds(connection).await
    }
}
