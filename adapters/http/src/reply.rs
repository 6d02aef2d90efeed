//! What operations answer: the parts that every operation shares.

use std::time::Duration;

use jwksd_domain::limit::{Allowance, Refusal};
use poem::http::HeaderValue;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::error::{ParseParamError, ParsePathError};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaHeader, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::{ToJSON, Type};
use serde::Serialize;

use crate::problem::{Problem, kind, whole_seconds};

/// The answer of an operation, or the problem because of which its handler was never asked.
///
/// The document lists those problems too: `document.rs` derives them from what the operation extracts.
pub(crate) enum Reply<A> {
    /// What the handler answers.
    Answer(A),
    /// What an extractor refused with.
    Refused(poem::Error),
}

impl<A> From<A> for Reply<A> {
    fn from(answer: A) -> Self {
        Self::Answer(answer)
    }
}

impl<A: ApiResponse> ApiResponse for Reply<A> {
    const BAD_REQUEST_HANDLER: bool = true;

    fn meta() -> MetaResponses {
        A::meta()
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
        A::register(registry);
    }

    fn from_parse_request_error(error: poem::Error) -> Self {
        let of_query = error.downcast_ref::<ParseParamError>().map(|error| error.name);
        // poem-openapi has numbers for parameters of the path, and no names: `NumberInPath` names its own.
        let of_path = error.downcast_ref::<ParsePathError>().map(|_| "path");
        match of_query.or(of_path) {
            Some(name) => {
                let why = "does not hold what the document asks for";
                Self::Refused(Problem::with(&kind::INVALID_PARAMETER, name, why).into())
            }
            None => Self::Refused(error),
        }
    }
}

impl<A: IntoResponse> IntoResponse for Reply<A> {
    fn into_response(self) -> Response {
        match self {
            Self::Answer(answer) => answer.into_response(),
            Self::Refused(error) => error.into_response(),
        }
    }
}

/// An answer that says what is left of a limit, where one was asked.
pub(crate) struct Metered<A> {
    answer: A,
    limit: Option<Limit>,
}

#[derive(Clone, Copy)]
struct Limit {
    limit: u32,
    remaining: u32,
    reset_after: Duration,
}

const LIMIT: &str = "RateLimit-Limit";
const REMAINING: &str = "RateLimit-Remaining";
const RESET: &str = "RateLimit-Reset";

impl<A> Metered<A> {
    /// An answer before which no limit was asked.
    pub(crate) const fn unmetered(answer: A) -> Self {
        Self { answer, limit: None }
    }

    /// An answer to an attempt that the limit let through.
    pub(crate) const fn allowed(answer: A, allowance: Allowance) -> Self {
        let Allowance { limit, remaining, reset_after } = allowance;
        Self { answer, limit: Some(Limit { limit, remaining, reset_after }) }
    }

    /// An answer to an attempt that the limit refused.
    pub(crate) const fn refused(answer: A, refusal: Refusal) -> Self {
        let Refusal { limit, reset_after, retry_after: _ } = refusal;
        Self { answer, limit: Some(Limit { limit, remaining: 0, reset_after }) }
    }
}

impl<A: IntoResponse> IntoResponse for Metered<A> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        if let Some(Limit { limit, remaining, reset_after }) = self.limit {
            response.headers_mut().insert(LIMIT, HeaderValue::from(limit));
            response.headers_mut().insert(REMAINING, HeaderValue::from(remaining));
            response.headers_mut().insert(RESET, HeaderValue::from(whole_seconds(reset_after)));
        }
        response
    }
}

impl<A: ApiResponse> ApiResponse for Metered<A> {
    fn meta() -> MetaResponses {
        let mut meta = A::meta();
        for response in &mut meta.responses {
            response.headers.extend([
                header(LIMIT, "How many attempts of this address pass at once."),
                header(REMAINING, "How many more pass at once now."),
                header(RESET, "How many seconds it takes until the whole burst passes again."),
            ]);
        }
        meta
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }
}

/// A JSON body, `application/json` in the document and in the answer alike.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Type> Payload for Json<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: ToJSON> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        Response::builder().content_type("application/json").body(self.0.to_json_string())
    }
}

/// The same, written by serde and not by way of a tree of values: where answers are asked for more often than others.
pub(crate) struct Serialized<T>(pub(crate) T);

impl<T: Type> Payload for Serialized<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Serialize + Send> IntoResponse for Serialized<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => Response::builder().content_type("application/json").body(body),
            Err(_) => Problem::of(&kind::INTERNAL).into_response(),
        }
    }
}

fn header(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: false,
        deprecated: false,
        schema: u32::schema_ref(),
    }
}
