//! Requests and answers as the tests see them.

use std::io::{self, Cursor};
use std::pin::Pin;
use std::task::{Context, Poll};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use poem::{Body, Request, Response};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

/// A request that is being put together.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
    stalls: bool,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// What a session gives.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Tokens {
    /// The id of the session.
    pub(crate) fn sid(&self) -> String {
        Token::parse(&self.access).claims["sid"].as_str().unwrap().to_owned()
    }
}

/// The three parts of a token.
pub(crate) struct Token {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) signed: String,
    pub(crate) signature: Vec<u8>,
}

/// What is still to come, and never does.
struct Stalled;

impl AsyncRead for Stalled {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl Call {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            stalls: false,
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        self.raw_header(name, value.as_bytes())
    }

    pub(crate) fn raw_header(mut self, name: &str, value: &[u8]) -> Self {
        self.headers.push((name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same request, whose body stops in the middle.
    pub(crate) fn stalling(self) -> Self {
        Self { stalls: true, ..self }
    }

    pub(crate) fn json(self, value: &Value) -> Self {
        self.header("content-type", "application/json").body(value.to_string())
    }

    pub(crate) fn form(self, text: &str) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").body(text)
    }

    pub(crate) fn basic(self, name: &str, password: &str) -> Self {
        let encoded = Base64::encode_string(format!("{name}:{password}").as_bytes());
        self.header("authorization", &format!("Basic {encoded}"))
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn request(self) -> Request {
        let uri: Uri = self.path.parse().unwrap();
        let body = if self.stalls {
            Body::from_async_read(Cursor::new(self.body).chain(Stalled))
        } else {
            Body::from(self.body)
        };
        let mut request = Request::builder().method(self.method).uri(uri).header("host", "jwksd.test").body(body);
        for (name, value) in self.headers {
            request.headers_mut().append(name, value);
        }
        request
    }
}

impl Answer {
    pub(crate) async fn of(mut response: Response) -> Self {
        let body = response.take_body().into_vec().await.unwrap();
        Self { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn seconds(&self, name: &str) -> u64 {
        self.header(name).parse().unwrap_or_else(|_| panic!("{name} is {:?}", self.header(name)))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.text()))
    }

    /// The status, and the code of the problem where it is one.
    pub(crate) fn problem(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The field that the problem names.
    pub(crate) fn field(&self) -> String {
        self.json()["field"].as_str().unwrap_or_default().to_owned()
    }

    /// The token of a login.
    pub(crate) fn token(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["token"].as_str().unwrap().to_owned()
    }

    /// The tokens of a session.
    pub(crate) fn tokens(&self) -> Tokens {
        assert_eq!(self.status, 200, "{}", self.text());
        let body = self.json();
        let text = |member: &str| body[member].as_str().unwrap().to_owned();
        Tokens { access: text("access_token"), refresh: text("refresh_token") }
    }

    /// The kids of a JWKS, in its order.
    pub(crate) fn kids(&self) -> Vec<String> {
        let keys = self.json()["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    /// How long a cache may keep it.
    pub(crate) fn max_age(&self) -> u64 {
        let told = self.header("cache-control").strip_prefix("public, max-age=").unwrap();
        told.split(',').next().unwrap().parse().unwrap()
    }
}

impl Token {
    pub(crate) fn parse(token: &str) -> Self {
        let parts: Vec<_> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("three parts: {token}") };
        let decode = |part| Base64UrlUnpadded::decode_vec(part).unwrap();
        Self {
            header: serde_json::from_slice(&decode(header)).unwrap(),
            claims: serde_json::from_slice(&decode(claims)).unwrap(),
            signed: format!("{header}.{claims}"),
            signature: decode(signature),
        }
    }

    pub(crate) fn kid(&self) -> String {
        self.header["kid"].as_str().unwrap().to_owned()
    }

    pub(crate) fn exp(&self) -> i64 {
        self.claims["exp"].as_i64().unwrap()
    }
}
