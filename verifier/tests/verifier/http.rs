//! The HTTP client, against servers on loopback that say exactly what they are told to.

use std::sync::Arc;

use jwksd_verifier::{Algorithm, Fetch, FetchError, Get, HttpFetch, JWK_SET_MAX, RemoteJwks, Unavailable};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::issuer::{SigningKey, jwks};

const CERTIFICATE: &[u8] = include_bytes!("certificate.pem");
const PRIVATE_KEY: &[u8] = include_bytes!("not_a_secret.pem");

/// Reads one request, answers with `response`, and hands back the request.
async fn answer_once(mut stream: impl AsyncRead + AsyncWrite + Unpin, response: &[u8]) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.unwrap());
    }
    // Whoever has read enough hangs up.
    let _hung_up = stream.write_all(response).await;
    let _hung_up = stream.shutdown().await;
    String::from_utf8(request).unwrap()
}

/// A server that answers one request; its address, and what it was asked.
async fn server(response: Vec<u8>) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move { answer_once(listener.accept().await.unwrap().0, &response).await });
    (format!("http://{address}/jwks.json?x=1"), asked)
}

fn get(url: &str) -> Get<'_> {
    Get { url, accept: "application/json", if_none_match: Some("\"1\""), max_bytes: 1024 }
}

#[tokio::test]
async fn a_document_is_fetched_with_what_it_says_of_itself() {
    let response = "HTTP/1.1 200 OK\r\nCache-Control: public\r\nETag: \"2\"\r\nAge: 7\r\ncache-control: max-age=60\r\n\
        Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let (url, asked) = server(response.into()).await;
    let answer = HttpFetch::new().get(get(&url)).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"{}"[..]));
    assert_eq!(answer.cache_control.as_deref(), Some("public, max-age=60"));
    assert_eq!((answer.etag.as_deref(), answer.age.as_deref()), (Some("\"2\""), Some("7")));
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("GET /jwks.json?x=1 HTTP/1.1\r\nhost: 127.0.0.1:"), "{asked}");
    assert!(asked.contains("accept: application/json\r\n") && asked.contains("if-none-match: \"1\"\r\n"), "{asked}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let response = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let (url, _) = server(response.into()).await;
    let keys = RemoteJwks::at(&url).unwrap();
    assert!(matches!(keys.key_set(None).await, Err(Unavailable::NoKeys(Some(_)))));
    assert_eq!(keys.failure().unwrap().to_string(), "answered with status 302");
}

#[tokio::test]
async fn more_than_was_allowed_is_not_read() {
    let mut endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".to_vec();
    endless.resize(JWK_SET_MAX + 4096, b' ');
    let (url, _) = server(endless).await;
    assert!(matches!(HttpFetch::new().get(get(&url)).await, Err(FetchError::TooLarge)));
}

#[tokio::test]
async fn nobody_there_is_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(HttpFetch::new().get(get(&url)).await, Err(FetchError::NoAnswer { .. })));
    let (url, _) = server(b"nonsense\r\n\r\n".to_vec()).await;
    assert!(matches!(HttpFetch::new().get(get(&url)).await, Err(FetchError::NoAnswer { .. })));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_believed() {
    let key = SigningKey::new("a", Algorithm::Es256);
    let jwks = jwks([&key]);
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{jwks}", jwks.len());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        let acceptor = acceptor();
        loop {
            let stream = listener.accept().await.unwrap().0;
            if let Ok(stream) = acceptor.accept(stream).await {
                answer_once(stream, response.as_bytes()).await;
            }
        }
    });
    assert!(matches!(HttpFetch::new().get(get(&url)).await, Err(FetchError::NoAnswer { .. })));
    let trusting = HttpFetch::new().with_roots(CERTIFICATE).unwrap();
    assert_eq!(trusting.get(get(&url)).await.unwrap().body, jwks.as_bytes());
    assert!(HttpFetch::new().with_roots(b"nonsense").is_err());
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(CERTIFICATE).collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(PRIVATE_KEY).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()))
}
