//! What can go wrong over a connection, in detail; only the meaning goes out.

use std::path::PathBuf;
use std::sync::Arc;

use jwksd_domain::ports::StoreError;

/// Why a task failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SqliteError {
    #[error("the {field} is taken")]
    Taken { field: &'static str },
    #[error("the stored revision has moved on")]
    Conflict,
    #[error("table {table}, row {row}, column {column} holds what this version cannot read")]
    Inconsistent { table: &'static str, row: String, column: &'static str },
    #[error("the transaction was lost")]
    Lost(#[source] Arc<sqlx::Error>),
    #[error("too many writes are waiting")]
    QueueFull,
    #[error("the store is closed")]
    Closed,
    #[error("{} was removed or replaced while it was open: put it back, or start again", path.display())]
    FileGone { path: PathBuf },
    #[error(transparent)]
    Driver(#[from] sqlx::Error),
}

impl From<SqliteError> for StoreError {
    fn from(error: SqliteError) -> Self {
        match error {
            SqliteError::Taken { field } => Self::Duplicate { field },
            SqliteError::Conflict => Self::Conflict,
            SqliteError::Inconsistent { .. } => Self::Corrupt(error.into()),
            SqliteError::Driver(cause) if is_corruption(&cause) => Self::Corrupt(cause.into()),
            SqliteError::Lost(ref cause) if is_corruption(cause) => Self::Corrupt(error.into()),
            SqliteError::Driver(_)
            | SqliteError::Lost(_)
            | SqliteError::QueueFull
            | SqliteError::Closed
            | SqliteError::FileGone { .. } => Self::Unavailable(error.into()),
        }
    }
}

/// The primary result code of SQLite, if the error came from there: the low byte of the extended one.
pub(crate) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i32>().ok().map(|code| code & 0xff)
}

/// A value of another type than its column has, a damaged page, or a file that is no database.
fn is_corruption(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
        || matches!(primary_code(error), Some(11 | 26))
}
