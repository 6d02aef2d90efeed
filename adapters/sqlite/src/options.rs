//! Which file is opened, and how.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};

use crate::OpenError;

/// What a commit waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// For the operating system: rows survive the death of the process; those of the last moments before a power failure may
    /// be lost, except the key ring, which is always committed as by `Full`.
    #[default]
    Normal,
    /// For the disk: rows survive a power failure.
    Full,
}

/// How to open a database.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// `sqlite:file.db`, `sqlite:///absolute/file.db`, or `sqlite::memory:` for a database that lives as long as the store;
    /// `?mode=rw` does not make a file that is not there.
    pub url: String,
    /// What a commit waits for.
    pub synchronous: Synchronous,
    /// How long a call waits for a lock that another process holds, and how long for a place in the writer's queue.
    pub busy_timeout: Duration,
    /// How many connections read at once.
    pub readers: u32,
    /// How many writes may wait for the writer; it commits at most as many in one transaction.
    pub queue: usize,
    /// The most pages that the file may have; past it writes are refused as on a full disk.
    pub max_pages: Option<u32>,
}

impl SqliteOptions {
    /// The defaults, for the database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            synchronous: Synchronous::default(),
            busy_timeout: Duration::from_secs(2),
            readers: 4,
            queue: 512,
            max_pages: None,
        }
    }

    /// The defaults, for the database in the file at `path`, whatever characters that has.
    pub fn file(path: &Path) -> Self {
        let encoded = path.to_string_lossy().replace('%', "%25").replace('?', "%3F");
        Self::new(format!("sqlite:{encoded}"))
    }

    /// Whether the database lives in memory only.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.parts().is_some_and(|(path, query)| path == ":memory:" || query.contains("mode=memory"))
    }

    /// How the driver connects. Foreign keys are declared for programs outside and not enforced here: an entry of the audit
    /// log keeps the id of its user when the user is gone.
    pub(crate) fn connect_options(&self) -> Result<SqliteConnectOptions, OpenError> {
        let wrong = |problem: String| OpenError::Url { url: self.url.clone(), problem };
        let (path, query) = self.parts().ok_or_else(|| wrong("it does not begin with `sqlite:`".to_owned()))?;
        if path.is_empty() {
            return Err(wrong("it names no file".to_owned()));
        }
        let parsed = SqliteConnectOptions::from_str(&self.url).map_err(|error| wrong(error.to_string()))?;
        let mut options = parsed
            .foreign_keys(false)
            .busy_timeout(self.busy_timeout.min(Duration::from_secs(3600)))
            .synchronous(match self.synchronous {
                Synchronous::Normal => SqliteSynchronous::Normal,
                Synchronous::Full => SqliteSynchronous::Full,
            })
            // What is erased is overwritten: private keys, even sealed, do not linger in free pages.
            .pragma("secure_delete", "ON")
            // Pages that are written again and again are folded into the file once for all that: with the usual thousand it
            // takes a fourteenth of the time of a refresh. The log grows to 16 MiB for it.
            .pragma("wal_autocheckpoint", "4000")
            .disable_statement_logging();
        if !query.contains("mode=") {
            options = options.create_if_missing(true);
        }
        if let Some(pages) = self.max_pages {
            options = options.pragma("max_page_count", pages.to_string());
        }
        Ok(options)
    }

    fn parts(&self) -> Option<(&str, &str)> {
        let rest = self.url.strip_prefix("sqlite:")?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        Some(rest.split_once('?').unwrap_or((rest, "")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_file_of_every_form() {
        let cases = [
            ("sqlite:file.db", "file.db"),
            ("sqlite://file.db", "file.db"),
            ("sqlite:///tmp/file.db?mode=rw", "/tmp/file.db"),
            ("sqlite::memory:", ":memory:"),
            ("sqlite:file%3F.db", "file?.db"),
        ];
        for (url, file) in cases {
            let options = SqliteOptions::new(url).connect_options().unwrap();
            assert!(
                options.get_filename().ends_with(file) || file == ":memory:",
                "{url}: {:?}",
                options.get_filename()
            );
        }
    }

    #[test]
    fn names_any_file() {
        for file in ["/tmp/a.db", "a b%20c?d#e&f.db", "ä/:memory:"] {
            let options = SqliteOptions::file(Path::new(file));
            assert_eq!(options.connect_options().unwrap().get_filename(), Path::new(file));
            assert!(!options.is_in_memory());
        }
    }

    #[test]
    fn refuses_what_is_no_url() {
        for url in
            ["", "file.db", "postgres://localhost/db", "sqlite:", "sqlite://", "sqlite:x?mode=no", "sqlite:x?a=b"]
        {
            let error = SqliteOptions::new(url).connect_options().unwrap_err();
            assert!(matches!(error, OpenError::Url { .. }), "{url}: {error}");
        }
    }

    #[test]
    fn tells_memory_from_files() {
        for (url, in_memory) in [("sqlite::memory:", true), ("sqlite:x?mode=memory", true), ("sqlite:memory", false)] {
            assert_eq!(SqliteOptions::new(url).is_in_memory(), in_memory, "{url}");
        }
    }
}
