//! Which scripts may read answers (the Fetch standard's CORS protocol): the JWKS everyone's, the rest those of configured origins.

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Request, Response};

use super::paths::is_key_set;

/// How long a browser may remember a preflight, in seconds.
const REMEMBERED: &str = "600";

/// The origins that may read answers.
pub(super) struct Cors(Vec<String>);

impl Cors {
    pub(super) fn of(origins: &[String]) -> Self {
        Self(origins.to_vec())
    }

    /// The answer to a preflight, if the request is one that may succeed.
    pub(super) fn preflight(&self, request: &Request, allow: &HeaderValue) -> Option<Response> {
        let is_preflight = request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let origin = request.headers().get(header::ORIGIN).filter(|_| is_preflight)?;
        let allowed = if is_key_set(request.uri().path()) {
            HeaderValue::from_static("*")
        } else {
            origin.to_str().ok().filter(|origin| self.allows(origin))?;
            origin.clone()
        };
        let mut response = Response::default();
        response.set_status(StatusCode::NO_CONTENT);
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, allow.clone());
        let asked = HeaderValue::from_static("Authorization, Content-Type, If-None-Match, X-Request-Id");
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(REMEMBERED));
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        Some(response)
    }

    /// Lets the scripts of `origin` read the answer, if they may.
    pub(super) fn mark(&self, response: &mut Response, origin: Option<&str>) {
        let headers = response.headers_mut();
        if !self.0.is_empty() {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        let Some(value) = origin.filter(|origin| self.allows(origin)) else { return };
        let Ok(value) = HeaderValue::from_str(value) else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
        let exposed = "ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, X-Request-Id";
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
    }

    fn allows(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed == origin)
    }
}
