//! Bearer tokens in requests (RFC 6750): how they are read, and what is answered where one is not accepted.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Fault, Unavailable, Verified, Verifier, VerifyError};

/// Why a request is not let in.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// It has no bearer token: 401.
    #[error("a bearer token is needed")]
    NoToken,
    /// It has more than one `Authorization` header: 400.
    #[error("there must be one Authorization header")]
    Ambiguous,
    /// Its token is not valid: 401.
    #[error("the token is not valid: {0}")]
    Invalid(Fault),
    /// Whether its token is valid cannot be told now: 503.
    #[error("tokens cannot be verified now")]
    Unavailable(#[source] Unavailable),
}

impl Refusal {
    /// The status of the answer.
    pub const fn status(&self) -> u16 {
        match self {
            Self::NoToken | Self::Invalid(_) => 401,
            Self::Ambiguous => 400,
            Self::Unavailable(_) => 503,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 section 3); nothing where no other token would help. Who sent no token is told no
    /// error (section 3.1).
    pub fn challenge(&self) -> Option<String> {
        match self {
            Self::NoToken => Some("Bearer".to_owned()),
            Self::Ambiguous => Some("Bearer error=\"invalid_request\"".to_owned()),
            Self::Invalid(fault) => {
                let told = fault.to_string().replace(['"', '\\'], "'");
                Some(format!("Bearer error=\"invalid_token\", error_description=\"{told}\""))
            }
            Self::Unavailable(_) => None,
        }
    }

    /// The value of `Retry-After`, in seconds; nothing where another try would not help.
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::NoToken | Self::Ambiguous | Self::Invalid(_) => None,
            Self::Unavailable(_) => Some(Unavailable::RETRY_AFTER.as_secs()),
        }
    }

    /// The body of the answer: a problem (RFC 9457), which says nothing that the sender of the token does not know.
    pub fn problem(&self) -> String {
        let title = match self.status() {
            400 => "Bad Request",
            401 => "Unauthorized",
            _ => "Service Unavailable",
        };
        let problem = Problem { title, status: self.status(), detail: self.to_string() };
        serde_json::to_string(&problem).expect("text and a number are JSON")
    }
}

/// A problem of the type `about:blank`, whose members stand in this order.
#[derive(Serialize)]
struct Problem {
    title: &'static str,
    status: u16,
    detail: String,
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Refused(fault) => Self::Invalid(fault),
            VerifyError::Unavailable(unavailable) => Self::Unavailable(unavailable),
        }
    }
}

impl Verifier {
    /// Verifies the bearer token of a request, by the values of its `Authorization` headers.
    ///
    /// # Errors
    /// The [`Refusal`] to answer with.
    pub async fn verify_bearer<T: DeserializeOwned>(
        &self,
        authorization: impl IntoIterator<Item = &[u8]>,
    ) -> Result<Verified<T>, Refusal> {
        let mut values = authorization.into_iter();
        let token = match (values.next(), values.next()) {
            (None, _) => return Err(Refusal::NoToken),
            (Some(_), Some(_)) => return Err(Refusal::Ambiguous),
            (Some(value), None) => bearer(value).ok_or(Refusal::NoToken)?,
        };
        Ok(self.verify(token).await?)
    }
}

/// What stands behind `Bearer` (RFC 6750 section 2.1), the name without regard to case (RFC 9110 section 11.1).
fn bearer(value: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_behind_its_scheme() {
        assert_eq!(bearer(b"Bearer a.b.c"), Some("a.b.c"));
        assert_eq!(bearer(b"bEARER   a.b.c "), Some("a.b.c"));
        for other in [&b""[..], b"Bearer", b"Basic a", b"Bearera", b"a.b.c", b"Bearer \xff", b" Bearer a"] {
            assert_eq!(bearer(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_challenge_is_one_line_of_quoted_text() {
        let refusals =
            [Fault::Expired, Fault::MissingClaim("a\"b".to_owned()), Fault::WrongClaims("\r\nX: y".to_owned())];
        let told: Vec<_> = refusals.into_iter().filter_map(|fault| Refusal::Invalid(fault).challenge()).collect();
        assert_eq!(
            told,
            [
                "Bearer error=\"invalid_token\", error_description=\"expired (RFC 7519 section 4.1.4)\"",
                "Bearer error=\"invalid_token\", error_description=\"a claim is missing that is required here: a'b (RFC 7519 section 4)\"",
                "Bearer error=\"invalid_token\", error_description=\"a claim is not of the type that is expected here (RFC 7519 section 4)\"",
            ]
        );
    }
}
