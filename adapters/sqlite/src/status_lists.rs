//! Status lists over SQLite: the table `status_lists`, and what the audit log and the other tables tell of the tokens.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::client::ClientState;
use jwksd_domain::ports::{StatusLists, StoreError};
use jwksd_domain::status_list::{BlockSize, StatusBlock};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserState;
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::store::Store;
use crate::task::Task;

/// Keeps status lists in the database.
pub(crate) struct SqliteStatusLists(pub(crate) Arc<Store>);

#[async_trait]
impl StatusLists for SqliteStatusLists {
    async fn reserve(&self, size: BlockSize, now: Timestamp) -> Result<StatusBlock, StoreError> {
        Ok(self.0.write(Reserve { size, now }).await?)
    }

    async fn find(&self, list: u32, now: Timestamp, idle_since: Timestamp) -> Result<Option<Vec<u16>>, StoreError> {
        Ok(self.0.read(FindInvalid { list, now, idle_since }).await?)
    }

    async fn alive(&self, now: Timestamp, idle_since: Timestamp) -> Result<Vec<u32>, StoreError> {
        Ok(self.0.read(ListAlive { now, idle_since }).await?)
    }
}

struct Reserve {
    size: BlockSize,
    now: Timestamp,
}

#[async_trait]
impl Task for Reserve {
    type Answer = StatusBlock;

    /// What the machine forgets would be given out twice.
    const SYNCED: bool = true;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<StatusBlock, SqliteError> {
        let last = sqlx::query_as("SELECT list, reserved FROM status_lists ORDER BY list DESC LIMIT 1");
        let block = StatusBlock::behind(last.fetch_optional(&mut *connection).await?, self.size);
        let query = sqlx::query(
            "INSERT INTO status_lists (list, reserved, reserved_at)
             VALUES (?, ?, ?)
             ON CONFLICT (list) DO UPDATE SET reserved = excluded.reserved, reserved_at = excluded.reserved_at",
        );
        query.bind(block.list).bind(block.end()).bind(self.now.unix_seconds()).execute(connection).await?;
        Ok(block)
    }
}

struct FindInvalid {
    list: u32,
    now: Timestamp,
    idle_since: Timestamp,
}

#[async_trait]
impl Task for FindInvalid {
    type Answer = Option<Vec<u16>>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<Vec<u16>>, SqliteError> {
        if !is_alive(connection, self).await? {
            return Ok(None);
        }
        // An entry without a user is a client's. A user without details is an active reader.
        let query = sqlx::query_scalar(
            "SELECT d.status_index
             FROM auth_log_details AS d
             JOIN auth_logs AS l ON l.id = d.log_id
             LEFT JOIN user_details AS u ON u.user_id = l.user_id
             LEFT JOIN sessions AS s ON s.sid = d.sid
             LEFT JOIN clients AS c ON l.user_id IS NULL AND c.client_id = d.name
             LEFT JOIN revoked_tokens AS r ON r.jti = d.jti
             WHERE d.status_list = ? AND d.expires_at > ?
                 AND (r.jti IS NOT NULL
                     OR s.ended_at IS NOT NULL
                     OR COALESCE(u.state, ?) <> ?
                     OR l.user_id IS NULL AND c.state IS NOT ?)
             ORDER BY d.status_index",
        );
        let active = UserState::Active.as_str();
        let query = query.bind(self.list).bind(self.now.unix_seconds()).bind(active).bind(active);
        Ok(Some(query.bind(ClientState::Active.as_str()).fetch_all(connection).await?))
    }
}

async fn is_alive(connection: &mut SqliteConnection, asked: &FindInvalid) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM status_lists WHERE list = ? AND reserved_at >= ?)
             OR EXISTS (SELECT 1 FROM auth_log_details WHERE status_list = ? AND expires_at > ?)",
    );
    query
        .bind(asked.list)
        .bind(asked.idle_since.unix_seconds())
        .bind(asked.list)
        .bind(asked.now.unix_seconds())
        .fetch_one(connection)
        .await
}

struct ListAlive {
    now: Timestamp,
    idle_since: Timestamp,
}

#[async_trait]
impl Task for ListAlive {
    type Answer = Vec<u32>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Vec<u32>, SqliteError> {
        let query = sqlx::query_scalar(
            "SELECT list
             FROM status_lists AS l
             WHERE reserved_at >= ?
                 OR EXISTS (SELECT 1 FROM auth_log_details WHERE status_list = l.list AND expires_at > ?)
             ORDER BY list",
        );
        Ok(query.bind(self.idle_since.unix_seconds()).bind(self.now.unix_seconds()).fetch_all(connection).await?)
    }
}
