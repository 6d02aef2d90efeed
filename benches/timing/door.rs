//! The ways in: each route that takes a name or an address, and each way to send it. A new one is added here.

use base64ct::{Base64, Encoding};
use poem::Request;
use poem::http::{Method, StatusCode};
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
    /// `POST /auth/login` with a code that nobody was given.
    Code,
    /// `POST /auth/request-otp`.
    RequestCode,
    /// `POST /auth/request-password-reset`.
    RequestReset,
}

impl Door {
    /// Every way in.
    pub(crate) const ALL: [Self; 7] =
        [Self::Auth, Self::Basic, Self::Alias, Self::Session, Self::Code, Self::RequestCode, Self::RequestReset];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auth => "POST /auth",
            Self::Basic => "POST /auth (Basic)",
            Self::Alias => "POST /api/v1/auth",
            Self::Session => "POST /auth/login",
            Self::Code => "POST /auth/login (code)",
            Self::RequestCode => "request-otp",
            Self::RequestReset => "request-password-reset",
        }
    }

    /// How it answers whoever tries it here.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Auth | Self::Basic | Self::Alias | Self::Session | Self::Code => StatusCode::UNAUTHORIZED,
            Self::RequestCode | Self::RequestReset => StatusCode::ACCEPTED,
        }
    }

    /// A try of `name`.
    pub(crate) fn request(self, name: &str, password: &str) -> Request {
        match self {
            Self::Auth => with_json("/auth", &json!({ "username": name, "password": password })),
            Self::Alias => with_json("/api/v1/auth", &json!({ "userName": name, "password": password })),
            Self::Session => with_json("/auth/login", &json!({ "username": name, "password": password })),
            Self::Code => with_json("/auth/login", &json!({ "email": address(name), "otp": "123456" })),
            Self::RequestCode => with_json("/auth/request-otp", &json!({ "email": address(name) })),
            Self::RequestReset => with_json("/auth/request-password-reset", &json!({ "email": address(name) })),
            Self::Basic => {
                let encoded = Base64::encode_string(format!("{name}:{password}").as_bytes());
                let request = Request::builder().method(Method::POST).uri_str("/auth");
                request.header("authorization", format!("Basic {encoded}")).finish()
            }
        }
    }
}

/// The e-mail address of whoever has that name.
pub(crate) fn address(name: &str) -> String {
    format!("{name}@example.com")
}

fn with_json(path: &str, body: &Value) -> Request {
    let request = Request::builder().method(Method::POST).uri_str(path);
    request.header("content-type", "application/json").body(body.to_string())
}
