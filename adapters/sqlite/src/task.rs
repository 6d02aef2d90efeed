//! What is to be done over a connection, and its place in the writer's queue.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use crate::error::SqliteError;
use crate::script::Scripted;

/// A question or a change. A change runs in a transaction that is undone if it fails, and may run anew if it was lost with it.
#[async_trait]
pub(crate) trait Task: Send + Sync + 'static {
    /// What comes of it.
    type Answer: Send + 'static;

    /// Whether it must survive a power failure whatever the options say.
    const SYNCED: bool = false;

    /// Whether it may refuse while the database is well, as where a name is taken: then it is undone by itself, which costs two
    /// statements more. What one that never refuses did is undone with all that was done beside it, should the database fail.
    const CAN_REFUSE: bool = true;

    /// Does it.
    async fn run(&self, connection: &mut SqliteConnection) -> Result<Self::Answer, SqliteError>;
}

/// A task of any kind that waits for the writer.
#[async_trait]
pub(crate) trait Queued: Send {
    /// See [`Task::SYNCED`].
    fn is_synced(&self) -> bool;

    /// See [`Task::CAN_REFUSE`].
    fn can_refuse(&self) -> bool;

    /// The script that it is, if it is one: then it may be run together with others like it.
    fn script(&mut self) -> Option<&mut dyn Scripted> {
        None
    }

    /// Runs the task and keeps its outcome; tells whether it succeeded.
    async fn run(&mut self, connection: &mut SqliteConnection) -> bool;

    /// Answers whoever waits: with the outcome, now that it is committed.
    fn committed(self: Box<Self>);

    /// Answers whoever waits: with the reason why nothing was committed.
    fn lost(self: Box<Self>, cause: Arc<sqlx::Error>);
}

/// How a task ended.
pub(crate) type Ended<T> = Result<<T as Task>::Answer, SqliteError>;

/// Makes `task` ready for the queue; the other half receives how it ended.
pub(crate) fn queued<T: Task>(task: T) -> (Box<dyn Queued>, oneshot::Receiver<Ended<T>>) {
    let (reply, ended) = oneshot::channel();
    (Box::new(Waiting { task, ended: None, reply }), ended)
}

/// A task with whoever waits for it.
struct Waiting<T: Task> {
    task: T,
    ended: Option<Ended<T>>,
    reply: oneshot::Sender<Ended<T>>,
}

#[async_trait]
impl<T: Task> Queued for Waiting<T> {
    fn is_synced(&self) -> bool {
        T::SYNCED
    }

    fn can_refuse(&self) -> bool {
        T::CAN_REFUSE
    }

    async fn run(&mut self, connection: &mut SqliteConnection) -> bool {
        let ended = self.task.run(connection).await;
        let succeeded = ended.is_ok();
        self.ended = Some(ended);
        succeeded
    }

    fn committed(self: Box<Self>) {
        // Whoever has stopped waiting needs no answer.
        let _ = self.reply.send(self.ended.unwrap_or(Err(SqliteError::Closed)));
    }

    fn lost(self: Box<Self>, cause: Arc<sqlx::Error>) {
        let own = match self.ended {
            Some(Err(error)) => error,
            Some(Ok(_)) | None => SqliteError::Lost(cause),
        };
        let _ = self.reply.send(Err(own));
    }
}
