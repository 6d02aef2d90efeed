//! What a login to a session, a refresh and a logout take and answer.

use jwksd_domain::audit::{Origin, Outcome};
use jwksd_domain::otp::SignInCode;
use jwksd_domain::usecase::{CodeLogIn, RefreshError, SessionLogIn, SessionTokens};
use jwksd_domain::user::{Email, LoginName, Password};
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object};
use serde::{Deserialize, Serialize};

use super::second_factor_bodies::second_factor;
use crate::extract::{BodyOf, given};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::Serialized;

const REFRESHES: &str = "jwksd_refreshes_total";

/// What is shown to be let in to a session: a user name and a password, or an e-mail address and the code that was mailed there; and
/// the second factor beside them where the user has one.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct SessionCredentials {
    /// The user name.
    #[oai(validator(min_length = 1, max_length = 256))]
    #[serde(default, deserialize_with = "given")]
    username: Option<String>,
    /// The password.
    #[oai(validator(min_length = 1, max_length = 512))]
    #[serde(default, deserialize_with = "given")]
    password: Option<String>,
    /// The e-mail address that a code was mailed to.
    #[oai(validator(min_length = 3, max_length = 254))]
    #[serde(default, deserialize_with = "given")]
    email: Option<String>,
    /// The code: six digits.
    #[oai(validator(pattern = "^[0-9]{6}$"))]
    #[serde(default, deserialize_with = "given")]
    otp: Option<String>,
    /// The six digits of the second factor, where the user has one.
    #[oai(validator(pattern = "^ *([0-9] *){6}$"))]
    #[serde(default, deserialize_with = "given")]
    totp: Option<String>,
    /// A recovery code in its place.
    #[oai(validator(pattern = "^[ -]*([A-Za-z2-7][ -]*){16}$"))]
    #[serde(default, deserialize_with = "given")]
    recovery_code: Option<String>,
}

/// An attempt to log in to a session.
pub(crate) enum SessionAttempt {
    /// With a password.
    Password(SessionLogIn),
    /// With a code that was mailed.
    Code(CodeLogIn),
}

/// A refresh token.
#[derive(Deserialize, Object)]
#[oai(example)]
pub(crate) struct RefreshRequest {
    /// The refresh token that was given out last.
    pub(crate) refresh_token: String,
}

/// What to log out with, where it is not the bearer token.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct LogOutRequest {
    /// A refresh token of the session.
    #[serde(default)]
    pub(crate) refresh_token: Option<String>,
}

/// The tokens of a session.
#[derive(Object, Serialize)]
pub(crate) struct SessionTokensResponse {
    /// The access token, a JWT.
    access_token: String,
    /// The refresh token: an opaque text, for `POST /auth/refresh` alone.
    refresh_token: String,
    /// How the access token is presented (RFC 6750).
    token_type: String,
    /// How many seconds the access token is valid from now on.
    expires_in: u64,
    /// How many seconds the refresh token is good from now on, if it is not used before.
    refresh_expires_in: u64,
}

/// What a refresh comes to.
#[derive(ApiResponse)]
pub(crate) enum RefreshAnswer {
    /// The next tokens. The same refresh again is answered with the same refresh token, as long as that has not been used.
    #[oai(status = 200)]
    Refreshed(Serialized<SessionTokensResponse>),
    /// The refresh token is not known, its session has expired or ended, or it was spent before and is in other hands too.
    #[oai(status = 401)]
    Refused(Problem),
    /// Something is down; the same refresh may be sent again.
    #[oai(status = 503)]
    Unavailable(Problem),
}

impl SessionCredentials {
    /// The attempt as the use cases take it: with a code where there is one, or an address and no name; else with a password. What is
    /// given beside that must be what it says, too.
    pub(crate) fn attempt(self, origin: Origin) -> Result<SessionAttempt, Problem> {
        let missing = |field| move || Problem::with(&kind::INVALID_FIELD, field, "is missing");
        let second_factor = second_factor(self.totp, self.recovery_code)?;
        let email = self.email.as_deref().map(Email::parse).transpose()?;
        let name = self.username.as_deref().map(LoginName::parse).transpose()?;
        let password = self.password.map(Password::parse).transpose()?;
        if self.otp.is_some() || email.is_some() && name.is_none() {
            let email = email.ok_or_else(missing("email"))?;
            let code = SignInCode::parse(&self.otp.ok_or_else(missing("otp"))?)?;
            return Ok(SessionAttempt::Code(CodeLogIn { origin, email, code, second_factor }));
        }
        let name = name.ok_or_else(missing("username"))?;
        let password = password.ok_or_else(missing("password"))?;
        Ok(SessionAttempt::Password(SessionLogIn { origin, name, password, second_factor }))
    }
}

impl From<SessionTokens> for SessionTokensResponse {
    fn from(tokens: SessionTokens) -> Self {
        let SessionTokens { access, refresh, refresh_expires_in } = tokens;
        Self {
            access_token: access.token,
            refresh_token: refresh.expose(),
            token_type: "Bearer".to_owned(),
            expires_in: access.expires_in.as_secs(),
            refresh_expires_in: refresh_expires_in.as_secs(),
        }
    }
}

/// Counts what came of a refresh and words it.
pub(crate) fn worded(result: Result<SessionTokens, RefreshError>) -> RefreshAnswer {
    let outcome = result.as_ref().map_or_else(RefreshError::outcome, |_| Outcome::Success);
    metrics::counter!(REFRESHES, "outcome" => outcome.as_str()).increment(1);
    match result {
        Ok(tokens) => RefreshAnswer::Refreshed(Serialized(tokens.into())),
        Err(RefreshError::Unknown) => RefreshAnswer::Refused(Problem::of(&kind::INVALID_REFRESH_TOKEN)),
        Err(RefreshError::Expired) => RefreshAnswer::Refused(Problem::of(&kind::REFRESH_TOKEN_EXPIRED)),
        Err(RefreshError::Ended) => RefreshAnswer::Refused(Problem::of(&kind::SESSION_ENDED)),
        Err(RefreshError::Reused) => RefreshAnswer::Refused(Problem::of(&kind::REFRESH_TOKEN_REUSED)),
        Err(RefreshError::Unavailable(cause)) => RefreshAnswer::Unavailable(outage::reported(&cause)),
    }
}

/// Lets the metrics show outcomes that have not occurred yet.
pub(crate) fn register_counters() {
    metrics::describe_counter!(REFRESHES, "Refreshes of sessions by outcome");
    let outcomes =
        [Outcome::Success, Outcome::BadToken, Outcome::Expired, Outcome::SessionEnded, Outcome::Theft, Outcome::Failed];
    for outcome in outcomes {
        metrics::counter!(REFRESHES, "outcome" => outcome.as_str()).increment(0);
    }
}

impl BodyOf for SessionCredentials {}

impl BodyOf for RefreshRequest {}

impl BodyOf for LogOutRequest {}

/// Of the form of a refresh token; a real one comes with a login.
const EXAMPLE_TOKEN: &str = "J5rE5NNTTPieAVBU1EmNcQAAAAA7_0pXr4wS2n9dQmB1uVt8Yk3cZfLhGqTxEoRiNaPjsQ";

impl Example for SessionCredentials {
    fn example() -> Self {
        let (username, password) = (Some("userABC".to_owned()), Some("password123".to_owned()));
        Self { username, password, email: None, otp: None, totp: None, recovery_code: None }
    }
}

impl Example for RefreshRequest {
    fn example() -> Self {
        Self { refresh_token: EXAMPLE_TOKEN.to_owned() }
    }
}

impl Example for LogOutRequest {
    fn example() -> Self {
        // The session of the bearer token.
        Self { refresh_token: None }
    }
}
