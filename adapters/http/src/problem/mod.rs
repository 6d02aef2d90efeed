//! Errors as clients see them: `application/problem+json` (RFC 9457) with a stable `code`.
//!
//! A problem is made of fixed texts and of names of fields. It takes no error as its source, so that no text from behind a
//! port can reach a client (I9).

pub(crate) mod kind;

use std::borrow::Cow;
use std::time::Duration;

use jwksd_domain::field::FieldError;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::Object;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{ToJSON, Type};

pub(crate) use self::kind::Kind;

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// One problem, ready to be answered.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: &'static Kind,
    detail: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
    retry_after: Duration,
    challenge: &'static str,
}

impl Problem {
    /// A problem of which no more is known than its kind.
    pub(crate) const fn of(kind: &'static Kind) -> Self {
        let detail = Cow::Borrowed(kind.detail);
        Self { kind, detail, field: None, retry_after: Duration::from_secs(1), challenge: "Bearer" }
    }

    /// A problem with one field or parameter; `why` follows the name, and never holds a value.
    pub(crate) fn with(kind: &'static Kind, field: impl Into<Cow<'static, str>>, why: &str) -> Self {
        let field = field.into();
        Self { detail: format!("{field} {why}").into(), field: Some(field), ..Self::of(kind) }
    }

    /// The same problem, worth another try after `delay`: for 429 and 503.
    pub(crate) fn retry_after(self, delay: Duration) -> Self {
        Self { retry_after: delay, ..self }
    }

    /// The same problem with the challenge that tells how to authenticate: for 401.
    pub(crate) fn challenge(self, challenge: &'static str) -> Self {
        Self { challenge, ..self }
    }

    /// Its kind.
    #[cfg(test)]
    pub(crate) const fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// The body of the problem.
    pub(crate) fn body(&self) -> ProblemBody {
        ProblemBody {
            r#type: format!("urn:jwksd:problem:{}", self.kind.code),
            title: self.kind.title.to_owned(),
            status: self.kind.status,
            detail: self.detail.clone().into_owned(),
            code: self.kind.code.to_owned(),
            field: self.field.clone().map(Cow::into_owned),
        }
    }
}

/// An error, as RFC 9457 describes it.
#[derive(Object)]
#[oai(rename = "Problem", skip_serializing_if_is_none)]
pub(crate) struct ProblemBody {
    /// Names the kind of problem: `urn:jwksd:problem:` and the code.
    r#type: String,
    /// What it is, in few words.
    title: String,
    /// The status of the answer.
    #[oai(validator(minimum(value = "400"), maximum(value = "599")))]
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// A stable name for programs to match on.
    code: String,
    /// The field or parameter that is wrong, where it is one.
    field: Option<String>,
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Self::with(&kind::INVALID_FIELD, error.field, &error.problem)
    }
}

impl From<Problem> for poem::Error {
    fn from(problem: Problem) -> Self {
        Self::from_response(problem.into_response())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response =
            Response::builder().status(status).content_type(MEDIA_TYPE).body(self.body().to_json_string());
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(self.challenge));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                response.headers_mut().insert(header::RETRY_AFTER, whole_seconds(self.retry_after).max(1).into());
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE if self.kind == &kind::UNSUPPORTED_CONTENT_CODING => {
                response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            }
            _ => {}
        }
        response
    }
}

impl Payload for Problem {
    const CONTENT_TYPE: &'static str = MEDIA_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        ProblemBody::schema_ref()
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}

/// `duration` in whole seconds, rounded up: whoever waits that long has waited long enough.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_401_has_a_challenge_and_every_503_a_delay() {
        let refused = Problem::of(&kind::BAD_CREDENTIALS).challenge("Basic realm=\"jwksd\"").into_response();
        assert_eq!(refused.headers()["www-authenticate"], "Basic realm=\"jwksd\"");
        let down = Problem::of(&kind::UNAVAILABLE).into_response();
        assert_eq!(down.headers()["retry-after"], "1");
        let busy = Problem::of(&kind::BUSY).retry_after(Duration::from_millis(1001)).into_response();
        assert_eq!(busy.headers()["retry-after"], "2");
    }

    #[test]
    fn a_field_is_named() {
        let problem = Problem::from(FieldError::new("username", "must not be empty"));
        let json = problem.body().to_json().unwrap();
        assert_eq!(json["detail"], "username must not be empty");
        assert_eq!(json["field"], "username");
        assert_eq!(json["code"], "invalid_field");
    }
}
