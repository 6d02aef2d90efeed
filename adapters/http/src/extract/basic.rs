//! HTTP Basic (RFC 7617), where a login takes it.

use base64ct::{Base64, Encoding};
use poem::http::{HeaderMap, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::Registry;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use zeroize::Zeroizing;

use super::scheme;

/// The name of the security scheme.
const BASIC_SCHEME: &str = "basic";

/// Tells that Basic is taken, in UTF-8.
pub(crate) const BASIC_CHALLENGE: &str = "Basic realm=\"jwksd\", charset=\"UTF-8\"";

/// The credentials in the `Authorization` header. Another scheme, a foreign Bearer token say, is no business of ours.
pub(crate) enum Basic {
    /// There are none.
    Absent,
    /// They are not well-formed.
    Malformed,
    /// A name and a password.
    Given(String, String),
}

impl<'a> ApiExtractor<'a> for Basic {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = "User name and password, for those who send no body to a login.";
        scheme::register(registry, BASIC_SCHEME, ("basic", None), description);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BASIC_SCHEME]
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self::of(request.headers()))
    }
}

impl Basic {
    /// What the headers of a request hold.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        parse(headers)
    }
}

fn parse(headers: &HeaderMap) -> Basic {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Basic::Absent };
    let (scheme, encoded) = match value.as_bytes().split_at_checked(6) {
        Some((scheme, rest)) => (scheme, rest),
        None => (value.as_bytes(), &[][..]),
    };
    let is_basic = scheme.eq_ignore_ascii_case(b"basic ") || scheme.eq_ignore_ascii_case(b"basic");
    match (is_basic, credentials(encoded)) {
        (false, _) => Basic::Absent,
        (true, None) => Basic::Malformed,
        (true, Some((name, password))) => Basic::Given(name, password),
    }
}

/// The name up to the first colon, and the password behind it (RFC 7617 section 2).
fn credentials(encoded: &[u8]) -> Option<(String, String)> {
    let encoded = std::str::from_utf8(encoded).ok()?.trim_matches(' ');
    let decoded = Zeroizing::new(Base64::decode_vec(encoded).ok()?);
    let (name, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Basic {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        parse(&headers)
    }

    #[test]
    fn the_password_may_hold_colons_and_any_script() {
        let pair = |value: &str| match of(value) {
            Basic::Given(name, password) => (name, password),
            Basic::Absent | Basic::Malformed => panic!("{value} is well-formed"),
        };
        assert_eq!(pair("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("Aladdin".into(), "open sesame".into()));
        assert_eq!(pair("basic dGVzdDoxMjPCow=="), ("test".into(), "123£".into()));
        assert_eq!(pair("BASIC  YTpiOmM="), ("a".into(), "b:c".into()));
    }

    #[test]
    fn other_schemes_are_ignored_and_broken_basic_is_not() {
        for value in ["Bearer abc", "Basically x", "", "B", "Digest username=\"x\""] {
            assert!(matches!(of(value), Basic::Absent), "{value}");
        }
        for value in ["Basic", "Basic ", "Basic !!!", "Basic YQ==", "Basic /////w==", "Basic YTpi="] {
            assert!(matches!(of(value), Basic::Malformed), "{value}");
        }
    }
}
