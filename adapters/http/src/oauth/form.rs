//! The form that a client sends. Parameters that nobody knows are ignored, those without a value count as absent, and none may be
//! given twice (RFC 6749 section 3.2).

use std::collections::HashMap;
use std::marker::PhantomData;

use jwksd_domain::client::ClientSecret;
use jwksd_domain::usecase::ClientCredentials;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use zeroize::Zeroizing;

use super::{ClientBasic, OAuthError};
use crate::extract::{FORM, form_text, media_type};

/// As many parameters as most forms have.
const USUAL: usize = 4;

/// A type that describes a form in the document. (Its supertrait is not imported: it would lend `is_empty` to texts.)
pub(crate) trait FormOf: poem_openapi::types::Type {}

/// A form that `T` describes.
pub(crate) struct Form<T> {
    parameters: Result<Parameters, OAuthError>,
    described_by: PhantomData<T>,
}

/// The parameters of a form. Values may be secrets, and are zeroed when dropped.
pub(crate) struct Parameters(HashMap<String, Zeroizing<String>>);

impl<T> Form<T> {
    /// The parameters, and what the client shows, there or in the header.
    pub(crate) fn read(self, basic: ClientBasic) -> Result<(Parameters, Option<ClientCredentials>), OAuthError> {
        let mut parameters = self.parameters?;
        let (id, secret) = (parameters.take("client_id"), parameters.take("client_secret"));
        let credentials = match (basic.0?, id, secret) {
            (Some(_), _, Some(_)) => return Err(OAuthError::TwoCredentials),
            (Some(shown), Some(id), None) if shown.id != *id => return Err(OAuthError::TwoCredentials),
            (Some(shown), _, None) => Some(shown),
            (None, Some(id), Some(mut secret)) => {
                let secret = ClientSecret::shown(std::mem::take(&mut *secret)).ok_or(OAuthError::InvalidClient)?;
                Some(ClientCredentials { id: id.to_string(), secret })
            }
            (None, None, _) | (None, Some(_), None) => None,
        };
        Ok((parameters, credentials))
    }
}

impl Parameters {
    /// Takes a parameter out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Zeroizing<String>> {
        self.0.remove(name)
    }

    /// Takes a parameter out that must be there.
    pub(crate) fn required(&mut self, name: &'static str) -> Result<Zeroizing<String>, OAuthError> {
        self.take(name).ok_or(OAuthError::Missing(name))
    }
}

impl<'a, T: FormOf> ApiExtractor<'a> for Form<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: FORM, schema: T::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        media_type(request.headers(), [FORM])?;
        let bytes = body.take()?.into_bytes().await?;
        Ok(Self { parameters: parse(&bytes), described_by: PhantomData })
    }
}

fn parse(bytes: &[u8]) -> Result<Parameters, OAuthError> {
    let text = std::str::from_utf8(bytes).map_err(|_| OAuthError::MalformedForm)?;
    let decode = |part| form_text::decode(part).ok_or(OAuthError::MalformedForm);
    let mut parameters = HashMap::with_capacity(USUAL);
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')).filter(|(_, value)| !value.is_empty())
    {
        if parameters.insert(decode(name)?.to_string(), decode(value)?).is_some() {
            return Err(OAuthError::Repeated);
        }
    }
    Ok(Parameters(parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, basic: Option<(&str, &str)>) -> Result<Option<(String, String)>, OAuthError> {
        let shown = |(id, secret): (&str, &str)| ClientCredentials {
            id: id.to_owned(),
            secret: ClientSecret::shown(secret.to_owned()).unwrap(),
        };
        let form = Form::<()> { parameters: parse(body.as_bytes()), described_by: PhantomData };
        let (_, credentials) = form.read(ClientBasic(Ok(basic.map(shown))))?;
        Ok(credentials.map(|shown| (shown.id, shown.secret.expose().to_owned())))
    }

    #[test]
    fn parameters_are_given_once_and_without_a_value_not_at_all() {
        let mut given = parse(b"scope=a+b%2Fc&empty=&other&grant_type=x").unwrap();
        assert_eq!(given.take("scope").as_deref().map(String::as_str), Some("a b/c"));
        assert!(given.take("empty").is_none() && given.take("other").is_none());
        assert_eq!(given.required("token"), Err(OAuthError::Missing("token")));
        assert!(parse(b"").is_ok() && parse(b"&&=&").is_ok());
        for body in [&b"scope=a&scope=a"[..], b"x=1&%78=2"] {
            assert_eq!(parse(body).err(), Some(OAuthError::Repeated));
        }
        for body in [&b"scope=%ff"[..], b"\xff=1"] {
            assert_eq!(parse(body).err(), Some(OAuthError::MalformedForm));
        }
    }

    #[test]
    fn credentials_are_shown_in_one_way() {
        let pair = Some(("job".to_owned(), "s".to_owned()));
        assert_eq!(read("client_id=job&client_secret=s", None), Ok(pair.clone()));
        assert_eq!(read("", Some(("job", "s"))), Ok(pair.clone()));
        assert_eq!(read("client_id=job", Some(("job", "s"))), Ok(pair));
        for absent in ["", "client_id=job", "client_secret=s"] {
            assert_eq!(read(absent, None), Ok(None));
        }
        for both in ["client_secret=s", "client_id=job&client_secret=s", "client_id=other"] {
            assert_eq!(read(both, Some(("job", "s"))), Err(OAuthError::TwoCredentials));
        }
        let long = format!("client_id=job&client_secret={}", "x".repeat(513));
        assert_eq!(read(&long, None), Err(OAuthError::InvalidClient));
    }
}
