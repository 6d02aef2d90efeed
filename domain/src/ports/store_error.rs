//! The one error of every store port, in terms of what the caller may do next.

/// The cause of a port's error, kept for the log and never shown to a client.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is taken; `field` names it in the core's words (`username`, `email`, `kid`).
    #[error("the {field} is taken")]
    Duplicate {
        /// The field whose value is taken.
        field: &'static str,
    },
    /// The stored revision is not the one that the caller had loaded; nothing was changed.
    #[error("the stored revision has moved on")]
    Conflict,
    /// The store holds something that this version cannot understand.
    #[error("the store holds what cannot be read")]
    Corrupt(#[source] BoxError),
    /// The store cannot be reached or cannot write now; the same call may succeed later.
    #[error("the store is unavailable")]
    Unavailable(#[source] BoxError),
}
