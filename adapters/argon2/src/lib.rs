//! The Argon2id adapter of the PasswordHasher port, off the async threads and bounded.
