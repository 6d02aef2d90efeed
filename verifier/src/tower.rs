//! For services on tower, axum's among them (feature `tower`): a layer that lets only requests with a valid bearer token through.
//!
//! ```
//! use axum::routing::get;
//! use axum::{Extension, Router};
//! use jwksd_verifier::tower::RequireBearerLayer;
//! use jwksd_verifier::{Verified, Verifier};
//!
//! #[derive(Clone, serde::Deserialize)]
//! struct Role {
//!     role: String,
//! }
//!
//! async fn report(Extension(verified): Extension<Verified<Role>>) -> String {
//!     format!("for {:?} with the role {}", verified.claims.sub, verified.claims.more.role)
//! }
//!
//! fn router(verifier: Verifier) -> Router {
//!     Router::new().route("/report", get(report)).layer(RequireBearerLayer::<Role>::new(verifier))
//! }
//! # let _router = router;
//! ```

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use tower_layer::Layer;
use tower_service::Service;

use crate::{NoMore, Refusal, Verified, Verifier};

/// Lets only requests with a bearer token that is valid through; handlers find a [`Verified<T>`](Verified) among the extensions of the
/// request. Others are answered by the [`Refusal`], with its [`problem`](Refusal::problem) as body.
pub struct RequireBearerLayer<T = NoMore> {
    verifier: Verifier,
    more: PhantomData<fn() -> T>,
}

/// A service behind [`RequireBearerLayer`].
pub struct RequireBearer<S, T = NoMore> {
    inner: S,
    verifier: Verifier,
    more: PhantomData<fn() -> T>,
}

impl<T> RequireBearerLayer<T> {
    /// Verifies with `verifier`.
    pub const fn new(verifier: Verifier) -> Self {
        Self { verifier, more: PhantomData }
    }
}

impl<T> Clone for RequireBearerLayer<T> {
    fn clone(&self) -> Self {
        Self::new(self.verifier.clone())
    }
}

impl<S: Clone, T> Clone for RequireBearer<S, T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), verifier: self.verifier.clone(), more: PhantomData }
    }
}

impl<S, T> Layer<S> for RequireBearerLayer<T> {
    type Service = RequireBearer<S, T>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireBearer { inner, verifier: self.verifier.clone(), more: PhantomData }
    }
}

impl<S, T, B, R> Service<Request<B>> for RequireBearer<S, T>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    T: DeserializeOwned + Clone + Send + Sync + 'static,
    B: Send + 'static,
    R: From<String>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The one that was polled ready is taken along; its clone is polled ready the next time.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let verifier = self.verifier.clone();
        Box::pin(async move {
            let sent: Vec<_> = request.headers().get_all(header::AUTHORIZATION).iter().cloned().collect();
            let verified = verifier.verify_bearer::<T>(sent.iter().map(HeaderValue::as_bytes)).await;
            match verified {
                Ok(verified) => {
                    request.extensions_mut().insert::<Verified<T>>(verified);
                    inner.call(request).await
                }
                Err(refusal) => Ok(answer(&refusal)),
            }
        })
    }
}

fn answer<R: From<String>>(refusal: &Refusal) -> Response<R> {
    let mut response = Response::new(R::from(refusal.problem()));
    *response.status_mut() = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(challenge) = refusal.challenge().and_then(|challenge| challenge.parse().ok()) {
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = refusal.retry_after() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
