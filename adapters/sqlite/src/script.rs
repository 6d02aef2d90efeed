//! Changes that are nothing but text and values: those of one text that wait at the same time travel as one.
//!
//! Every statement is a journey to the thread of its connection and back, which takes longer than most statements do. A script is
//! one text each time, so that a number of them, one behind the other, is one text too, which SQLite prepares once.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArguments, SqliteQueryResult};
use sqlx::{Arguments, AssertSqlSafe, Encode, Executor, Sqlite, SqliteConnection, Type};
use tokio::sync::oneshot;

use crate::error::SqliteError;
use crate::task::Queued;

/// The most scripts that travel together. They go in powers of two, so that few texts are prepared.
const TOGETHER_MAX: usize = 16;

/// A change whose answer is how many rows it changed; it never refuses, see [`crate::task::Task::CAN_REFUSE`].
pub(crate) trait Script: Send + Sync + 'static {
    /// The statements, each with its semicolon, with unnumbered parameters.
    const SQL: &'static str;

    /// How many statements these are.
    const STATEMENTS: usize;

    /// Adds the value of each parameter, in order.
    fn bind(&self, values: &mut Values);
}

/// The values of parameters, or why one of them cannot be encoded.
pub(crate) struct Values(Result<SqliteArguments, BoxDynError>);

impl Default for Values {
    fn default() -> Self {
        Self(Ok(SqliteArguments::default()))
    }
}

impl Values {
    /// Adds the value of the next parameter.
    pub(crate) fn add<'v>(&mut self, value: impl Encode<'v, Sqlite> + Type<Sqlite>) -> &mut Self {
        if let Ok(arguments) = &mut self.0
            && let Err(error) = arguments.add(value)
        {
            self.0 = Err(error);
        }
        self
    }
}

/// The texts of scripts that travel together, so that they are put together once.
#[derive(Default)]
pub(crate) struct Texts(HashMap<(&'static str, usize), Arc<str>>);

impl Texts {
    fn of(&mut self, sql: &'static str, count: usize) -> Arc<str> {
        Arc::clone(self.0.entry((sql, count)).or_insert_with(|| sql.repeat(count).into()))
    }
}

/// A script of any kind that waits for the writer.
pub(crate) trait Scripted: Send {
    /// See [`Script::SQL`].
    fn sql(&self) -> &'static str;

    /// See [`Script::STATEMENTS`].
    fn statements(&self) -> usize;

    /// See [`Script::bind`].
    fn bind(&self, values: &mut Values);

    /// Keeps how many rows it changed.
    fn keep(&mut self, changed: u64);
}

/// Makes `script` ready for the queue; the other half receives how many rows it changed.
pub(crate) fn queued(script: impl Script) -> (Box<dyn Queued>, oneshot::Receiver<Result<u64, SqliteError>>) {
    let (reply, ended) = oneshot::channel();
    (Box::new(Waiting { script, changed: 0, reply }), ended)
}

/// How many of the first of `batch` are scripts of one text that may travel together; zero if the first is none.
pub(crate) fn alike(batch: &mut [Box<dyn Queued>]) -> usize {
    let mut texts = batch.iter_mut().map_while(|task| task.script().map(|script| script.sql()));
    let Some(first) = texts.next() else { return 0 };
    let count = 1 + texts.take(TOGETHER_MAX - 1).take_while(|text| *text == first).count();
    1 << count.ilog2()
}

/// Runs scripts of one text.
pub(crate) async fn run(
    connection: &mut SqliteConnection,
    alike: &mut [Box<dyn Queued>],
    texts: &mut Texts,
) -> Result<(), sqlx::Error> {
    execute(connection, &mut alike.iter_mut().filter_map(|task| task.script()).collect::<Vec<_>>(), texts).await
}

async fn execute(
    connection: &mut SqliteConnection,
    scripts: &mut [&mut dyn Scripted],
    texts: &mut Texts,
) -> Result<(), sqlx::Error> {
    let Some(first) = scripts.first() else { return Ok(()) };
    let (sql, statements) = (texts.of(first.sql(), scripts.len()), first.statements());
    let mut values = Values::default();
    scripts.iter().for_each(|script| script.bind(&mut values));
    let arguments = values.0.map_err(sqlx::Error::Encode)?;
    // What is repeated is a constant.
    let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
    let done: Vec<_> = connection.execute_many(query).try_collect().await?;
    for (script, done) in scripts.iter_mut().zip(done.chunks(statements)) {
        script.keep(done.iter().map(SqliteQueryResult::rows_affected).sum());
    }
    Ok(())
}

/// A script with whoever waits for it.
struct Waiting<S> {
    script: S,
    changed: u64,
    reply: oneshot::Sender<Result<u64, SqliteError>>,
}

impl<S: Script> Scripted for Waiting<S> {
    fn sql(&self) -> &'static str {
        S::SQL
    }

    fn statements(&self) -> usize {
        S::STATEMENTS
    }

    fn bind(&self, values: &mut Values) {
        self.script.bind(values);
    }

    fn keep(&mut self, changed: u64) {
        self.changed = changed;
    }
}

#[async_trait]
impl<S: Script> Queued for Waiting<S> {
    fn is_synced(&self) -> bool {
        false
    }

    fn can_refuse(&self) -> bool {
        false
    }

    fn script(&mut self) -> Option<&mut dyn Scripted> {
        Some(self)
    }

    async fn run(&mut self, connection: &mut SqliteConnection) -> bool {
        execute(connection, &mut [self], &mut Texts::default()).await.is_ok()
    }

    fn committed(self: Box<Self>) {
        // Whoever has stopped waiting needs no answer.
        let _ = self.reply.send(Ok(self.changed));
    }

    fn lost(self: Box<Self>, cause: Arc<sqlx::Error>) {
        let _ = self.reply.send(Err(SqliteError::Lost(cause)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Other;

    impl Script for Other {
        const SQL: &'static str = "SELECT 1;";
        const STATEMENTS: usize = 1;

        fn bind(&self, _: &mut Values) {}
    }

    struct Usual;

    impl Script for Usual {
        const SQL: &'static str = "SELECT 2;";
        const STATEMENTS: usize = 1;

        fn bind(&self, _: &mut Values) {}
    }

    fn batch(usual: usize) -> Vec<Box<dyn Queued>> {
        let usual = (0..usual).map(|_| queued(Usual).0);
        usual.chain([queued(Other).0]).collect()
    }

    #[test]
    fn those_of_one_text_go_together_in_few_sizes() {
        for (usual, together) in [(0, 1), (1, 1), (2, 2), (3, 2), (4, 4), (7, 4), (15, 8), (16, 16), (100, 16)] {
            assert_eq!(alike(&mut batch(usual)), together, "of {usual}");
        }
        assert_eq!(alike(&mut []), 0);
    }

    #[test]
    fn a_text_is_put_together_once() {
        let mut texts = Texts::default();
        let first = texts.of(Usual::SQL, 2);
        assert_eq!(&*first, "SELECT 2;SELECT 2;");
        assert!(Arc::ptr_eq(&first, &texts.of(Usual::SQL, 2)));
    }
}
