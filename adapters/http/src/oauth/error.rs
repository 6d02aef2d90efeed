//! Errors as clients see them: JSON with `error` and `error_description` (RFC 6749 section 5.2).

use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaResponses, Registry};
use poem_openapi::{ApiResponse, Object};

/// An error, as RFC 6749 section 5.2 describes it.
#[derive(Object)]
#[oai(rename = "OAuthError")]
pub(crate) struct OAuthErrorBody {
    /// A stable name for programs to match on.
    error: String,
    /// What is wrong with this request.
    error_description: String,
}

/// What is wrong with the call of a client. The texts are fixed: nothing of an error from behind a port is among them (I9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OAuthError {
    /// The form is malformed.
    MalformedForm,
    /// A parameter is given more than once (section 3.2).
    Repeated,
    /// A parameter is missing.
    Missing(&'static str),
    /// The client shows its credentials in two ways (section 2.3).
    TwoCredentials,
    /// No client, or a wrong secret.
    InvalidClient,
    /// The refresh token is of no use.
    InvalidGrant(&'static str),
    /// The client may not do that.
    UnauthorizedClient(&'static str),
    /// There is no such grant here.
    UnsupportedGrantType,
    /// The client may not have that scope.
    InvalidScope,
    /// The client may not have a token for that (RFC 8707 section 2).
    InvalidTarget,
}

impl OAuthError {
    const fn code(self) -> &'static str {
        match self {
            Self::MalformedForm | Self::Repeated | Self::Missing(_) | Self::TwoCredentials => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::UnauthorizedClient(_) => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
        }
    }

    fn description(self) -> String {
        let text = match self {
            Self::MalformedForm => "the body is not a well-formed form",
            Self::Repeated => "a parameter is given more than once",
            Self::Missing(name) => return format!("{name} is missing"),
            Self::TwoCredentials => "show the credentials in the Authorization header or in the body, not in both",
            Self::InvalidClient => "the client is not known by these credentials",
            Self::UnsupportedGrantType => "grant_type must be client_credentials or refresh_token",
            Self::InvalidScope => "scope is malformed, or has more than the client may have",
            Self::InvalidTarget => "the client may not have a token for this resource or audience",
            Self::InvalidGrant(text) | Self::UnauthorizedClient(text) => text,
        };
        text.to_owned()
    }
}

impl From<OAuthError> for OAuthErrorBody {
    fn from(error: OAuthError) -> Self {
        Self { error: error.code().to_owned(), error_description: error.description() }
    }
}

/// An answer that no cache may keep, not even one of HTTP/1.0 (RFC 6749 section 5.1); the edge says so to the others.
pub(crate) struct Uncached<A>(pub(crate) A);

impl<A: IntoResponse> IntoResponse for Uncached<A> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        response
    }
}

impl<A: ApiResponse> ApiResponse for Uncached<A> {
    fn meta() -> MetaResponses {
        A::meta()
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }
}
