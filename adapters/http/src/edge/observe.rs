//! Counting and logging requests. Labels are bounded: routes that exist, methods that exist, statuses.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

use metrics::{Counter, Histogram};
use poem::Response;
use poem::http::{Method, StatusCode};

use super::REQUEST_ID;
use super::paths::JWKS_PATHS;

const REQUESTS: &str = "jwksd_http_requests_total";
const DURATION: &str = "jwksd_http_request_duration_seconds";

/// Counts requests, with handles that are made once.
pub(super) struct Observer {
    jwks: [JwksRoute; 3],
    /// By route.
    others: RwLock<HashMap<String, RouteHandles>>,
}

/// By method and status.
type RouteHandles = HashMap<(&'static str, u16), Handles>;

/// What requests to one route with one method and one status are counted with.
#[derive(Clone)]
struct Handles {
    requests: Counter,
    duration: Histogram,
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
        Self { jwks: JWKS_PATHS.map(JwksRoute::new), others: RwLock::default() }
    }

    /// The path of the JWKS that `path` is.
    pub(super) fn jwks_route(&self, path: &str) -> Option<&JwksRoute> {
        self.jwks.iter().find(|route| route.path == path)
    }

    /// Counts and logs a request to any other route.
    pub(super) fn count(&self, route: &str, method: &Method, response: &Response, begun: Instant) {
        let (method, status, elapsed) = (known(method), response.status().as_u16(), begun.elapsed());
        let Handles { requests, duration } = self.handles(route, method, status);
        requests.increment(1);
        duration.record(elapsed);
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(route, method, status, duration.us = micros, "request answered");
    }

    fn handles(&self, route: &str, method: &'static str, status: u16) -> Handles {
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(handles) = others.get(route).and_then(|route| route.get(&(method, status))) {
            return handles.clone();
        }
        drop(others);
        let labels = [("route", route.to_owned()), ("method", method.to_owned()), ("status", status.to_string())];
        let duration = metrics::histogram!(DURATION, "route" => route.to_owned());
        let handles = Handles { requests: metrics::counter!(REQUESTS, &labels), duration };
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        others.entry(route.to_owned()).or_default().insert((method, status), handles.clone());
        handles
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
