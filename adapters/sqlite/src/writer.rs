//! The one writer: takes what has queued up, commits it in one transaction together with what comes meanwhile, and answers only
//! then.
//!
//! Each task that may refuse runs within a savepoint, so that one that does undoes nothing but itself. Where the whole transaction
//! is lost (a full disk, a failing one), its tasks are tried anew one by one; where it could not even begin (a lock), all of them learn
//! so. After a loss the connection is replaced, so that whatever passes needs no restart.

use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::Notify;

use crate::queue::{Company, Joining, Queue};
use crate::script::{self, Texts};
use crate::task::Queued;

/// The writer before it runs.
pub(crate) struct Writer {
    /// The open connection, unless it was lost.
    pub(crate) connection: Option<SqliteConnection>,
    /// How to make another one; a database in memory dies with its connection, so there is no other.
    pub(crate) reconnect: Option<SqliteConnectOptions>,
    /// Whether each commit waits for the disk.
    pub(crate) always_synced: bool,
    /// What is to be done.
    pub(crate) queue: Queue,
    /// Fires when no more is to be taken.
    pub(crate) closing: Arc<Notify>,
    /// What was put together for tasks that travel together.
    pub(crate) texts: Texts,
}

/// Why a transaction came to nothing.
enum Loss {
    /// It did not begin; no task was run.
    NotBegun(sqlx::Error),
    /// It began and was undone.
    Undone(sqlx::Error),
}

impl Writer {
    /// Works until the queue is closed and empty, or nobody is left who could fill it.
    pub(crate) async fn run(mut self) {
        loop {
            tokio::select! {
                batch = self.queue.first() => match batch.is_empty() {
                    true => break,
                    false => {
                        // Lets those run who are about to write: with nothing to do it takes no time.
                        tokio::task::yield_now().await;
                        self.commit(batch).await;
                    }
                },
                () = self.closing.notified() => self.queue.waiting.close(),
            }
        }
        self.finish().await;
    }

    async fn commit(&mut self, mut batch: Vec<Box<dyn Queued>>) {
        match self.transact(&mut batch, Company::Welcome).await {
            Err(Loss::Undone(_)) if batch.len() > 1 => {
                for task in batch {
                    let mut alone = vec![task];
                    let outcome = self.transact(&mut alone, Company::None).await;
                    settle(alone, outcome);
                }
            }
            outcome => settle(batch, outcome),
        }
    }

    /// Runs `batch` and what may join it in one transaction. Lets go of the connection where that fails.
    async fn transact(&mut self, batch: &mut Vec<Box<dyn Queued>>, company: Company) -> Result<(), Loss> {
        let synced = !self.always_synced && batch.iter().any(|task| task.is_synced());
        let mut connection = self.connect().await.map_err(Loss::NotBegun)?;
        let texts = &mut self.texts;
        let mut joining = Joining { queue: &mut self.queue, company, synced: synced || self.always_synced };
        let outcome = match synced {
            true => run_synced(&mut connection, batch, &mut joining, texts).await,
            false => run(&mut connection, batch, &mut joining, texts).await,
        };
        if outcome.is_ok() || self.reconnect.is_none() {
            self.connection = Some(connection);
        }
        outcome
    }

    async fn connect(&mut self) -> Result<SqliteConnection, sqlx::Error> {
        match (self.connection.take(), &self.reconnect) {
            (Some(connection), _) => Ok(connection),
            (None, Some(options)) => options.connect().await,
            (None, None) => Err(sqlx::Error::WorkerCrashed),
        }
    }

    /// Folds the write-ahead log into the file. Where that fails the next opening does it.
    async fn finish(self) {
        if let Some(mut connection) = self.connection {
            let folded = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await;
            if let Err(error) = folded.and(connection.close().await) {
                tracing::warn!(%error, "the write-ahead log was left beside the database file");
            }
        }
    }
}

/// Answers whoever waits for a transaction.
fn settle(batch: Vec<Box<dyn Queued>>, outcome: Result<(), Loss>) {
    match outcome {
        Ok(()) => batch.into_iter().for_each(|task| task.committed()),
        Err(Loss::NotBegun(cause) | Loss::Undone(cause)) => {
            let cause = Arc::new(cause);
            batch.into_iter().for_each(|task| task.lost(Arc::clone(&cause)));
        }
    }
}

/// Like [`run`], with a commit that waits for the disk.
async fn run_synced(
    connection: &mut SqliteConnection,
    batch: &mut Vec<Box<dyn Queued>>,
    joining: &mut Joining<'_>,
    texts: &mut Texts,
) -> Result<(), Loss> {
    sqlx::query("PRAGMA synchronous = FULL").execute(&mut *connection).await.map_err(Loss::NotBegun)?;
    let outcome = run(connection, batch, joining, texts).await;
    let restored = sqlx::query("PRAGMA synchronous = NORMAL").execute(connection).await;
    if let Err(error) = restored {
        tracing::warn!(%error, "commits go on waiting for the disk");
    }
    outcome
}

async fn run(
    connection: &mut SqliteConnection,
    batch: &mut Vec<Box<dyn Queued>>,
    joining: &mut Joining<'_>,
    texts: &mut Texts,
) -> Result<(), Loss> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(Loss::NotBegun)?;
    let mut done = 0;
    loop {
        joining.take_in(batch);
        let rest = &mut batch[done..];
        if rest.is_empty() {
            break;
        }
        let alike = script::alike(rest);
        let next = &mut rest[..alike.max(1)];
        done += next.len();
        match next {
            [task] if alike == 0 => run_one(&mut transaction, &mut **task).await?,
            scripts => script::run(&mut transaction, scripts, texts).await.map_err(Loss::Undone)?,
        }
    }
    transaction.commit().await.map_err(Loss::Undone)
}

async fn run_one(transaction: &mut SqliteConnection, task: &mut dyn Queued) -> Result<(), Loss> {
    if !task.can_refuse() {
        // Where it fails the database has failed, and may have undone the transaction: nothing else must run in it.
        return match task.run(transaction).await {
            true => Ok(()),
            false => Err(Loss::Undone(sqlx::Error::WorkerCrashed)),
        };
    }
    let mut savepoint = transaction.begin().await.map_err(Loss::Undone)?;
    let ended = if task.run(&mut savepoint).await { savepoint.commit().await } else { savepoint.rollback().await };
    ended.map_err(Loss::Undone)
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::mpsc;

    use super::*;
    use crate::error::SqliteError;
    use crate::task::{Task, queued};
    use async_trait::async_trait;

    enum Note {
        Write(i64),
        WriteAndFail(i64),
        LoseTransaction,
    }

    #[async_trait]
    impl Task for Note {
        type Answer = ();

        async fn run(&self, connection: &mut SqliteConnection) -> Result<(), SqliteError> {
            match self {
                Self::Write(n) => write(connection, *n).await,
                Self::WriteAndFail(n) => write(connection, *n).await.and(Err(SqliteError::Conflict)),
                Self::LoseTransaction => {
                    sqlx::query("ROLLBACK").execute(connection).await?;
                    Err(SqliteError::Conflict)
                }
            }
        }
    }

    /// The same as a task that never refuses.
    struct Unrefusing(Note);

    #[async_trait]
    impl Task for Unrefusing {
        type Answer = ();

        const CAN_REFUSE: bool = false;

        async fn run(&self, connection: &mut SqliteConnection) -> Result<(), SqliteError> {
            self.0.run(connection).await
        }
    }

    async fn write(connection: &mut SqliteConnection, n: i64) -> Result<(), SqliteError> {
        sqlx::query("INSERT INTO notes (n) VALUES (?)").bind(n).execute(connection).await?;
        Ok(())
    }

    /// Has a writer do everything in one batch; answers how it ended, what was written, and in how many commits.
    async fn carry_out<T: Task<Answer = ()>>(
        tasks: impl IntoIterator<Item = T>,
    ) -> (Vec<Result<(), SqliteError>>, Vec<i64>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/test.db", folder.path().display());
        let options = SqliteConnectOptions::from_str(&url).unwrap().create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        sqlx::query("CREATE TABLE notes (n INTEGER)").execute(&mut connection).await.unwrap();
        let commits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&commits);
        connection.lock_handle().await.unwrap().set_commit_hook(move || {
            counter.fetch_add(1, Ordering::SeqCst);
            true
        });
        let (sender, waiting) = mpsc::channel(1000);
        let mut answers = vec![];
        for task in tasks {
            let (task, ended) = queued(task);
            sender.try_send(task).ok().unwrap();
            answers.push(ended);
        }
        drop(sender);
        let closing = Arc::new(Notify::new());
        let reconnect = Some(options.clone());
        let (connection, texts) = (Some(connection), Texts::default());
        let queue = Queue { waiting, held: None, batch: 1000 };
        Writer { connection, reconnect, always_synced: false, queue, closing, texts }.run().await;
        let mut outcomes = vec![];
        for ended in answers {
            outcomes.push(ended.await.unwrap());
        }
        let mut connection = options.connect().await.unwrap();
        let written = sqlx::query_scalar("SELECT n FROM notes ORDER BY n").fetch_all(&mut connection).await.unwrap();
        (outcomes, written, commits.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn what_waits_is_committed_together() {
        let (outcomes, written, commits) = carry_out((0..100).map(Note::Write)).await;
        assert!(outcomes.iter().all(Result::is_ok));
        assert_eq!(written, (0..100).collect::<Vec<_>>());
        assert_eq!(commits, 1);
    }

    #[tokio::test]
    async fn a_task_that_fails_undoes_itself_only() {
        let (outcomes, written, commits) = carry_out([Note::Write(1), Note::WriteAndFail(2), Note::Write(3)]).await;
        assert!(matches!(outcomes[..], [Ok(()), Err(SqliteError::Conflict), Ok(())]));
        assert_eq!((written, commits), (vec![1, 3], 1));
    }

    #[tokio::test]
    async fn one_that_never_refuses_and_fails_takes_no_other_with_it() {
        for failing in [Note::WriteAndFail(2), Note::LoseTransaction] {
            let (outcomes, written, _) = carry_out([Note::Write(1), failing, Note::Write(3)].map(Unrefusing)).await;
            assert!(matches!(outcomes[..], [Ok(()), Err(SqliteError::Conflict), Ok(())]));
            assert_eq!(written, [1, 3]);
        }
        let (_, written, commits) = carry_out((0..100).map(Note::Write).map(Unrefusing)).await;
        assert_eq!((written.len(), commits), (100, 1));
    }

    #[tokio::test]
    async fn a_task_that_loses_the_transaction_takes_no_other_with_it() {
        let (outcomes, written, _) = carry_out([Note::Write(1), Note::LoseTransaction, Note::Write(3)]).await;
        assert!(matches!(outcomes[..], [Ok(()), Err(SqliteError::Conflict), Ok(())]));
        assert_eq!(written, [1, 3]);
    }
}
