//! Status lists, for whoever receives tokens.

use std::sync::Arc;

use jwksd_domain::token::{StatusClaim, StatusReference};
use jwksd_domain::usecase::PublishStatusList;
use poem::http::HeaderMap;
use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::MetaSchemaRef;
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Capability;
use crate::extract::StatusListInPath;
use crate::jwks::if_none_match;
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Reply};

/// How many characters of a signature tell a list from every other: 258 bits.
const TELLING: usize = 43;

/// Where the status of a token is told (draft-ietf-oauth-status-list section 6.1).
#[derive(Object)]
#[oai(rename = "StatusClaim")]
pub(crate) struct StatusClaimBody {
    /// The entry of a status list.
    status_list: StatusReferenceBody,
}

/// An entry of a status list.
#[derive(Object)]
#[oai(rename = "StatusReference")]
struct StatusReferenceBody {
    /// The place in the list, counted from zero.
    idx: u64,
    /// Where the list is.
    uri: String,
}

impl From<StatusClaim> for StatusClaimBody {
    fn from(claim: StatusClaim) -> Self {
        let StatusReference { idx, uri } = claim.status_list;
        Self { status_list: StatusReferenceBody { idx, uri } }
    }
}

/// Where the status lists are (draft-ietf-oauth-status-list section 9.3).
#[derive(Object)]
#[oai(rename = "StatusListAggregation")]
pub(crate) struct StatusListUris {
    /// Those whose tokens live, or that may yet get some.
    status_lists: Vec<String>,
}

/// A Status List Token (draft-ietf-oauth-status-list section 5.1): a JWT in compact serialization.
pub(crate) struct StatusListToken(Arc<str>);

impl StatusListToken {
    /// A strong entity tag: the end of the signature, which is another one whenever a byte of the list is.
    fn etag(&self) -> String {
        let end = self.0.len().saturating_sub(TELLING);
        format!("\"{}\"", self.0.get(end..).unwrap_or(&self.0))
    }
}

impl Payload for StatusListToken {
    const CONTENT_TYPE: &'static str = "application/statuslist+jwt";

    fn schema_ref() -> MetaSchemaRef {
        String::schema_ref()
    }
}

impl IntoResponse for StatusListToken {
    fn into_response(self) -> Response {
        Response::builder().content_type(Self::CONTENT_TYPE).body(self.0.as_bytes().to_vec())
    }
}

/// What is told of a list.
#[derive(ApiResponse)]
pub(crate) enum StatusListAnswer {
    /// Which of its tokens were called back, signed by a key of the JWKS.
    #[oai(status = 200)]
    Found(
        StatusListToken,
        /// How long it may be kept.
        #[oai(header = "Cache-Control")]
        String,
        /// The entity tag of the list, for If-None-Match.
        #[oai(header = "ETag")]
        String,
    ),
    /// The client has the list already.
    #[oai(status = 304)]
    Known(
        /// How long it may be kept.
        #[oai(header = "Cache-Control")]
        String,
        /// The entity tag of the list, for If-None-Match.
        #[oai(header = "ETag")]
        String,
    ),
    /// There is no such list, or none of its tokens lives any more.
    #[oai(status = 404)]
    Unknown(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What is told of all lists.
#[derive(ApiResponse)]
pub(crate) enum StatusListUrisAnswer {
    /// Where they are.
    #[oai(status = 200)]
    Found(Json<StatusListUris>),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// Tells which tokens were called back.
pub(crate) struct StatusLists(pub(crate) Arc<PublishStatusList>);

#[OpenApi]
impl StatusLists {
    /// List the status lists.
    #[oai(path = "/status-lists", method = "get", operation_id = "listStatusLists", tag = "Capability::Keys")]
    async fn list(&self) -> Reply<StatusListUrisAnswer> {
        match self.0.uris().await {
            Ok(status_lists) => StatusListUrisAnswer::Found(Json(StatusListUris { status_lists })).into(),
            Err(cause) => StatusListUrisAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Get a status list: which tokens were called back.
    #[oai(path = "/status-lists/:number", method = "get", operation_id = "getStatusList", tag = "Capability::Keys")]
    async fn find(
        &self,
        /// The number of the list.
        number: StatusListInPath,
        headers: &HeaderMap,
    ) -> Reply<StatusListAnswer> {
        match self.0.run(number.0).await {
            Ok(Some(found)) => {
                let cache = format!("public, max-age={}", found.max_age.as_secs());
                let token = StatusListToken(found.token);
                match token.etag() {
                    etag if if_none_match(headers, etag.as_bytes()) => StatusListAnswer::Known(cache, etag).into(),
                    etag => StatusListAnswer::Found(token, cache, etag).into(),
                }
            }
            Ok(None) => StatusListAnswer::Unknown(Problem::of(&kind::NOT_FOUND)).into(),
            Err(cause) => StatusListAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }
}
