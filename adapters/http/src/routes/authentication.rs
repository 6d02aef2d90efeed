//! Logging in at `/auth`, in dev and in prod, and who the caller is.

use std::sync::Arc;

use jwksd_domain::token::Claims;
use jwksd_domain::usecase::{Credentials as Shown, LogIn, TokenLife};
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Capability;
use super::status_lists::StatusClaimBody;
use super::tokens::{Credentials, LogInAnswer, TokenResponse, body_or_basic, log_in};
use crate::extract::{Basic, ClientOrigin, Expired, KnownCaller, OptionalBody};
use crate::problem::{Problem, kind};
use crate::reply::{Json, Metered, Reply};

/// `/auth` in the dev profile.
pub(crate) struct DevAuthentication(pub(crate) Arc<LogIn>);

#[OpenApi]
impl DevAuthentication {
    /// Log in.
    ///
    /// Takes user name and password as JSON, as a form, or, without a body, as HTTP Basic. With neither, the answer is a token
    /// for the fixture user. With `?expired` the token is signed by a key that has expired and is not in the JWKS.
    #[oai(path = "/auth", method = "post", operation_id = "logIn", tag = "Capability::Authentication")]
    async fn log_in(
        &self,
        origin: ClientOrigin,
        expired: Expired,
        basic: Basic,
        body: OptionalBody<Credentials>,
    ) -> Reply<Metered<LogInAnswer<TokenResponse>>> {
        let life = match expired {
            Expired::Yes => TokenLife::Over,
            Expired::No => TokenLife::Usual,
        };
        let shown = body_or_basic(body.0.map(Credentials::shown), basic).map(|shown| shown.unwrap_or(Shown::Fixture));
        log_in(&self.0, origin.0, shown, life).await.into()
    }
}

/// `/auth` in the prod profile.
pub(crate) struct ProdAuthentication(pub(crate) Arc<LogIn>);

#[OpenApi]
impl ProdAuthentication {
    /// Log in.
    ///
    /// Takes user name and password as JSON, as a form, or, without a body, as HTTP Basic.
    #[oai(path = "/auth", method = "post", operation_id = "logIn", tag = "Capability::Authentication")]
    async fn log_in(
        &self,
        origin: ClientOrigin,
        basic: Basic,
        body: OptionalBody<Credentials>,
    ) -> Reply<Metered<LogInAnswer<TokenResponse>>> {
        let shown = body_or_basic(body.0.map(Credentials::shown), basic);
        let shown = shown.and_then(|shown| shown.ok_or(Problem::of(&kind::MISSING_CREDENTIALS)));
        log_in(&self.0, origin.0, shown, TokenLife::Usual).await.into()
    }
}

/// Who the caller is, by the claims of the token.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct UserInfo {
    /// The issuer.
    iss: String,
    /// The id of the user.
    sub: String,
    /// The audience.
    aud: String,
    /// When the token was issued, in Unix seconds.
    iat: i64,
    /// From when on it is valid, in Unix seconds.
    nbf: i64,
    /// Until when it is valid, in Unix seconds.
    exp: i64,
    /// The id of the token.
    jti: String,
    /// The id of the session.
    sid: String,
    /// The id of the session, under another name.
    #[oai(rename = "sessionId")]
    session_id: String,
    /// The name of the user.
    username: String,
    /// What the user may do: `read`, `write` or `admin`.
    role: String,
    /// The scopes of the role, space-separated.
    scope: String,
    /// How the user was authenticated (RFC 8176); absent where the token is of no session.
    amr: Option<Vec<String>>,
    /// Where the status of the token is told.
    status: Option<StatusClaimBody>,
}

impl From<Claims> for UserInfo {
    fn from(claims: Claims) -> Self {
        let Claims { iss, sub, aud, iat, nbf, exp, jti, sid, session_id, username, role, scope, amr, status } = claims;
        let amr = Some(amr).filter(|amr| !amr.is_empty());
        Self {
            iss,
            sub,
            aud,
            iat,
            nbf,
            exp,
            jti,
            sid,
            session_id,
            username,
            role,
            scope,
            amr,
            status: status.map(Into::into),
        }
    }
}

/// What `GET /userinfo` answers.
#[derive(ApiResponse)]
pub(crate) enum UserInfoAnswer {
    /// The claims of the token.
    #[oai(status = 200)]
    Known(Json<UserInfo>),
}

/// Who the caller is.
pub(crate) struct Callers;

#[OpenApi]
impl Callers {
    /// Tell who the caller is.
    #[oai(path = "/userinfo", method = "get", operation_id = "getUserInfo", tag = "Capability::Authentication")]
    async fn user_info(&self, caller: KnownCaller) -> Reply<UserInfoAnswer> {
        UserInfoAnswer::Known(Json(caller.0.claims.into())).into()
    }
}
