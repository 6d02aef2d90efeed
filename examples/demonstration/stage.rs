//! What is seen: calls over HTTP with what they answer, each with the status that it must have.

use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;

use crate::token::Token;

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before looking again.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);
/// How much of a token is shown.
const SHOWN: usize = 24;

/// A request.
pub(crate) struct Call<'a> {
    method: Method,
    url: String,
    token: Option<&'a Token>,
    body: Option<Body>,
}

/// What is sent.
enum Body {
    Json(Value),
    Form(String),
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) challenge: Option<String>,
    pub(crate) body: Value,
}

/// Makes calls and prints them, and counts what was as it should be.
pub(crate) struct Stage {
    client: Client<HttpConnector, Full<Bytes>>,
    passed: usize,
}

impl<'a> Call<'a> {
    pub(crate) fn get(url: String) -> Self {
        Self { method: Method::GET, url, token: None, body: None }
    }

    pub(crate) fn post(url: String) -> Self {
        Self { method: Method::POST, url, token: None, body: None }
    }

    pub(crate) fn with(mut self, token: &'a Token) -> Self {
        self.token = Some(token);
        self
    }

    pub(crate) fn json(mut self, json: Value) -> Self {
        self.body = Some(Body::Json(json));
        self
    }

    pub(crate) fn form(mut self, form: &str) -> Self {
        self.body = Some(Body::Form(form.to_owned()));
        self
    }
}

impl Body {
    /// Its type and its text.
    fn parts(&self) -> (&'static str, String) {
        match self {
            Self::Json(json) => ("application/json", json.to_string()),
            Self::Form(form) => ("application/x-www-form-urlencoded", form.clone()),
        }
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), passed: 0 }
    }

    /// How many checks there were; the first that fails ends it all.
    pub(crate) const fn passed(&self) -> usize {
        self.passed
    }

    pub(crate) fn heading(&self, text: &str) {
        println!("\n{text}\n");
    }

    /// Counts a check that was passed.
    pub(crate) fn check(&mut self, is_so: bool, what: &str) -> anyhow::Result<()> {
        ensure!(is_so, "this should be so and is not: {what}");
        self.passed += 1;
        Ok(())
    }

    /// Calls, prints, and counts it where the status is this one.
    pub(crate) async fn expect(&mut self, status: u16, call: Call<'_>) -> anyhow::Result<Answer> {
        let whose = call.token.map(|token| format!(" with {}", token.whose)).unwrap_or_default();
        let sent = call.body.as_ref().map(|body| format!(" {}", body.parts().1)).unwrap_or_default();
        println!("  {} {}{sent}{whose}", call.method, call.url);
        let answer = self.call(call).await?;
        println!("      {} {}", answer.status, shortened(&answer.body.to_string()));
        self.check(answer.status == status, &format!("the status is {status}"))?;
        Ok(answer)
    }

    /// Calls and prints nothing.
    pub(crate) async fn call(&self, call: Call<'_>) -> anyhow::Result<Answer> {
        let mut request = Request::builder().method(call.method).uri(&call.url);
        if let Some(token) = call.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.text));
        }
        let mut sent = Full::default();
        if let Some(body) = call.body {
            let (content_type, text) = body.parts();
            request = request.header(header::CONTENT_TYPE, content_type);
            sent = Full::from(text);
        }
        let asked = self.client.request(request.body(sent)?);
        let response = timeout(PATIENCE, asked).await?.with_context(|| format!("no answer at {}", call.url))?;
        let status = response.status().as_u16();
        let challenge = response.headers().get(header::WWW_AUTHENTICATE);
        let challenge = challenge.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = response.into_body().collect().await?.to_bytes();
        let body = serde_json::from_slice(&body).with_context(|| format!("no JSON at {}", call.url))?;
        Ok(Answer { status, challenge, body })
    }
}

/// The same text with long tokens and keys cut.
pub(crate) fn shortened(text: &str) -> String {
    let is_word = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let mut shown = String::new();
    for piece in text.split_inclusive(|character| !is_word(character)) {
        match piece.char_indices().nth(3 * SHOWN) {
            Some(_) => {
                let end = piece.find(|character| !is_word(character)).unwrap_or(piece.len());
                shown.extend([&piece[..SHOWN], "…", &piece[end..]]);
            }
            None => shown.push_str(piece),
        }
    }
    shown
}
