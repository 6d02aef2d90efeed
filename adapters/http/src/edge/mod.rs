//! What every request meets first and every answer last: id, path and method, origin, size of the body, headers, metrics, log.

mod address;
mod body;
mod cors;
mod observe;
mod paths;
mod request_id;

use std::sync::Arc;
use std::time::Instant;

use jwksd_domain::audit::Origin;
use poem::http::{HeaderValue, Method, StatusCode, Version, header};
use poem::{Body, Endpoint, IntoResponse, Request, Response};
use tracing::Instrument;

use self::address::client_address;
use self::cors::Cors;
use self::observe::Observer;
pub(crate) use self::paths::PathTable;
use self::paths::{Found, is_open_to_all};
use self::request_id::RequestIds;
use crate::docs::PAGES;
use crate::jwks::Jwks;
use crate::lab_body::Unmeasured;
use crate::problem::{Kind, MEDIA_TYPE, Problem, kind};
use crate::service::HttpSettings;

const REQUEST_ID: &str = "x-request-id";

/// The outermost endpoint.
pub(crate) struct Edge<E> {
    inner: E,
    jwks: Arc<Jwks>,
    table: PathTable,
    settings: HttpSettings,
    cors: Cors,
    ids: RequestIds,
    observer: Observer,
}

impl<E: Endpoint> Edge<E> {
    /// The edge before `inner`, which has the paths of `table`.
    pub(crate) fn new(inner: E, jwks: Arc<Jwks>, table: PathTable, settings: HttpSettings) -> Self {
        let cors = Cors::of(&settings.cors_origins);
        Self { inner, jwks, table, settings, cors, ids: RequestIds::new(), observer: Observer::new() }
    }

    /// The answer, finished, counted and logged.
    async fn observed(&self, request: Request, id: HeaderValue, begun: Instant) -> Response {
        let method = request.method().clone();
        let found = self.table.find(request.uri().path(), &method);
        let span = tracing::info_span!("request", request.id = id.to_str().unwrap_or_default());
        let response = async {
            let mut response = self.answer(request, found).await;
            if method == Method::HEAD {
                response = without_body(response).await;
            }
            finish(&mut response, id);
            self.observer.count(found.route(), &method, &response, begun);
            response
        };
        response.instrument(span).await
    }

    async fn answer(&self, request: Request, found: Found<'_>) -> Response {
        if !names_its_host(&request) {
            return Problem::of(&kind::ONE_HOST_NEEDED).into_response();
        }
        let origin = request.header(header::ORIGIN).map(str::to_owned);
        let is_open_to_all = is_open_to_all(request.uri().path());
        let mut response = match found {
            Found::Nothing => Problem::of(&kind::NOT_FOUND).into_response(),
            Found::WrongMethod(allow) => match self.cors.preflight(&request, allow) {
                Some(answer) => return answer,
                None => not_allowed(allow),
            },
            Found::Operation(_) => self.operate(request).await,
        };
        match is_open_to_all {
            true => Cors::open(&mut response),
            false => self.cors.mark(&mut response, origin.as_deref()),
        }
        response
    }

    async fn operate(&self, mut request: Request) -> Response {
        let agent = request.header(header::USER_AGENT).map(str::to_owned);
        let ip = client_address(&request, &self.settings.trusted_proxies);
        request.set_data(Origin::new(ip, agent.as_deref()));
        let is_page = request.uri().path().starts_with(PAGES);
        let is_head = request.method() == Method::HEAD;
        if !(is_head || request.method() == Method::GET)
            && let Err(problem) = body::buffer(&mut request, self.settings.body_timeout).await
        {
            return problem.into_response();
        }
        if is_head {
            request.set_method(Method::GET);
        }
        let mut response = as_problem(self.inner.get_response(request).await);
        if !is_page {
            // Answers hold tokens, passwords or what is true only now (RFC 6749 section 5.1).
            response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        }
        response
    }
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let begun = Instant::now();
        let id = self.ids.of(request.headers());
        let is_plain = request.method() == Method::GET && names_its_host(&request);
        let Some(route) = self.observer.jwks_route(request.uri().path()).filter(|_| is_plain) else {
            // In a box of its own, so that the future of a request for the JWKS stays small.
            return Ok(Box::pin(self.observed(request, id, begun)).await);
        };
        let mut response = self.jwks.respond(request.headers());
        finish(&mut response, id);
        route.count(&response, begun);
        Ok(response)
    }
}

/// Whether a request of HTTP/1.1 has one `Host`, as it must (RFC 9112 section 3.2): of two, a proxy may have gone by the other one.
fn names_its_host(request: &Request) -> bool {
    request.version() != Version::HTTP_11 || request.headers().get_all(header::HOST).iter().count() == 1
}

fn finish(response: &mut Response, id: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

fn not_allowed(allow: &HeaderValue) -> Response {
    let mut response = Problem::of(&kind::METHOD_NOT_ALLOWED).into_response();
    response.headers_mut().insert(header::ALLOW, allow.clone());
    response
}

/// An error of the framework in its own plain text becomes a problem; ours are problems already, and so are health reports.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_ours = response.content_type().is_some_and(|kind| kind == MEDIA_TYPE || kind == "application/json");
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    Problem::of(kind_of(status)).into_response()
}

fn kind_of(status: StatusCode) -> &'static Kind {
    match status {
        StatusCode::NOT_FOUND => &kind::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED => &kind::METHOD_NOT_ALLOWED,
        StatusCode::PAYLOAD_TOO_LARGE => &kind::BODY_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => &kind::UNSUPPORTED_MEDIA_TYPE,
        status if status.is_client_error() => &kind::BAD_REQUEST,
        _ => &kind::INTERNAL,
    }
}

/// The head of the answer that a GET would get (RFC 9110 section 9.3.2), without its length where that is not known yet.
async fn without_body(mut response: Response) -> Response {
    if response.extensions().get::<Unmeasured>().is_some() {
        response.set_body(Body::empty());
        return response;
    }
    let length = response.take_body().into_vec().await.map_or(0, |bytes| bytes.len());
    if response.status() != StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response.set_body(Body::empty());
    response
}
