//! What a queue delivers mails by: one attempt at a time.

use async_trait::async_trait;
use jwksd_domain::ports::BoxError;
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::Email;

use crate::letter::Letter;

/// Why an attempt came to nothing. Its sources tell no secret, but may tell the address.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The server took the mail neither now nor would it later.
    #[error("the mail was refused for good")]
    Refused(#[source] BoxError),
    /// It may be taken later.
    #[error("the mail could not be handed over now")]
    Unavailable(#[source] BoxError),
}

/// A letter with what goes on its envelope. Attempts at the same mail share its id, by which a server that took it before the
/// connection broke can tell.
pub struct Parcel {
    /// Who receives it.
    pub to: Email,
    /// When it was written.
    pub written_at: Timestamp,
    /// What tells it from other mails: random, in hexadecimal.
    pub id: String,
    /// What it says.
    pub letter: Letter,
}

/// Hands mails over.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Makes one attempt, within a time that it bounds itself.
    async fn deliver(&self, parcel: &Parcel) -> Result<(), TransportError>;
}
