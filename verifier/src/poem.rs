//! For services on poem (feature `poem`): an extractor, and a middleware for whole routes.
//!
//! ```
//! use jwksd_verifier::poem::{Bearer, RequireBearer};
//! use jwksd_verifier::{NoMore, Verified, Verifier};
//! use poem::web::Data;
//! use poem::{EndpointExt, Route, get, handler};
//!
//! #[handler]
//! fn whoami(Bearer(verified): Bearer) -> String {
//!     verified.claims.sub.unwrap_or_default()
//! }
//!
//! #[handler]
//! fn report(Data(verified): Data<&Verified>) -> String {
//!     format!("for {:?}", verified.claims.sub)
//! }
//!
//! fn routes(verifier: Verifier) -> impl poem::Endpoint {
//!     let reports = Route::new().at("/today", get(report)).with(RequireBearer::<NoMore>::new(verifier.clone()));
//!     Route::new().at("/whoami", get(whoami)).nest("/reports", reports).data(verifier)
//! }
//! # let _routes = routes;
//! ```

use std::marker::PhantomData;

use poem::error::ResponseError;
use poem::http::{HeaderMap, StatusCode, header};
use poem::web::Data;
use poem::{Endpoint, FromRequest, Middleware, Request, RequestBody, Response, Result};
use serde::de::DeserializeOwned;

use crate::{NoMore, Refusal, Verified, Verifier};

/// The bearer token of the request, verified by the [`Verifier`] that the route was given as data. Who has none is answered by the
/// [`Refusal`]; `catch_error` gives another answer.
#[derive(Clone, Debug)]
pub struct Bearer<T = NoMore>(pub Verified<T>);

impl<'a, T: DeserializeOwned + Send> FromRequest<'a> for Bearer<T> {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let Data(verifier) = Data::<&Verifier>::from_request_without_body(request).await?;
        Ok(Self(verifier.verify_bearer(authorization(request.headers())).await?))
    }
}

/// Lets only requests with a bearer token that is valid through; handlers find it as `Data<&Verified<T>>`.
pub struct RequireBearer<T = NoMore> {
    verifier: Verifier,
    more: PhantomData<fn() -> T>,
}

impl<T> RequireBearer<T> {
    /// Verifies with `verifier`.
    pub const fn new(verifier: Verifier) -> Self {
        Self { verifier, more: PhantomData }
    }
}

impl<T, E> Middleware<E> for RequireBearer<T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
    E: Endpoint,
{
    type Output = Guarded<E, T>;

    fn transform(&self, inner: E) -> Self::Output {
        Guarded { inner, verifier: self.verifier.clone(), more: PhantomData }
    }
}

/// An endpoint behind [`RequireBearer`].
pub struct Guarded<E, T> {
    inner: E,
    verifier: Verifier,
    more: PhantomData<fn() -> T>,
}

impl<E, T> Endpoint for Guarded<E, T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
    E: Endpoint,
{
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<Self::Output> {
        let verified: Verified<T> = self.verifier.verify_bearer(authorization(request.headers())).await?;
        request.set_data(verified);
        self.inner.call(request).await
    }
}

impl ResponseError for Refusal {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::UNAUTHORIZED)
    }

    fn as_response(&self) -> Response {
        let mut response = Response::builder()
            .status(ResponseError::status(self))
            .content_type("application/problem+json")
            .body(self.problem());
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge().and_then(|challenge| challenge.parse().ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn authorization(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::AUTHORIZATION).iter().map(|value| value.as_bytes())
}
