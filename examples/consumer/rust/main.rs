//! A consumer of tokens, on axum: users with the role `read` may GET `/api/v1/protected`, those with the role `write` POST to it too.
//!
//! Who sends no token is answered 401, who sends a bad one or has not the role 403, each with `{"message": …}`; 503 while there are
//! no keys to verify with. `ISSUER` is the address of the auth server (http://127.0.0.1:8080), `PORT` the port on loopback (3001,
//! 0 for any free one).

use std::env;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jwksd_verifier::{Algorithm, Policy, Refusal, RemoteJwks, Verified, Verifier};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Each may do what those before it may. A token with another role is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Read,
    Write,
    Admin,
}

#[derive(Deserialize, Serialize)]
struct User {
    username: String,
    role: Role,
}

/// Why a request is not served.
enum Refused {
    Token(Refusal),
    Needs(Role),
}

/// The key is found by the `kid` of the token, and fetched where it is not known yet: the verifier sees to that.
impl FromRequestParts<Verifier> for User {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, verifier: &Verifier) -> Result<Self, Refused> {
        let sent = parts.headers.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
        let Verified { claims, .. } = verifier.verify_bearer::<Self>(sent).await.map_err(Refused::Token)?;
        Ok(claims.more)
    }
}

impl User {
    fn needs(&self, role: Role) -> Result<(), Refused> {
        if self.role >= role { Ok(()) } else { Err(Refused::Needs(role)) }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Token(Refusal::NoToken) => (StatusCode::UNAUTHORIZED, Refusal::NoToken.to_string()),
            Self::Token(refusal @ Refusal::Ambiguous) => (StatusCode::BAD_REQUEST, refusal.to_string()),
            Self::Token(refusal @ Refusal::Invalid(_)) => (StatusCode::FORBIDDEN, refusal.to_string()),
            Self::Token(Refusal::Unavailable(cause)) => {
                eprintln!("consumer: {cause}");
                (StatusCode::SERVICE_UNAVAILABLE, "tokens cannot be verified now".to_owned())
            }
            Self::Needs(role) => (StatusCode::FORBIDDEN, format!("this needs the role {role:?}").to_lowercase()),
        };
        let mut response = (status, Json(json!({ "message": message }))).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

async fn read(user: User) -> Result<Json<Value>, Refused> {
    user.needs(Role::Read)?;
    Ok(Json(json!({ "message": "read", "user": user })))
}

async fn write(user: User) -> Result<Json<Value>, Refused> {
    user.needs(Role::Write)?;
    Ok(Json(json!({ "message": "written", "user": user })))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let issuer = env::var("ISSUER").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    let port = env::var("PORT").map_or(Ok(3001), |port| port.parse::<u16>())?;

    // Tokens of jwksd are for its issuer, unless it was started with another --audience.
    let policy = Policy::builder(&issuer, &issuer, &[Algorithm::Rs256]).build()?;
    let verifier = Verifier::new(policy, RemoteJwks::discover(&issuer)?);

    let router = Router::new().route("/api/v1/protected", get(read).post(write)).with_state(verifier);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening at http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}
