//! `?expired`: in dev, whether the token that is asked for is to be one that every verifier must refuse.

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use crate::problem::{Problem, kind};

/// Whether an expired token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expired {
    /// It is: `?expired`, `?expired=true`, `?expired=1`.
    Yes,
    /// It is not.
    No,
}

impl<'a> ApiExtractor<'a> for Expired {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let values = ["true", "false", "1", "0", "yes", "no", "on", "off", ""].map(Value::from).to_vec();
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema { enum_items: values, ..MetaSchema::new("string") })))
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(parse(request.uri().query().unwrap_or(""), options.name)?)
    }
}

fn parse(query: &str, parameter: &'static str) -> Result<Expired, Problem> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut given = pairs.filter(|(name, _)| *name == parameter).map(|(_, value)| value.to_ascii_lowercase());
    match (given.next().as_deref(), given.next()) {
        (None, _) | (Some("false" | "0" | "no" | "off"), None) => Ok(Expired::No),
        (Some("" | "true" | "1" | "yes" | "on"), None) => Ok(Expired::Yes),
        (Some(_), Some(_)) => Err(Problem::with(&kind::INVALID_PARAMETER, parameter, "is given more than once")),
        (Some(_), None) => {
            Err(Problem::with(&kind::INVALID_PARAMETER, parameter, "must be true, false, 1, 0 or empty"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_no_and_nothing_else() {
        let of = |query| parse(query, "expired");
        for query in ["expired", "expired=", "expired=true", "a=b&expired=1", "expired=True", "expired=yes"] {
            assert_eq!(of(query).unwrap(), Expired::Yes, "{query}");
        }
        for query in ["", "expired=false", "expired=0", "Expired", "expiredx=1", "xexpired"] {
            assert_eq!(of(query).unwrap(), Expired::No, "{query}");
        }
        for query in ["expired=maybe", "expired=1&expired=1", "expired=%31", "expired=1x"] {
            assert!(of(query).is_err(), "{query}");
        }
    }
}
