//! Who calls, by bearer token (RFC 6750).

use std::sync::Arc;

use jwksd_domain::usecase::{AuthenticateError, AuthenticateToken, Caller};
use jwksd_domain::user::{Role, UserId};
use poem::http::{HeaderMap, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::Registry;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::scheme;
use crate::outage;
use crate::problem::{Problem, kind};

/// The name of the security scheme.
pub(crate) const BEARER_SCHEME: &str = "bearer";
/// How an operation for administrators names the scheme, until `document.rs` has written its 403 into the document.
pub(crate) const ADMINISTRATOR_SCHEME: &str = "bearer:admin";

/// How an operation names the scheme that takes other credentials as well.
pub(crate) const OPTIONAL_BEARER_SCHEME: &str = "bearer:optional";

/// Tells that a bearer token is taken.
pub(crate) const BEARER_CHALLENGE: &str = "Bearer realm=\"jwksd\"";
const INVALID_TOKEN: &str = "Bearer realm=\"jwksd\", error=\"invalid_token\"";
/// Tells that no scope would help: the token is of nobody who could be let in here.
const WRONG_KIND: &str = "Bearer realm=\"jwksd\", error=\"insufficient_scope\"";
const INSUFFICIENT_SCOPE: &str = "Bearer realm=\"jwksd\", error=\"insufficient_scope\", scope=\"admin\"";

/// Any active user.
pub(crate) struct KnownCaller(pub(crate) Caller);

/// Any active user, or the problem with knowing one, for operations that take something else too.
pub(crate) struct PossibleCaller(pub(crate) Result<Caller, Problem>);

/// A user with the role `admin`.
pub(crate) struct Administrator(pub(crate) UserId);

impl<'a> ApiExtractor<'a> for KnownCaller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_bearer(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER_SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(authenticate(request).await?))
    }
}

impl<'a> ApiExtractor<'a> for PossibleCaller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_bearer(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![OPTIONAL_BEARER_SCHEME]
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(authenticate(request).await))
    }
}

impl<'a> ApiExtractor<'a> for Administrator {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_bearer(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![ADMINISTRATOR_SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let caller = authenticate(request).await?;
        match caller.user.role {
            Role::Admin => Ok(Self(caller.user.id)),
            Role::Read | Role::Write => Err(Problem::of(&kind::ROLE_REQUIRED).challenge(INSUFFICIENT_SCOPE).into()),
        }
    }
}

async fn authenticate(request: &Request) -> Result<Caller, Problem> {
    let Some(token) = bearer(request.headers()) else {
        return Err(Problem::of(&kind::TOKEN_REQUIRED).challenge(BEARER_CHALLENGE));
    };
    let Some(use_case) = request.data::<Arc<AuthenticateToken>>() else {
        return Err(Problem::of(&kind::INTERNAL));
    };
    use_case.run(token).await.map_err(|error| match error {
        AuthenticateError::NotAUser => Problem::of(&kind::USER_REQUIRED).challenge(WRONG_KIND),
        AuthenticateError::Invalid(_) => Problem::of(&kind::INVALID_TOKEN).challenge(INVALID_TOKEN),
        AuthenticateError::Unavailable(cause) => outage::reported(&cause),
    })
}

/// The token of an `Authorization` header of the scheme Bearer, which is compared without regard to case (RFC 9110 section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_matches(' '))
}

fn register_bearer(registry: &mut Registry) {
    scheme::register(registry, BEARER_SCHEME, ("bearer", Some("JWT")), "A token as the logins give it.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_is_read() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(bearer(&HeaderMap::new()), None);
        assert_eq!(of("Bearer a.b.c").as_deref(), Some("a.b.c"));
        assert_eq!(of("bEARER  a.b.c ").as_deref(), Some("a.b.c"));
        for other in ["Bearer", "Basic YTpi", "Bearera.b.c"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
