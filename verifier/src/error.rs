//! What comes of verifying: a token that is refused, or a question that cannot be answered now.

use std::sync::Arc;
use std::time::Duration;

use crate::Fault;
use crate::fetch::FetchError;

/// Why a token was not accepted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum VerifyError {
    /// The token is not valid: answer 401, and do not try it again.
    #[error("the token is not valid: {0}")]
    Refused(#[from] Fault),
    /// Whether it is valid cannot be told now: answer 503, and try it again later.
    #[error("the token cannot be verified now: {0}")]
    Unavailable(#[from] Unavailable),
}

/// What is missing to verify a token.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// No keys were ever fetched, or the last ones were fetched too long ago.
    #[error("the keys of the issuer cannot be fetched")]
    NoKeys(#[source] Option<Arc<FetchError>>),
    /// The issuer publishes no key that can be used.
    #[error("the issuer publishes no key that can be used")]
    NoUsableKey,
    /// The status list of the token cannot be fetched, and none is held.
    #[error("the status list of the token cannot be fetched")]
    NoStatusList(#[source] Option<Arc<FetchError>>),
}

impl Unavailable {
    /// When to try again.
    pub const RETRY_AFTER: Duration = Duration::from_secs(5);
}
