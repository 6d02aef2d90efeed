//! The pages for people: Swagger UI, from files in this binary, over the document that is served beside it.

use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::http::{StatusCode, header};
use poem::web::Redirect;
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response, Route};
use utoipa_swagger_ui::Config;

use crate::problem::{Problem, kind};

/// Where the document is served.
pub(crate) const DOCUMENT_PATH: &str = "/openapi.json";
/// Below this path the pages are served.
pub(crate) const PAGES: &str = "/docs/";

/// Nothing is loaded from elsewhere; Swagger UI sets styles and draws icons from `data:` URLs.
const CONTENT_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

/// The operations with the pages and the document beside them.
pub(crate) fn beside(operations: BoxEndpoint<'static>, document: String) -> Route {
    let document = bytes::Bytes::from(document);
    let served =
        poem::endpoint::make_sync(move |_| Response::builder().content_type("application/json").body(document.clone()));
    let to_pages = || poem::endpoint::make_sync(|_| Redirect::temporary(PAGES));
    // What is nested at `/` is asked for `/` too, whatever stands beside it.
    let operations = operations.around(async |operations, request| match request.uri().path() {
        "/" => Ok(Redirect::temporary(PAGES).into_response()),
        _ => operations.call(request).await,
    });
    let route = Route::new().nest("/", operations);
    route.at(DOCUMENT_PATH, served).at("/docs", to_pages()).at("/docs/*file", Pages::default())
}

/// The files of Swagger UI.
struct Pages(Arc<Config<'static>>);

impl Default for Pages {
    fn default() -> Self {
        let config = Config::from(DOCUMENT_PATH).validator_url("none");
        Self(Arc::new(config))
    }
}

impl Endpoint for Pages {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.uri().path();
        let file = path.strip_prefix(PAGES).unwrap_or_default();
        Ok(match utoipa_swagger_ui::serve(file, Arc::clone(&self.0)) {
            Ok(Some(file)) => Response::builder()
                .content_type(&file.content_type)
                .header(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY)
                .status(StatusCode::OK)
                .body(file.bytes.into_owned()),
            Ok(None) => Problem::of(&kind::NOT_FOUND).into_response(),
            Err(error) => {
                tracing::error!(error = %error, "a page of Swagger UI cannot be served");
                Problem::of(&kind::INTERNAL).into_response()
            }
        })
    }
}
