//! What a client shows in the `Authorization` header: its id and its secret, each encoded as in a form (RFC 6749 section 2.3.1).

use jwksd_domain::client::ClientSecret;
use jwksd_domain::usecase::ClientCredentials;
use poem::{Request, RequestBody};
use poem_openapi::registry::Registry;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::OAuthError;
use crate::extract::{Basic, form_text, scheme};

/// The name of the security scheme, until `document.rs` has written into the document that the body will do as well.
pub(crate) const CLIENT_SCHEME: &str = "client";

/// The credentials in the `Authorization` header, if there are any.
pub(crate) struct ClientBasic(pub(super) Result<Option<ClientCredentials>, OAuthError>);

impl<'a> ApiExtractor<'a> for ClientBasic {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = "Client id and secret; client_id and client_secret in the body will do as well.";
        scheme::register(registry, CLIENT_SCHEME, ("basic", None), description);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![CLIENT_SCHEME]
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(match Basic::of(request.headers()) {
            Basic::Absent => Ok(None),
            Basic::Malformed => Err(OAuthError::InvalidClient),
            Basic::Given(id, secret) => decoded(&id, &secret).map(Some).ok_or(OAuthError::InvalidClient),
        }))
    }
}

fn decoded(id: &str, secret: &str) -> Option<ClientCredentials> {
    let (id, mut secret) = (form_text::decode(id)?, form_text::decode(secret)?);
    Some(ClientCredentials { id: id.to_string(), secret: ClientSecret::shown(std::mem::take(&mut *secret))? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_and_secret_are_encoded_as_in_a_form() {
        let shown = decoded("a%3Ab+c", "x%25%2Bd").unwrap();
        assert_eq!((shown.id.as_str(), shown.secret.expose()), ("a:b c", "x%+d"));
        assert!(decoded("%ff", "x").is_none() && decoded("a", &"x".repeat(513)).is_none());
    }
}
