//! The ways in: each route that takes a name, an address or the id of a client, and each way to send it. A new one is added here.
//!
//! Refresh tokens and tokens of mails are not among them: what they name has more random bits than anybody can try.

use base64ct::{Base64, Encoding};
use poem::Request;
use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::known::address;

/// A way in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Door {
    /// `POST /auth` with JSON.
    Auth,
    /// The same with a code of an app.
    AuthTotp,
    /// `POST /auth` with HTTP Basic.
    Basic,
    /// `POST /api/v1/auth`.
    Alias,
    /// `POST /auth/login` with a password.
    Session,
    /// The same with a code of an app.
    SessionTotp,
    /// `POST /auth/login` with a mailed code that nobody was given.
    Code,
    /// The same with a code of an app.
    CodeTotp,
    /// `POST /auth/request-otp`.
    RequestCode,
    /// `POST /auth/request-password-reset`.
    RequestReset,
    /// `POST /oauth/token` with the secret of a client in the form.
    Token,
    /// The same with HTTP Basic.
    TokenBasic,
    /// `POST /introspect`.
    Introspect,
    /// `POST /revoke`.
    Revoke,
}

/// What stands before a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A user.
    User,
    /// A client.
    Client,
}

impl Door {
    /// Every way in.
    pub(crate) const ALL: [Self; 14] = [
        Self::Auth,
        Self::AuthTotp,
        Self::Basic,
        Self::Alias,
        Self::Session,
        Self::SessionTotp,
        Self::Code,
        Self::CodeTotp,
        Self::RequestCode,
        Self::RequestReset,
        Self::Token,
        Self::TokenBasic,
        Self::Introspect,
        Self::Revoke,
    ];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auth => "POST /auth",
            Self::AuthTotp => "POST /auth (totp)",
            Self::Basic => "POST /auth (Basic)",
            Self::Alias => "POST /api/v1/auth",
            Self::Session => "POST /auth/login",
            Self::SessionTotp => "POST /auth/login (totp)",
            Self::Code => "POST /auth/login (code)",
            Self::CodeTotp => "... (code and totp)",
            Self::RequestCode => "request-otp",
            Self::RequestReset => "request-password-reset",
            Self::Token => "POST /oauth/token",
            Self::TokenBasic => "POST /oauth/token (Basic)",
            Self::Introspect => "POST /introspect",
            Self::Revoke => "POST /revoke",
        }
    }

    /// What it asks after.
    pub(crate) const fn subject(self) -> Subject {
        match self {
            Self::Auth
            | Self::AuthTotp
            | Self::Basic
            | Self::Alias
            | Self::Session
            | Self::SessionTotp
            | Self::Code
            | Self::CodeTotp
            | Self::RequestCode
            | Self::RequestReset => Subject::User,
            Self::Token | Self::TokenBasic | Self::Introspect | Self::Revoke => Subject::Client,
        }
    }

    /// How it answers whoever tries it here.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::RequestCode | Self::RequestReset => StatusCode::ACCEPTED,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// A try of `name` with `secret`.
    pub(crate) fn request(self, name: &str, secret: &str) -> Request {
        let (totp, email) = ("123456", address(name));
        match self {
            Self::Auth => with_json("/auth", &json!({ "username": name, "password": secret })),
            Self::AuthTotp => with_json("/auth", &json!({ "username": name, "password": secret, "totp": totp })),
            Self::Basic => basic("/auth", name, secret).finish(),
            Self::Alias => with_json("/api/v1/auth", &json!({ "userName": name, "password": secret })),
            Self::Session => with_json("/auth/login", &json!({ "username": name, "password": secret })),
            Self::SessionTotp => {
                with_json("/auth/login", &json!({ "username": name, "password": secret, "totp": totp }))
            }
            Self::Code => with_json("/auth/login", &json!({ "email": email, "otp": "123456" })),
            Self::CodeTotp => with_json("/auth/login", &json!({ "email": email, "otp": "123456", "totp": totp })),
            Self::RequestCode => with_json("/auth/request-otp", &json!({ "email": email })),
            Self::RequestReset => with_json("/auth/request-password-reset", &json!({ "email": email })),
            Self::Token => with_form("/oauth/token", &format!("{}&grant_type=client_credentials", shown(name, secret))),
            Self::TokenBasic => basic("/oauth/token", name, secret)
                .header("content-type", "application/x-www-form-urlencoded")
                .body("grant_type=client_credentials"),
            Self::Introspect => with_form("/introspect", &format!("{}&token=x", shown(name, secret))),
            Self::Revoke => with_form("/revoke", &format!("{}&token=x", shown(name, secret))),
        }
    }
}

fn shown(name: &str, secret: &str) -> String {
    format!("client_id={name}&client_secret={secret}")
}

fn basic(path: &str, name: &str, secret: &str) -> poem::RequestBuilder {
    let encoded = Base64::encode_string(format!("{name}:{secret}").as_bytes());
    let request = Request::builder().method(Method::POST).uri_str(path).header("host", "127.0.0.1");
    request.header("authorization", format!("Basic {encoded}"))
}

fn with_json(path: &str, body: &Value) -> Request {
    let request = Request::builder().method(Method::POST).uri_str(path).header("host", "127.0.0.1");
    request.header("content-type", "application/json").body(body.to_string())
}

fn with_form(path: &str, body: &str) -> Request {
    let request = Request::builder().method(Method::POST).uri_str(path).header("host", "127.0.0.1");
    request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned())
}
