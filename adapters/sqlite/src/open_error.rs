//! Why a database cannot be opened, in words for whoever starts the program.

use std::path::Path;

use jwksd_domain::ports::BoxError;
use sqlx::migrate::MigrateError;

use crate::error::primary_code;

/// Why a database cannot be opened. Each message is one line that names the file and the cause.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is none of SQLite.
    #[error("database URL {url}: {problem}")]
    Url {
        /// The URL as it was given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file is not there and cannot be made, or is out of reach.
    #[error("database {path}: {problem}")]
    Unreachable {
        /// The file.
        path: String,
        /// What is in the way.
        problem: &'static str,
    },
    /// The file cannot be written to.
    #[error("database {path}: the file, or the folder that it is in, is read-only")]
    ReadOnly {
        /// The file.
        path: String,
    },
    /// The file is something else.
    #[error("database {path}: the file is not an SQLite database")]
    NotADatabase {
        /// The file.
        path: String,
    },
    /// Another process holds the file.
    #[error("database {path}: another process has locked it")]
    Locked {
        /// The file.
        path: String,
    },
    /// There is no room.
    #[error("database {path}: the disk is full")]
    Full {
        /// The file.
        path: String,
    },
    /// A table is not as it must be; nothing was written.
    #[error("database {path}: table {table}: {problem}; nothing was changed")]
    Shape {
        /// The file.
        path: String,
        /// The table.
        table: &'static str,
        /// What is wrong, naming the column.
        problem: String,
    },
    /// A newer version has changed the file.
    #[error("database {path}: made by a newer version (migration {migration} is unknown to this one)")]
    Newer {
        /// The file.
        path: String,
        /// The migration that is not known.
        migration: i64,
    },
    /// The write-ahead log cannot be used where the file is.
    #[error("database {path}: no write-ahead log is possible there (journal mode stays {mode}); use a local disk")]
    NoWriteAheadLog {
        /// The file.
        path: String,
        /// The mode that SQLite stays in.
        mode: String,
    },
    /// Something else failed.
    #[error("database {path}: {source}")]
    Other {
        /// The file.
        path: String,
        /// What failed.
        source: BoxError,
    },
}

impl OpenError {
    /// What the driver's error means for the file at `path`.
    pub(crate) fn of_driver(path: &str, error: sqlx::Error) -> Self {
        let path = path.to_owned();
        match primary_code(&error) {
            Some(5 | 6) => Self::Locked { path },
            Some(8) => Self::ReadOnly { path },
            Some(13) => Self::Full { path },
            Some(14) => Self::Unreachable { problem: obstacle(Path::new(&path)), path },
            Some(26) => Self::NotADatabase { path },
            _ => Self::Other { path, source: error.into() },
        }
    }

    /// What the failure of a migration means for the file at `path`.
    pub(crate) fn of_migration(path: &str, error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::of_driver(path, error),
            MigrateError::VersionMissing(migration) => Self::Newer { path: path.to_owned(), migration },
            error => Self::Other { path: path.to_owned(), source: error.into() },
        }
    }
}

/// Why SQLite could not open a file, which it does not tell.
fn obstacle(path: &Path) -> &'static str {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    match (path.is_dir(), folder.is_dir(), path.exists()) {
        (true, ..) => "this is a folder, not a file",
        (_, false, _) => "the folder that it is to be in does not exist",
        (_, _, true) => "the file cannot be opened",
        _ => "the file cannot be made: is the folder writable?",
    }
}
