//! The file that is open, and whether it is still the one at its path. A file that was removed or replaced stays open as it was:
//! all goes on, and nothing of it is there after the end of the process.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::SqliteError;

/// A file, known by its path and by what the file system calls it.
pub(crate) struct OpenFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl OpenFile {
    /// The file at `path`, which was opened just now.
    ///
    /// # Errors
    /// Fails where it is gone already.
    pub(crate) async fn at(path: &Path) -> io::Result<Self> {
        let metadata = tokio::fs::metadata(path).await?;
        Ok(Self { path: path.to_owned(), identity: identity(&metadata) })
    }

    /// Whether what is open is what another program would find.
    ///
    /// # Errors
    /// [`SqliteError::FileGone`] where it is not, and what the system says where that cannot be told.
    pub(crate) async fn check(&self) -> Result<(), SqliteError> {
        let found = tokio::fs::metadata(&self.path).await;
        match found.map(|metadata| identity(&metadata)) {
            Ok(identity) if identity == self.identity => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(sqlx::Error::Io(error).into()),
            Ok(_) | Err(_) => Err(SqliteError::FileGone { path: self.path.clone() }),
        }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
