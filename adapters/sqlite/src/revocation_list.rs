//! Tokens that were called back, over SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::ports::{RevocationList, RevokedToken, StoreError};
use jwksd_domain::time::Timestamp;
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::store::Store;
use crate::task::Task;

/// Keeps the ids of revoked tokens in the database.
pub(crate) struct SqliteRevocationList(pub(crate) Arc<Store>);

#[async_trait]
impl RevocationList for SqliteRevocationList {
    async fn revoke(&self, token: &RevokedToken, forget_before: Timestamp) -> Result<(), StoreError> {
        Ok(self.0.write(Revoke { token: token.clone(), forget_before }).await?)
    }

    async fn contains(&self, jti: &str) -> Result<bool, StoreError> {
        Ok(self.0.read(Contains(jti.to_owned())).await?)
    }
}

struct Revoke {
    token: RevokedToken,
    forget_before: Timestamp,
}

#[async_trait]
impl Task for Revoke {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), SqliteError> {
        forget_before(connection, self.forget_before).await?;
        Ok(insert(connection, &self.token).await?)
    }
}

struct Contains(String);

#[async_trait]
impl Task for Contains {
    type Answer = bool;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<bool, SqliteError> {
        let query = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM revoked_tokens WHERE jti = ?)");
        Ok(query.bind(&self.0).fetch_one(connection).await?)
    }
}

async fn insert(connection: &mut SqliteConnection, token: &RevokedToken) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO revoked_tokens (jti, expires_at) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING")
        .bind(&token.jti)
        .bind(token.expires_at.unix_seconds())
        .execute(connection)
        .await
        .map(|_| ())
}

/// Erases tokens that ended before that instant, so many at a time that nobody has to wait for it.
async fn forget_before(connection: &mut SqliteConnection, before: Timestamp) -> Result<(), sqlx::Error> {
    let query = sqlx::query(
        "DELETE FROM revoked_tokens
         WHERE jti IN (SELECT jti FROM revoked_tokens WHERE expires_at < ? ORDER BY expires_at LIMIT 100)",
    );
    query.bind(before.unix_seconds()).execute(connection).await.map(|_| ())
}
