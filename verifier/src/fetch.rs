//! How documents are fetched: one method, so that a service can bring the HTTP client that it has.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;

use crate::JwkSetError;

/// Fetches documents.
///
/// An implementation MUST NOT follow redirects: whom keys are taken from is configured, not answered. It MUST check certificates, and
/// SHOULD stop reading after `max_bytes`. It need not watch the time: whoever calls it gives up on its own.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends a GET.
    ///
    /// # Errors
    /// [`FetchError`] where there is no answer. An answer with any status is one.
    async fn get(&self, request: Get<'_>) -> Result<Answer, FetchError>;
}

#[async_trait]
impl<F: Fetch + ?Sized> Fetch for Arc<F> {
    async fn get(&self, request: Get<'_>) -> Result<Answer, FetchError> {
        (**self).get(request).await
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Get<'a> {
    /// Where.
    pub url: &'a str,
    /// The value of `Accept`.
    pub accept: &'a str,
    /// The value of `If-None-Match`, of what is held already.
    pub if_none_match: Option<&'a str>,
    /// How many bytes of a body are read.
    pub max_bytes: usize,
}

/// What was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The values of `Cache-Control`, joined by commas.
    pub cache_control: Option<String>,
    /// The value of `Age`.
    pub age: Option<String>,
    /// The value of `ETag`.
    pub etag: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why something was not fetched.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No connection, or it broke.
    #[error("no answer from {url}")]
    NoAnswer {
        /// Who was asked.
        url: String,
        /// Why.
        #[source]
        cause: Arc<dyn Error + Send + Sync>,
    },
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// The answer is larger than what is read.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer is an error, or a redirect, which is not followed.
    #[error("answered with status {0}")]
    Status(u16),
    /// The answer is no set of keys.
    #[error("answered with what is no JWKS")]
    NoJwks(#[from] JwkSetError),
    /// The answer is no status list that can be believed; says why.
    #[error("answered with no status list that can be believed: {0}")]
    NoStatusList(&'static str),
    /// The metadata of the issuer cannot be used; says why.
    #[error("the metadata of the issuer cannot be used: {0}")]
    Metadata(&'static str),
    /// The fetch ended without an outcome: it panicked, or its runtime was shut down.
    #[error("the fetch was given up")]
    Aborted,
}
