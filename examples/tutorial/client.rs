//! The client of the tutorial: fetches a token from the auth server, calls the API with it, and prints what it got.
//!
//! `ISSUER` is the address of the auth server (http://127.0.0.1:8080), `API` that of the API (http://127.0.0.1:3000).

use std::env;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

struct Caller(Client<HttpConnector, Empty<Bytes>>);

impl Caller {
    async fn get(&self, url: &str, token: Option<&str>) -> anyhow::Result<(StatusCode, Value)> {
        let mut request = Request::get(url);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let response =
            self.0.request(request.body(Empty::new())?).await.with_context(|| format!("no answer at {url}"))?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&body).with_context(|| format!("no JSON at {url}"))?))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let issuer = env::var("ISSUER").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    let api = env::var("API").unwrap_or_else(|_| "http://127.0.0.1:3000".to_owned());
    let caller = Caller(Client::builder(TokioExecutor::new()).build_http());

    let (status, answer) = caller.get(&format!("{issuer}/token"), None).await?;
    ensure!(status == StatusCode::OK, "the auth server gives no token: {status} {answer}");
    let token = answer["token"].as_str().context("the auth server answers without a token")?;
    println!("the auth server gave a token of {} characters", token.len());

    let (status, answer) = caller.get(&format!("{api}/protected"), Some(token)).await?;
    println!("the API says {} {answer}", status.as_u16());
    ensure!(status == StatusCode::OK, "the API does not take the token");
    Ok(())
}
