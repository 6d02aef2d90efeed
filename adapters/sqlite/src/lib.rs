//! The SQLite adapter: keys, users and audit log in one file.
