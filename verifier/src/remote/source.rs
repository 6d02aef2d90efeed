//! Where the JWKS is: at an address, or where the metadata of an issuer says (RFC 8414, OpenID Connect Discovery 1.0).

use serde::Deserialize;

use super::freshness::Freshness;
use crate::fetch::{Answer, Fetch, FetchError, Get};
use crate::json::{self, Nothing};
use crate::url::{self, PlainHttp, UrlError};

/// The largest metadata that is read, in bytes.
const METADATA_MAX: usize = 64 * 1024;

/// Where a JWKS is.
#[derive(Clone, Debug)]
pub struct Source {
    place: Place,
    plain: PlainHttp,
}

#[derive(Clone, Debug)]
enum Place {
    Url(String),
    Issuer(String),
}

/// The members of the metadata that mean something here.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Source {
    /// The JWKS at that address.
    ///
    /// # Errors
    /// [`UrlError`] for anything but `https`, or `http` on this machine.
    pub fn url(url: &str) -> Result<Self, UrlError> {
        Self::new(Place::Url(url.to_owned()), PlainHttp::Loopback)
    }

    /// The JWKS of that issuer, wherever its metadata says that it is. The metadata is asked for at
    /// `/.well-known/oauth-authorization-server` (RFC 8414 section 3), and at `/.well-known/openid-configuration` where that is 404.
    ///
    /// # Errors
    /// [`UrlError`] for anything but `https`, or `http` on this machine.
    pub fn issuer(issuer: &str) -> Result<Self, UrlError> {
        Self::new(Place::Issuer(issuer.to_owned()), PlainHttp::Loopback)
    }

    /// As [`Source::url`], with `http` to other machines as well: for a network on which nobody else can be in between.
    ///
    /// # Errors
    /// [`UrlError::Malformed`].
    pub fn url_on_trusted_network(url: &str) -> Result<Self, UrlError> {
        Self::new(Place::Url(url.to_owned()), PlainHttp::Anywhere)
    }

    /// As [`Source::issuer`], with `http` to other machines as well: for a network on which nobody else can be in between.
    ///
    /// # Errors
    /// [`UrlError::Malformed`].
    pub fn issuer_on_trusted_network(issuer: &str) -> Result<Self, UrlError> {
        Self::new(Place::Issuer(issuer.to_owned()), PlainHttp::Anywhere)
    }

    fn new(place: Place, plain: PlainHttp) -> Result<Self, UrlError> {
        let (Place::Url(url) | Place::Issuer(url)) = &place;
        url::check(url, plain)?;
        Ok(Self { place, plain })
    }

    /// The address of the JWKS, and for how long it is known.
    pub(super) async fn locate(&self, fetch: &dyn Fetch) -> Result<(String, Freshness), FetchError> {
        match &self.place {
            Place::Url(url) => Ok((url.clone(), Freshness::default())),
            Place::Issuer(issuer) => {
                let answer = ask_for_metadata(issuer, fetch).await?;
                Ok((self.jwks_uri(issuer, &answer.body)?, Freshness::of(&answer)))
            }
        }
    }

    /// The `jwks_uri` of metadata that is of this issuer, byte by byte (RFC 8414 section 3.3).
    fn jwks_uri(&self, issuer: &str, body: &[u8]) -> Result<String, FetchError> {
        json::text(body)
            .and_then(json::read::<Nothing>)
            .map_err(|_| FetchError::Metadata("it is no JSON object, or a member stands twice"))?;
        let metadata: Metadata = serde_json::from_slice(body)
            .map_err(|_| FetchError::Metadata("`issuer` or `jwks_uri` are missing or no strings"))?;
        if metadata.issuer != issuer {
            return Err(FetchError::Metadata("it is of another issuer"));
        }
        url::check(&metadata.jwks_uri, self.plain)
            .map_err(|_| FetchError::Metadata("`jwks_uri` is no https address"))?;
        Ok(metadata.jwks_uri)
    }
}

async fn ask_for_metadata(issuer: &str, fetch: &dyn Fetch) -> Result<Answer, FetchError> {
    let mut last = 404;
    for url in metadata_urls(issuer) {
        let request = Get { url: &url, accept: "application/json", if_none_match: None, max_bytes: METADATA_MAX };
        let answer = fetch.get(request).await?;
        match answer.status {
            200 if answer.body.len() > METADATA_MAX => return Err(FetchError::TooLarge),
            200 => return Ok(answer),
            404 => last = 404,
            other => return Err(FetchError::Status(other)),
        }
    }
    Err(FetchError::Status(last))
}

/// RFC 8414 section 3.1 puts its path behind the host and before that of the issuer, OpenID Connect behind both.
fn metadata_urls(issuer: &str) -> [String; 2] {
    let issuer = issuer.trim_end_matches('/');
    let (scheme, authority, path) = url::parts(issuer).unwrap_or(("https", issuer, ""));
    [
        format!("{scheme}://{authority}/.well-known/oauth-authorization-server{path}"),
        format!("{issuer}/.well-known/openid-configuration"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_is_where_the_specifications_put_it() {
        for issuer in ["https://a.example", "https://a.example/"] {
            assert_eq!(
                metadata_urls(issuer),
                [
                    "https://a.example/.well-known/oauth-authorization-server",
                    "https://a.example/.well-known/openid-configuration"
                ]
            );
        }
        assert_eq!(
            metadata_urls("https://a.example/t"),
            [
                "https://a.example/.well-known/oauth-authorization-server/t",
                "https://a.example/t/.well-known/openid-configuration"
            ]
        );
    }
}
