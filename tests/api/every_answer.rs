//! What must hold of every answer, whatever was asked.

use poem::http::Method;

use crate::wire::Answer;

/// Fails where the answer has no request id, or is a problem that is not put as one.
pub(crate) fn check(answer: &Answer, method: &Method, path: &str) {
    let id = answer.header("x-request-id");
    assert!(!id.is_empty() && id.len() <= 128, "{method} {path}: X-Request-Id is {id:?}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}");
    if method == Method::HEAD {
        assert!(answer.body.is_empty(), "the answer to HEAD {path} has a body");
    } else if OAUTH_CALLS.contains(&path) && [400, 401].contains(&answer.status) {
        check_oauth_error(answer, method, path);
    } else if answer.status >= 400 && path != "/health/ready" {
        check_problem(answer, method, path);
    }
}

/// The calls whose errors are those of OAuth, where it has one (RFC 6749 section 5.2).
pub(crate) const OAUTH_CALLS: [&str; 3] = ["/oauth/token", "/introspect", "/revoke"];

fn check_oauth_error(answer: &Answer, method: &Method, path: &str) {
    assert_eq!(answer.header("content-type"), "application/json", "{method} {path}");
    let error = answer.json();
    for member in ["error", "error_description"] {
        assert!(error[member].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}: {member} in {error}");
    }
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"), "{method} {path}");
    let is_unknown = answer.status == 401;
    assert_eq!(error["error"] == "invalid_client", is_unknown, "{method} {path}: {error}");
    assert_eq!(answer.header("www-authenticate").starts_with("Basic "), is_unknown, "{method} {path}");
}

fn check_problem(answer: &Answer, method: &Method, path: &str) {
    let status = answer.status;
    assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}: {status}");
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    for member in ["type", "title", "detail", "code"] {
        assert!(
            problem[member].as_str().is_some_and(|text| !text.is_empty()),
            "{method} {path}: {member} in {problem}"
        );
    }
    let needed = match status {
        401 => "www-authenticate",
        405 => "allow",
        429 | 503 => "retry-after",
        _ => "x-request-id",
    };
    assert!(!answer.header(needed).is_empty(), "{method} {path}: {status} without {needed}");
}
