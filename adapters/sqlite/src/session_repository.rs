//! Sessions over SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::ports::{SessionRepository, SessionSelection, StoreError};
use jwksd_domain::session::{Session, SessionEnd, SessionId};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::session_rows;
use crate::store::Store;
use crate::task::Task;

/// Keeps sessions in the database.
pub(crate) struct SqliteSessionRepository(pub(crate) Arc<Store>);

#[async_trait]
impl SessionRepository for SqliteSessionRepository {
    async fn insert(&self, session: &Session, forget_before: Timestamp) -> Result<(), StoreError> {
        Ok(self.0.write(InsertSession { session: session.clone(), forget_before }).await?)
    }

    async fn find(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        Ok(self.0.read(FindSession(id)).await?)
    }

    async fn list(&self, user: UserId, now: Timestamp, limit: u32) -> Result<Vec<Session>, StoreError> {
        Ok(self.0.read(ListSessions { user, now, limit }).await?)
    }

    async fn end(&self, user: UserId, which: SessionSelection, end: SessionEnd) -> Result<u64, StoreError> {
        Ok(self.0.write(EndSessions { user, which, end }).await?)
    }
}

struct InsertSession {
    session: Session,
    forget_before: Timestamp,
}

#[async_trait]
impl Task for InsertSession {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), SqliteError> {
        session_rows::insert(connection, &self.session).await?;
        Ok(session_rows::forget_before(connection, self.forget_before).await?)
    }
}

struct FindSession(SessionId);

#[async_trait]
impl Task for FindSession {
    type Answer = Option<Session>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<Session>, SqliteError> {
        session_rows::by_id(connection, self.0).await
    }
}

struct ListSessions {
    user: UserId,
    now: Timestamp,
    limit: u32,
}

#[async_trait]
impl Task for ListSessions {
    type Answer = Vec<Session>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Vec<Session>, SqliteError> {
        session_rows::live_of(connection, self.user, self.now, self.limit).await
    }
}

struct EndSessions {
    user: UserId,
    which: SessionSelection,
    end: SessionEnd,
}

#[async_trait]
impl Task for EndSessions {
    type Answer = u64;

    const CAN_REFUSE: bool = false;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<u64, SqliteError> {
        Ok(session_rows::end(connection, self.user, self.which, self.end).await?)
    }
}
