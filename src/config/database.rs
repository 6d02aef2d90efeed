//! The database URL: which store, and where.

use std::path::{Path, PathBuf};

/// Where keys, users and the audit log are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// An SQLite database in this file.
    SqliteFile(PathBuf),
    /// An SQLite database in memory, gone at the end.
    SqliteMemory,
    /// Plain maps in memory, gone at the end.
    Memory,
}

impl Database {
    /// Reads a database URL.
    ///
    /// # Errors
    /// Says which URLs there are; a URL that may hold a password is not repeated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) =
            text.split_once(':').ok_or_else(|| format!("{text:?} is no URL such as sqlite:jwksd.db"))?;
        match (scheme, rest) {
            ("memory", "") => Ok(Self::Memory),
            ("sqlite", ":memory:" | "//:memory:") => Ok(Self::SqliteMemory),
            ("sqlite", rest) => sqlite_file(rest),
            _ => Err(format!("{scheme}: is not supported by this version; use sqlite:FILE or memory:")),
        }
    }

    /// The file that it is kept in, if it is.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::SqliteFile(path) => Some(path),
            Self::SqliteMemory | Self::Memory => None,
        }
    }

    /// The URL, for the banner.
    pub fn url(&self) -> String {
        match self {
            Self::SqliteFile(path) => format!("sqlite:{}", path.display()),
            Self::SqliteMemory => "sqlite::memory:".to_owned(),
            Self::Memory => "memory:".to_owned(),
        }
    }
}

/// `sqlite:file.db`, `sqlite://file.db` and `sqlite:///absolute/file.db`, as other tools write them.
fn sqlite_file(rest: &str) -> Result<Database, String> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    match path {
        "" | "/" => Err(format!("\"sqlite:{rest}\" names no file")),
        path if path.contains('?') => Err("takes no parameters after `?`".to_owned()),
        path => Ok(Database::SqliteFile(PathBuf::from(path))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_leads_to_its_store() {
        let file = |path: &str| Ok(Database::SqliteFile(PathBuf::from(path)));
        let cases = [
            ("sqlite:a.db", file("a.db")),
            ("sqlite://a.db", file("a.db")),
            ("sqlite:///var/lib/a.db", file("/var/lib/a.db")),
            ("sqlite::memory:", Ok(Database::SqliteMemory)),
            ("memory:", Ok(Database::Memory)),
        ];
        for (text, database) in cases {
            assert_eq!(Database::parse(text), database, "{text}");
        }
    }

    #[test]
    fn other_schemes_are_refused_without_their_password() {
        let problem = Database::parse("postgres://user:hunter2@db/jwksd").unwrap_err();
        assert!(problem.contains("not supported") && !problem.contains("hunter2"), "{problem}");
        for text in ["", "jwksd.db", "sqlite:", "sqlite:a.db?mode=ro"] {
            assert!(Database::parse(text).is_err(), "{text}");
        }
    }
}
