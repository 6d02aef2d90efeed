//! The ways in: each route that takes a name or an address, and each way to send it. A new one is added here.

use base64ct::{Base64, Encoding};
use poem::Request;
use poem::http::Method;
use serde_json::{Value, json};

/// A way in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Door {
    /// `POST /auth` with JSON.
    Auth,
    /// `POST /auth` with HTTP Basic.
    Basic,
    /// `POST /api/v1/auth`.
    Alias,
    /// `POST /auth/login` with a password.
    Session,
}

impl Door {
    /// Every way in.
    pub(crate) const ALL: [Self; 4] = [Self::Auth, Self::Basic, Self::Alias, Self::Session];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auth => "POST /auth",
            Self::Basic => "POST /auth (Basic)",
            Self::Alias => "POST /api/v1/auth",
            Self::Session => "POST /auth/login",
        }
    }

    /// A try of `name`.
    pub(crate) fn request(self, name: &str, password: &str) -> Request {
        match self {
            Self::Auth => with_json("/auth", &json!({ "username": name, "password": password })),
            Self::Alias => with_json("/api/v1/auth", &json!({ "userName": name, "password": password })),
            Self::Session => with_json("/auth/login", &json!({ "username": name, "password": password })),
            Self::Basic => {
                let encoded = Base64::encode_string(format!("{name}:{password}").as_bytes());
                let request = Request::builder().method(Method::POST).uri_str("/auth");
                request.header("authorization", format!("Basic {encoded}")).finish()
            }
        }
    }
}

fn with_json(path: &str, body: &Value) -> Request {
    let request = Request::builder().method(Method::POST).uri_str(path);
    request.header("content-type", "application/json").body(body.to_string())
}
