//! The id of a user in the path. What poem-openapi has for it knows a parameter of the path by its number alone, and could not name
//! it where it is wrong.

use jwksd_domain::user::UserId;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseFromParameter, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use crate::problem::{Problem, kind};

/// What poem-openapi calls the first parameter of a path when it routes.
const FIRST: &str = "param0";

/// The first parameter of a path: the id of a user. In the examples of the document it is that of a demo user who is no
/// administrator.
pub(crate) struct UserIdInPath(pub(crate) UserId);

impl<'a> ApiExtractor<'a> for UserIdInPath {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;

    type ParamType = i64;
    type ParamRawType = i64;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Path)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let example = MetaSchema { example: Some(Value::from(3)), ..MetaSchema::ANY };
        Some(i64::schema_ref().merge(example))
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        options: ExtractParamOptions<i64>,
    ) -> poem::Result<Self> {
        let id = request.raw_path_param(FIRST).and_then(|text| i64::parse_from_parameter(text).ok());
        let wrong = || Problem::with(&kind::INVALID_PARAMETER, options.name, "must be a whole number");
        Ok(Self(UserId(id.ok_or_else(wrong)?)))
    }
}
