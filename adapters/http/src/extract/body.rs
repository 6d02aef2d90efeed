//! Request bodies: JSON, where a call says so also forms, and nothing else; above all no XML.

use poem::http::{HeaderMap, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;

use super::parse::{form, json};
use crate::problem::{Problem, kind};

/// A type that a body can hold.
pub(crate) trait BodyOf: DeserializeOwned + Type {
    /// The schema of the form in which it is read, where it is.
    fn form() -> Option<MetaSchemaRef> {
        None
    }

    /// Registers the schema of the form.
    fn register_form(_registry: &mut Registry) {}
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MediaType {
    Json,
    Form,
}

impl MediaType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
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
    let content = |media_type: MediaType, schema| MetaMediaType { content_type: media_type.as_str(), schema };
    let json = content(MediaType::Json, T::schema_ref());
    let form = T::form().map(|schema| content(MediaType::Form, schema));
    MetaRequest { description: None, content: std::iter::once(json).chain(form).collect(), required }
}

fn read<T: BodyOf>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    match media_type(headers) {
        Some(MediaType::Json) => json(bytes),
        Some(MediaType::Form) if T::form().is_some() => form(bytes),
        Some(MediaType::Form) | None => Err(Problem::of(&kind::UNSUPPORTED_MEDIA_TYPE)),
    }
}

/// The media type of a body, parameters aside; JSON where there is no content type, `None` where it is another.
fn media_type(headers: &HeaderMap) -> Option<MediaType> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Some(MediaType::Json) };
    let essence = value.to_str().ok()?.split(';').next()?.trim();
    [MediaType::Json, MediaType::Form].into_iter().find(|known| known.as_str().eq_ignore_ascii_case(essence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_change_a_media_type() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            media_type(&headers)
        };
        assert_eq!(media_type(&HeaderMap::new()), Some(MediaType::Json));
        assert_eq!(of("Application/JSON; charset=utf-8"), Some(MediaType::Json));
        assert_eq!(of("application/x-www-form-urlencoded"), Some(MediaType::Form));
        for other in ["", "text/plain", "application/xml", "application/jsonp", "text/json", "multipart/form-data"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
