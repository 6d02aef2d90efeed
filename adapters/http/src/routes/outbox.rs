//! The outbox of the dev profile, where mails are shown instead of sent.

use std::sync::Arc;

use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Capability;
use crate::reply::{Json, Reply};

/// A mail of the outbox.
pub struct OutboxMail {
    /// When it was written, in RFC 3339.
    pub at: String,
    /// Who would have received it.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

/// Reads the mails of the outbox, newest first.
pub type ReadOutbox = Arc<dyn Fn() -> Vec<OutboxMail> + Send + Sync>;

/// A mail that would have been sent.
#[derive(Object)]
pub(crate) struct OutboxEntry {
    /// When it was written.
    at: String,
    /// Who would have received it.
    to: String,
    /// The subject.
    subject: String,
    /// The plain text.
    text: String,
    /// The same as HTML.
    html: String,
}

/// The mails that would have been sent.
#[derive(Object)]
pub(crate) struct OutboxEntries {
    /// The last fifty, newest first.
    mails: Vec<OutboxEntry>,
}

/// What the outbox answers.
#[derive(ApiResponse)]
pub(crate) enum OutboxAnswer {
    /// The mails.
    #[oai(status = 200)]
    Found(Json<OutboxEntries>),
}

/// The outbox.
pub(crate) struct DevOutbox(pub(crate) ReadOutbox);

#[OpenApi]
impl DevOutbox {
    /// Read the mails that would have been sent.
    #[oai(path = "/dev/outbox", method = "get", operation_id = "getOutbox", tag = "Capability::Operations")]
    async fn outbox(&self) -> Reply<OutboxAnswer> {
        let mails = (self.0)().into_iter().map(OutboxEntry::from).collect();
        OutboxAnswer::Found(Json(OutboxEntries { mails })).into()
    }
}

impl From<OutboxMail> for OutboxEntry {
    fn from(mail: OutboxMail) -> Self {
        let OutboxMail { at, to, subject, text, html } = mail;
        Self { at, to, subject, text, html }
    }
}
