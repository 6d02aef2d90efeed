//! The HTTP client that is there without further ado (feature `http`): a connection for each fetch, over TLS by rustls or in the plain.
//!
//! A fetch in five minutes needs no pool, no proxy and no redirects; whoever has a client already brings it as a [`Fetch`].

use std::error::Error;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AGE, CACHE_CONTROL, CONNECTION, ETAG, HOST, HeaderName, IF_NONE_MATCH, USER_AGENT};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::fetch::{Answer, Fetch, FetchError, Get};
use crate::{RemoteJwks, Source, UrlError};

const AGENT: &str = concat!("jwksd-verifier/", env!("CARGO_PKG_VERSION"));

type BoxError = Box<dyn Error + Send + Sync>;

/// Fetches over HTTP/1.1. Trusts the certificates that the machine trusts, and those that it is given.
#[derive(Debug, Default)]
pub struct HttpFetch {
    roots: Vec<CertificateDer<'static>>,
    tls: OnceLock<Arc<ClientConfig>>,
}

impl HttpFetch {
    /// Trusts the certificates that the machine trusts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the certificates in `pem` as well, such as that of an authority of one's own.
    ///
    /// # Errors
    /// Where it holds anything but certificates in PEM, or none.
    pub fn with_roots(mut self, pem: &[u8]) -> Result<Self, NoCertificate> {
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        self.roots.extend(roots.ok().filter(|roots| !roots.is_empty()).ok_or(NoCertificate)?);
        self.tls = OnceLock::new();
        Ok(self)
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, BoxError> {
        if let Some(config) = self.tls.get() {
            return Ok(Arc::clone(config));
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(self.roots.iter().cloned());
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth();
        Ok(Arc::clone(self.tls.get_or_init(|| Arc::new(config))))
    }

    async fn ask(&self, request: Get<'_>) -> Result<Answer, BoxError> {
        let uri: Uri = request.url.parse()?;
        let host = uri.host().ok_or("the address has no host")?;
        let bare_host = host.trim_start_matches('[').trim_end_matches(']');
        let is_tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let stream = TcpStream::connect((bare_host, port)).await?;
        if !is_tls {
            return exchange(stream, &uri, request).await;
        }
        let name = ServerName::try_from(bare_host.to_owned())?;
        exchange(TlsConnector::from(self.tls()?).connect(name, stream).await?, &uri, request).await
    }
}

/// What was given is no certificate in PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no certificate in PEM")]
pub struct NoCertificate;

#[async_trait]
impl Fetch for HttpFetch {
    async fn get(&self, request: Get<'_>) -> Result<Answer, FetchError> {
        self.ask(request).await.map_err(|error| match error.is::<LengthLimitError>() {
            true => FetchError::TooLarge,
            false => FetchError::NoAnswer { url: request.url.to_owned(), cause: Arc::from(error) },
        })
    }
}

impl RemoteJwks {
    /// The keys at that address, with every limit as it is by itself.
    ///
    /// # Errors
    /// As [`Source::url`].
    pub fn at(url: &str) -> Result<Self, UrlError> {
        Ok(Self::builder(Source::url(url)?, HttpFetch::new()).build())
    }

    /// The keys of that issuer, wherever its metadata says that they are, with every limit as it is by itself.
    ///
    /// # Errors
    /// As [`Source::issuer`].
    pub fn discover(issuer: &str) -> Result<Self, UrlError> {
        Ok(Self::builder(Source::issuer(issuer)?, HttpFetch::new()).build())
    }
}

async fn exchange<S>(stream: S, uri: &Uri, request: Get<'_>) -> Result<Answer, BoxError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends when the answer was read, or when whoever waits for it has gone away.
    tokio::spawn(connection);
    let authority = uri.authority().ok_or("the address has no host")?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut asked = Request::get(path)
        .header(HOST, authority.as_str())
        .header(ACCEPT, request.accept)
        .header(USER_AGENT, AGENT)
        .header(CONNECTION, "close");
    if let Some(etag) = request.if_none_match {
        asked = asked.header(IF_NONE_MATCH, etag);
    }
    let response = sender.send_request(asked.body(Empty::<Bytes>::new())?).await?;
    let (status, cache_control) = (response.status().as_u16(), header(&response, CACHE_CONTROL));
    let (age, etag) = (header(&response, AGE), header(&response, ETAG));
    let body = Limited::new(response.into_body(), request.max_bytes).collect().await?.to_bytes().to_vec();
    Ok(Answer { status, cache_control, age, etag, body })
}

/// The values of a header, joined by commas (RFC 9110 section 5.3).
fn header<B>(response: &Response<B>, name: HeaderName) -> Option<String> {
    let values: Vec<_> = response.headers().get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}
