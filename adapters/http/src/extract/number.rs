//! A number in the path. What poem-openapi has for it knows a parameter of the path by its number alone, and could not name it where it
//! is wrong.

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseFromParameter, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use crate::problem::{Problem, kind};

/// What poem-openapi calls the first parameter of a path when it routes.
const FIRST: &str = "param0";

/// The first parameter of a path: a number in its usual form. The examples of the document have `EXAMPLE` for it.
pub(crate) struct NumberInPath<T, const EXAMPLE: u32>(pub(crate) T);

/// The id of a user; that of the examples is the demo user's as whom no other example logs in, the last one added to an empty database.
pub(crate) type UserIdInPath = NumberInPath<i64, 4>;

/// The number of a status list; that of the examples is the first, which is there once a token was issued.
pub(crate) type StatusListInPath = NumberInPath<u32, 1>;

impl<'a, T: Type + ParseFromParameter + ToString, const EXAMPLE: u32> ApiExtractor<'a> for NumberInPath<T, EXAMPLE> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;

    type ParamType = T;
    type ParamRawType = T;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Path)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let example = MetaSchema { example: Some(Value::from(EXAMPLE)), ..MetaSchema::ANY };
        Some(T::schema_ref().merge(example))
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        options: ExtractParamOptions<T>,
    ) -> poem::Result<Self> {
        let number = request.raw_path_param(FIRST).and_then(|text| {
            let number = T::parse_from_parameter(text).ok()?;
            (number.to_string() == text).then_some(number)
        });
        let wrong = || Problem::with(&kind::INVALID_PARAMETER, options.name, "must be a whole number");
        Ok(Self(number.ok_or_else(wrong)?))
    }
}
