//! Sessions moving on over SQLite: the step, what it depends on and its entry of the audit log as one script.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::ports::{OwnedSession, SessionJournal, SessionStep, StoreError};
use jwksd_domain::session::SessionId;
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::script::{Script, Values};
use crate::store::Store;
use crate::task::Task;
use crate::{audit_log, session_rows, user_rows};

/// Moves sessions on in the database.
pub(crate) struct SqliteSessionJournal(pub(crate) Arc<Store>);

#[async_trait]
impl SessionJournal for SqliteSessionJournal {
    async fn find(&self, id: SessionId) -> Result<Option<OwnedSession>, StoreError> {
        Ok(self.0.read(FindOwned(id)).await?)
    }

    async fn advance(&self, step: &SessionStep) -> Result<bool, StoreError> {
        Ok(self.0.execute(Advance(step.clone())).await? > 0)
    }
}

struct FindOwned(SessionId);

#[async_trait]
impl Task for FindOwned {
    type Answer = Option<OwnedSession>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<OwnedSession>, SqliteError> {
        let Some(session) = session_rows::by_id(connection, self.0).await? else { return Ok(None) };
        let user = user_rows::by_id(connection, session.user_id).await?;
        Ok(Some(OwnedSession { session, user }))
    }
}

struct Advance(SessionStep);

impl Script for Advance {
    /// Each statement does something only where the one before did. A user without details is an active reader.
    const SQL: &'static str = "UPDATE sessions
         SET generation = ?, token_hash = ?, spent_at = ?, last_used_at = ?, idle_expires_at = ?
         WHERE sid = ? AND generation = ? AND ended_at IS NULL
             AND EXISTS (
                 SELECT 1
                 FROM users AS u
                 LEFT JOIN user_details AS d ON d.user_id = u.id
                 WHERE u.id = sessions.user_id AND u.id = ? AND u.username = ? AND COALESCE(d.role, 'read') = ?
                     AND COALESCE(d.state, 'active') = ? AND COALESCE(d.demo, 0) = ?
             );
         INSERT INTO auth_logs (request_ip, request_timestamp, user_id)
         SELECT ?, datetime(?, 'unixepoch'), ?
         WHERE changes() = 1;
         INSERT INTO auth_log_details (log_id, event, outcome, name, user_agent, kid, jti, expires_at, administrator_id,
             sid, status_list, status_index, detail)
         SELECT last_insert_rowid(), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
         WHERE changes() = 1;";

    const STATEMENTS: usize = 3;

    fn bind(&self, values: &mut Values) {
        let SessionStep { id, rotation, user, entry } = &self.0;
        values
            .add(rotation.generation)
            .add(rotation.token_hash.bytes().to_vec())
            .add(session_rows::instants(&rotation.spent_at))
            .add(rotation.last_used_at.unix_millis())
            .add(rotation.idle_expires_at.unix_millis())
            .add(id.to_string())
            .add(rotation.from)
            .add(user.id.0)
            .add(user.username.as_str())
            .add(user.role.as_str())
            .add(user.state.as_str())
            .add(user.demo);
        audit_log::bind(entry, values);
    }
}
