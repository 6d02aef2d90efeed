//! Making a file ready: check, migrate, switch to the write-ahead log, start the writer.

use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, Notify, mpsc};

use crate::OpenError;
use crate::open_file::OpenFile;
use crate::options::{SqliteOptions, Synchronous};
use crate::queue::Queue;
use crate::script::Texts;
use crate::shape;
use crate::store::Store;
use crate::writer::Writer;

/// How long the switch to the write-ahead log waits between two tries.
const RETRY: Duration = Duration::from_millis(10);

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// Opens the database that `options` name.
pub(crate) async fn open(options: &SqliteOptions) -> Result<Store, OpenError> {
    let connect = options.connect_options()?;
    let path = connect.get_filename().to_string_lossy().into_owned();
    let failed = |error| OpenError::of_driver(&path, error);
    let mut connection = connect.connect().await.map_err(failed)?;
    migrate(&mut connection, &path).await?;
    switch_to_write_ahead_log(&mut connection, &path, options.busy_timeout).await?;
    let absent_email = shape::absent_email(&mut connection).await.map_err(failed)?;
    let file = match options.is_in_memory() {
        false => Some(OpenFile::at(connect.get_filename()).await.map_err(|error| failed(error.into()))?),
        true => None,
    };
    let connect = connect.create_if_missing(false);
    let readers = (!options.is_in_memory()).then(|| readers(options, &connect));
    let (queue, waiting) = mpsc::channel(options.queue.max(1));
    let closing = Arc::new(Notify::new());
    let writer = Writer {
        connection: Some(connection),
        reconnect: (!options.is_in_memory()).then_some(connect),
        always_synced: options.synchronous == Synchronous::Full,
        queue: Queue { waiting, held: None, batch: options.queue.max(1) },
        closing: Arc::clone(&closing),
        texts: Texts::default(),
    };
    let writer = Mutex::new(Some(tokio::spawn(writer.run())));
    Ok(Store { queue, readers, file, patience: options.busy_timeout, absent_email, closing, writer })
}

/// Checks and migrates in one transaction: either all of it happens or nothing, also where two processes start at once.
async fn migrate(connection: &mut SqliteConnection, path: &str) -> Result<(), OpenError> {
    let failed = |error| OpenError::of_driver(path, error);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    if let Some((table, problem)) = shape::find_misfit(&mut transaction).await.map_err(failed)? {
        return Err(OpenError::Shape { path: path.to_owned(), table, problem });
    }
    // `run` would do the same, but no future that calls it is `Send` (sqlx 0.9: "`Acquire` is not general enough").
    let migrated = MIGRATOR.run_direct(None, &mut *transaction, false).await;
    migrated.map_err(|error| OpenError::of_migration(path, error))?;
    touch(&mut transaction).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

/// A write that changes nothing, and fails where writes do: SQLite lets `BEGIN IMMEDIATE` pass on a read-only file.
async fn touch(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE key_ring SET revision = revision WHERE id = 0").execute(connection).await.map(|_| ())
}

/// In this mode, which the file remembers, readers and the writer never wait for each other, in whatever process they are.
/// The switch itself does not wait for another process that opens the file for the first time too, so it is tried anew.
async fn switch_to_write_ahead_log(
    connection: &mut SqliteConnection,
    path: &str,
    patience: Duration,
) -> Result<(), OpenError> {
    let mut tries = patience.as_millis() / RETRY.as_millis();
    loop {
        let mode = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL").fetch_one(&mut *connection).await;
        match mode.map_err(|error| OpenError::of_driver(path, error)) {
            Ok(mode) if mode == "wal" || mode == "memory" => return Ok(()),
            Ok(mode) => return Err(OpenError::NoWriteAheadLog { path: path.to_owned(), mode }),
            Err(OpenError::Locked { .. }) if tries > 0 => tries -= 1,
            Err(error) => return Err(error),
        }
        tokio::time::sleep(RETRY).await;
    }
}

fn readers(options: &SqliteOptions, connect: &SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(options.readers.max(1))
        .acquire_timeout(options.busy_timeout)
        .test_before_acquire(false)
        .connect_lazy_with(connect.clone().pragma("query_only", "ON"))
}
