//! Request bodies: JSON, where a call says so also forms, and nothing else; above all no XML.

use poem::http::HeaderMap;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;

use super::media_type::{FORM, JSON, media_type};
use super::parse::{form, json};
use crate::problem::Problem;

/// A type that a body can hold.
pub(crate) trait BodyOf: DeserializeOwned + Type {
    /// The schema of the form in which it is read, where it is.
    fn form() -> Option<MetaSchemaRef> {
        None
    }

    /// Registers the schema of the form.
    fn register_form(_registry: &mut Registry) {}
}

/// A body that must be there.
pub(crate) struct Body<T>(pub(crate) T);

/// A body that may be absent: empty, whatever content type it claims.
pub(crate) struct OptionalBody<T>(pub(crate) Option<T>);

impl<'a, T: BodyOf> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
        T::register_form(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(request::<T>(true))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = body.take()?.into_bytes().await?;
        Ok(Self(read(request.headers(), &bytes)?))
    }
}

impl<'a, T: BodyOf> ApiExtractor<'a> for OptionalBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
        T::register_form(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(request::<T>(false))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = body.take()?.into_bytes().await?;
        let value = if bytes.is_empty() { None } else { Some(read(request.headers(), &bytes)?) };
        Ok(Self(value))
    }
}

fn request<T: BodyOf>(required: bool) -> MetaRequest {
    let content = |content_type, schema| MetaMediaType { content_type, schema };
    let json = content(JSON, T::schema_ref());
    let form = T::form().map(|schema| content(FORM, schema));
    MetaRequest { description: None, content: std::iter::once(json).chain(form).collect(), required }
}

fn read<T: BodyOf>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    let media_type =
        if T::form().is_some() { media_type(headers, [JSON, FORM])? } else { media_type(headers, [JSON])? };
    if media_type == FORM { form(bytes) } else { json(bytes) }
}
