//! The paths under which the users of other systems know the same operations: S2's and S3's JWKS, S3's `/token`, S4's login.

use std::sync::Arc;

use jwksd_domain::usecase::{IssueDemoToken, IssueDemoTokenError, LogIn, TokenLife};
use poem::http::HeaderMap;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Capability;
use super::discovery::JwksAnswer;
use super::tokens::{CamelCredentials, LogInAnswer, TokenResponse, body_or_basic, log_in};
use crate::extract::{Basic, ClientOrigin, OptionalBody};
use crate::jwks::Jwks;
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Metered, Reply};

/// The aliases of both profiles.
pub(crate) struct Aliases {
    /// Answers the JWKS.
    pub(crate) jwks: Arc<Jwks>,
    /// Lets users in.
    pub(crate) log_in: Arc<LogIn>,
}

#[OpenApi]
impl Aliases {
    /// Get the public keys, under S2's path.
    #[oai(path = "/auth/jwks", method = "get", operation_id = "getJwksS2", tag = "Capability::Keys")]
    async fn jwks_s2(&self, headers: &HeaderMap) -> JwksAnswer {
        JwksAnswer(self.jwks.respond(headers))
    }

    /// Get the public keys, under S3's path.
    #[oai(path = "/jwks.json", method = "get", operation_id = "getJwksS3", tag = "Capability::Keys")]
    async fn jwks_s3(&self, headers: &HeaderMap) -> JwksAnswer {
        JwksAnswer(self.jwks.respond(headers))
    }

    /// Log in, under S4's path and names.
    #[oai(path = "/api/v1/auth", method = "post", operation_id = "logInS4", tag = "Capability::Authentication")]
    async fn log_in_s4(
        &self,
        origin: ClientOrigin,
        basic: Basic,
        body: OptionalBody<CamelCredentials>,
    ) -> Reply<Metered<LogInAnswer<TokenResponse>>> {
        let shown = body_or_basic(body.0.map(CamelCredentials::shown), basic);
        let shown = shown.and_then(|shown| shown.ok_or(Problem::of(&kind::MISSING_CREDENTIALS)));
        log_in(&self.log_in, origin.0, shown, TokenLife::Usual).await.into()
    }
}

/// A token for the fixture user.
#[derive(Object)]
pub(crate) struct FixtureToken {
    /// The token, a JWT.
    token: String,
}

/// What `GET /token` answers.
#[derive(ApiResponse)]
pub(crate) enum FixtureTokenAnswer {
    /// The token.
    #[oai(status = 200)]
    Token(Json<FixtureToken>),
    /// Something is down, or the fixture user is gone.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// The alias that only the dev profile has.
pub(crate) struct DevAliases(pub(crate) Arc<IssueDemoToken>);

#[OpenApi]
impl DevAliases {
    /// Get a token for the fixture user, without credentials.
    #[oai(path = "/token", method = "get", operation_id = "getToken", tag = "Capability::Authentication")]
    async fn token(&self, origin: ClientOrigin) -> Reply<FixtureTokenAnswer> {
        match self.0.run(origin.0).await {
            Ok(issued) => FixtureTokenAnswer::Token(Json(FixtureToken { token: issued.token })).into(),
            Err(IssueDemoTokenError::NoUser) => FixtureTokenAnswer::Unavailable(Problem::of(&kind::UNAVAILABLE)).into(),
            Err(IssueDemoTokenError::Unavailable(cause)) => {
                FixtureTokenAnswer::Unavailable(outage::reported(&cause)).into()
            }
        }
    }
}
