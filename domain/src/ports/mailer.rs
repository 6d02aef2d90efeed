//! Sending mail.

use async_trait::async_trait;

use crate::mail::Mail;

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Too many mails are waiting already, or nothing is sent any more.
    #[error("too many mails are waiting")]
    Full,
}

/// Takes charge of mails.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Takes charge of a mail.
    ///
    /// MUST answer without waiting for a network: whoever measures the time learns nothing, whether mails arrive or not. MUST try
    /// to deliver what it took, in words of its own as plain text and as HTML, until it succeeds, is refused for good, or the mail
    /// expires. MUST bound how many mails wait, refusing with [`MailError::Full`] past the bound.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}
