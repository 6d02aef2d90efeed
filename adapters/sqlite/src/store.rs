//! Where tasks go: changes to the writer, questions to the readers.

use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlitePool;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::error::SqliteError;
use crate::open_file::OpenFile;
use crate::script::{self, Script};
use crate::task::{self, Queued, Task};

/// How a queued task ends.
type Ended<A> = oneshot::Receiver<Result<A, SqliteError>>;

/// An open database.
pub(crate) struct Store {
    /// The way to the writer.
    pub(crate) queue: mpsc::Sender<Box<dyn Queued>>,
    /// The readers. A database in memory has none: it is one connection, and the writer answers questions too.
    pub(crate) readers: Option<SqlitePool>,
    /// The file, if it is in one.
    pub(crate) file: Option<OpenFile>,
    /// How long a task waits for a place in the queue.
    pub(crate) patience: Duration,
    /// What the column `users.email` holds for a user without an address.
    pub(crate) absent_email: Option<&'static str>,
    /// Tells the writer to take no more.
    pub(crate) closing: Arc<Notify>,
    /// The writer, until someone has waited for its end.
    pub(crate) writer: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Has the writer do `task`; answers when it is committed.
    pub(crate) async fn write<T: Task>(&self, task: T) -> Result<T::Answer, SqliteError> {
        self.queued(task::queued(task)).await
    }

    /// Has the writer run `script`; answers when it is committed, and how many rows it changed.
    pub(crate) async fn execute(&self, script: impl Script) -> Result<u64, SqliteError> {
        self.queued(script::queued(script)).await
    }

    async fn queued<A>(&self, (task, ended): (Box<dyn Queued>, Ended<A>)) -> Result<A, SqliteError> {
        self.queue.send_timeout(task, self.patience).await.map_err(|refused| match refused {
            SendTimeoutError::Timeout(_) => SqliteError::QueueFull,
            SendTimeoutError::Closed(_) => SqliteError::Closed,
        })?;
        ended.await.unwrap_or(Err(SqliteError::Closed))
    }

    /// Has a reader do `task`, which changes nothing.
    pub(crate) async fn read<T: Task>(&self, task: T) -> Result<T::Answer, SqliteError> {
        let Some(readers) = &self.readers else {
            return self.write(task).await;
        };
        let mut connection = readers.acquire().await?;
        task.run(&mut connection).await
    }

    /// Whether the file that is open is still the one at its path.
    pub(crate) async fn check_file(&self) -> Result<(), SqliteError> {
        match &self.file {
            Some(file) => file.check().await,
            None => Ok(()),
        }
    }

    /// Waits until everything queued is committed and every connection closed.
    pub(crate) async fn close(&self) {
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
        self.closing.notify_one();
        let mut writer = self.writer.lock().await;
        if let Some(handle) = writer.take()
            && handle.await.is_err()
        {
            tracing::error!("the SQLite writer had stopped before it was told to");
        }
    }
}
