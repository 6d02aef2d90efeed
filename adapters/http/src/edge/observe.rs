//! Counting and logging requests. Labels are bounded: routes that exist, methods that exist, statuses.

use std::time::Instant;

use metrics::{Counter, Histogram};
use poem::Response;
use poem::http::{Method, StatusCode};

use super::REQUEST_ID;
use super::paths::JWKS_PATHS;

const REQUESTS: &str = "jwksd_http_requests_total";
const DURATION: &str = "jwksd_http_request_duration_seconds";

/// Counts requests; those of the JWKS with handles that are made once.
pub(super) struct Observer {
    jwks: [JwksRoute; 3],
}

/// One path of the JWKS.
pub(super) struct JwksRoute {
    path: &'static str,
    full: Counter,
    not_modified: Counter,
    duration: Histogram,
}

impl Observer {
    pub(super) fn new() -> Self {
        metrics::describe_counter!(REQUESTS, "Requests by route, method and status");
        metrics::describe_histogram!(DURATION, metrics::Unit::Seconds, "How long requests took, by route");
        Self { jwks: JWKS_PATHS.map(JwksRoute::new) }
    }

    /// The path of the JWKS that `path` is.
    pub(super) fn jwks_route(&self, path: &str) -> Option<&JwksRoute> {
        self.jwks.iter().find(|route| route.path == path)
    }
}

impl JwksRoute {
    fn new(path: &'static str) -> Self {
        let counter =
            |status: &'static str| metrics::counter!(REQUESTS, "route" => path, "method" => "GET", "status" => status);
        let duration = metrics::histogram!(DURATION, "route" => path);
        Self { path, full: counter("200"), not_modified: counter("304"), duration }
    }

    /// Counts a request. It is not logged but for debugging: fleets of verifiers ask all the time. For the same reason it has no
    /// span: its id stands on the line itself, and is looked up only where that line is wanted.
    pub(super) fn count(&self, response: &Response, begun: Instant) {
        let counter = if response.status() == StatusCode::NOT_MODIFIED { &self.not_modified } else { &self.full };
        counter.increment(1);
        self.duration.record(begun.elapsed());
        tracing::debug!(
            request.id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()),
            route = self.path,
            status = response.status().as_u16(),
            "request answered"
        );
    }
}

/// Counts and logs a request to any other route.
pub(super) fn count(route: &str, method: &Method, response: &Response, begun: Instant) {
    let (status, elapsed) = (response.status(), begun.elapsed());
    let labels =
        [("route", route.to_owned()), ("method", known(method).to_owned()), ("status", status.as_str().to_owned())];
    metrics::counter!(REQUESTS, &labels).increment(1);
    metrics::histogram!(DURATION, "route" => route.to_owned()).record(elapsed);
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(route, method = known(method), status = status.as_u16(), duration.us = micros, "request answered");
}

/// The method, if it is one that anybody uses.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
