//! What the logins take and answer.

use jwksd_domain::audit::{Origin, Outcome};
use jwksd_domain::limit::Allowance;
use jwksd_domain::second_factor::SecondFactorProof;
use jwksd_domain::usecase::{Credentials as Shown, IssuedToken, LogIn, LogInError, LogInRequest, LoggedIn, TokenLife};
use jwksd_domain::user::{LoginName, Password};
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{Example, ToJSON, Type};
use poem_openapi::{ApiResponse, Object};
use serde::Deserialize;

use super::second_factor_bodies::second_factor;
use crate::extract::{BASIC_CHALLENGE, Basic, BodyOf, given};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Metered};

const LOGINS: &str = "jwksd_logins_total";

/// A user name and a password, and the second factor where the user has one.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct Credentials {
    /// The user name.
    #[oai(validator(min_length = 1, max_length = 256))]
    username: String,
    /// The password.
    #[oai(validator(min_length = 1, max_length = 512))]
    password: String,
    /// The six digits of the second factor, where the user has one.
    #[oai(validator(pattern = "^ *([0-9] *){6}$"))]
    #[serde(default, deserialize_with = "given")]
    totp: Option<String>,
    /// A recovery code in its place.
    #[oai(validator(pattern = "^[ -]*([A-Za-z2-7][ -]*){16}$"))]
    #[serde(default, deserialize_with = "given")]
    recovery_code: Option<String>,
}

/// A user name and a password, as a form.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
struct CredentialsForm {
    /// The user name.
    #[oai(validator(min_length = 1, max_length = 256))]
    username: String,
    /// The password.
    #[oai(validator(min_length = 1, max_length = 512))]
    password: String,
    /// The six digits of the second factor, where the user has one.
    #[oai(validator(pattern = "^( *([0-9] *){6})?$"))]
    totp: Option<String>,
    /// A recovery code in its place.
    #[oai(validator(pattern = "^([ -]*([A-Za-z2-7][ -]*){16})?$"))]
    recovery_code: Option<String>,
}

/// A user name and a password under S4's names.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct CamelCredentials {
    /// The user name.
    #[oai(rename = "userName", validator(min_length = 1, max_length = 256))]
    #[serde(rename = "userName", alias = "username")]
    user_name: String,
    /// The password.
    #[oai(validator(min_length = 1, max_length = 512))]
    password: String,
    /// The six digits of the second factor, where the user has one.
    #[oai(validator(pattern = "^ *([0-9] *){6}$"))]
    #[serde(default, deserialize_with = "given")]
    totp: Option<String>,
    /// A recovery code in its place.
    #[oai(validator(pattern = "^[ -]*([A-Za-z2-7][ -]*){16}$"))]
    #[serde(default, deserialize_with = "given")]
    recovery_code: Option<String>,
}

/// A user name and a password under S4's names, as a form.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
struct CamelCredentialsForm {
    /// The user name.
    #[oai(rename = "userName", validator(min_length = 1, max_length = 256))]
    user_name: String,
    /// The password.
    #[oai(validator(min_length = 1, max_length = 512))]
    password: String,
    /// The six digits of the second factor, where the user has one.
    #[oai(validator(pattern = "^( *([0-9] *){6})?$"))]
    totp: Option<String>,
    /// A recovery code in its place.
    #[oai(validator(pattern = "^([ -]*([A-Za-z2-7][ -]*){16})?$"))]
    recovery_code: Option<String>,
}

/// A token.
#[derive(Object)]
pub(crate) struct TokenResponse {
    /// The token, a JWT.
    token: String,
    /// The same token under the name that other clients read.
    jwt: String,
    /// How it is presented (RFC 6750).
    token_type: String,
    /// How many seconds it is valid from now on.
    expires_in: u64,
}

/// What a login comes to.
#[derive(ApiResponse)]
pub(crate) enum LogInAnswer<T: ToJSON> {
    /// The token.
    #[oai(status = 200)]
    Token(Json<T>),
    /// The body or a parameter is not what it must be.
    #[oai(status = 400)]
    Invalid(Problem),
    /// The user name or the password is wrong, and nobody learns which; or they are right, and the second factor of the user is
    /// missing or wrong.
    #[oai(status = 401)]
    BadCredentials(Problem),
    /// Too many attempts from this address, or too many failures at this account.
    #[oai(status = 429)]
    Limited(Problem),
    /// Too much to do, or something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

impl Example for Credentials {
    fn example() -> Self {
        Self { username: "userABC".to_owned(), password: "password123".to_owned(), totp: None, recovery_code: None }
    }
}

impl Example for CredentialsForm {
    fn example() -> Self {
        Self { username: "userABC".to_owned(), password: "password123".to_owned(), totp: None, recovery_code: None }
    }
}

impl Example for CamelCredentials {
    fn example() -> Self {
        Self { user_name: "John".to_owned(), password: "testpass".to_owned(), totp: None, recovery_code: None }
    }
}

impl Example for CamelCredentialsForm {
    fn example() -> Self {
        Self { user_name: "John".to_owned(), password: "testpass".to_owned(), totp: None, recovery_code: None }
    }
}

impl BodyOf for Credentials {
    fn form() -> Option<MetaSchemaRef> {
        Some(CredentialsForm::schema_ref())
    }

    fn register_form(registry: &mut Registry) {
        CredentialsForm::register(registry);
    }
}

impl BodyOf for CamelCredentials {
    fn form() -> Option<MetaSchemaRef> {
        Some(CamelCredentialsForm::schema_ref())
    }

    fn register_form(registry: &mut Registry) {
        CamelCredentialsForm::register(registry);
    }
}

impl From<IssuedToken> for TokenResponse {
    fn from(issued: IssuedToken) -> Self {
        let IssuedToken { token, expires_in, .. } = issued;
        Self { jwt: token.clone(), token, token_type: "Bearer".to_owned(), expires_in: expires_in.as_secs() }
    }
}

impl Credentials {
    /// The credentials as the use case takes them.
    pub(crate) fn shown(self) -> Result<Shown, Problem> {
        let proof = second_factor(self.totp, self.recovery_code)?;
        shown(&self.username, self.password, proof)
    }
}

impl CamelCredentials {
    /// The credentials as the use case takes them; a problem names the field as this body has it.
    pub(crate) fn shown(self) -> Result<Shown, Problem> {
        let name = LoginName::parse(&self.user_name);
        let name = name.map_err(|error| Problem::with(&kind::INVALID_FIELD, "userName", &error.problem))?;
        let proof = second_factor(self.totp, self.recovery_code)?;
        Ok(Shown::Password(name, Password::parse(self.password)?, proof))
    }
}

/// What is shown: the body, else Basic, else nothing.
pub(crate) fn body_or_basic(body: Option<Result<Shown, Problem>>, basic: Basic) -> Result<Option<Shown>, Problem> {
    match (body, basic) {
        (Some(shown), _) => shown.map(Some),
        (None, Basic::Given(name, password)) => shown(&name, password, None).map(Some),
        (None, Basic::Malformed) => Ok(Some(Shown::Unreadable)),
        (None, Basic::Absent) => Ok(None),
    }
}

/// Logs in and words what comes of it.
pub(crate) async fn log_in(
    use_case: &LogIn,
    origin: Origin,
    shown: Result<Shown, Problem>,
    life: TokenLife,
) -> Metered<LogInAnswer<TokenResponse>> {
    let credentials = match shown {
        Ok(credentials) => credentials,
        Err(problem) => return Metered::unmetered(LogInAnswer::Invalid(problem)),
    };
    let result = use_case.run(LogInRequest { origin, credentials, life }).await;
    worded(result.map(|LoggedIn { token, allowance }| (token.into(), allowance)), BASIC_CHALLENGE)
}

/// Counts what came of a login and words it; `challenge` tells how else one may authenticate there.
pub(crate) fn worded<T: ToJSON>(
    result: Result<(T, Allowance), LogInError>,
    challenge: &'static str,
) -> Metered<LogInAnswer<T>> {
    let outcome = result.as_ref().map_or_else(LogInError::outcome, |_| Outcome::Success);
    metrics::counter!(LOGINS, "outcome" => outcome.as_str()).increment(1);
    match result {
        Ok((tokens, allowance)) => Metered::allowed(LogInAnswer::Token(Json(tokens)), allowance),
        Err(LogInError::AddressLimited(refusal)) => {
            let problem = Problem::of(&kind::ADDRESS_LIMITED).retry_after(refusal.retry_after);
            Metered::refused(LogInAnswer::Limited(problem), refusal)
        }
        Err(LogInError::AccountLimited(refusal)) => {
            let problem = Problem::of(&kind::ACCOUNT_LIMITED).retry_after(refusal.retry_after);
            Metered::refused(LogInAnswer::Limited(problem), refusal)
        }
        Err(LogInError::BadCredentials(allowance)) => {
            let problem = Problem::of(&kind::BAD_CREDENTIALS).challenge(challenge);
            Metered::allowed(LogInAnswer::BadCredentials(problem), allowance)
        }
        Err(LogInError::SecondFactorRequired(allowance)) => {
            let problem = Problem::of(&kind::SECOND_FACTOR_REQUIRED).challenge(challenge);
            Metered::allowed(LogInAnswer::BadCredentials(problem), allowance)
        }
        Err(LogInError::BadSecondFactor(allowance)) => {
            let problem = Problem::of(&kind::BAD_SECOND_FACTOR).challenge(challenge);
            Metered::allowed(LogInAnswer::BadCredentials(problem), allowance)
        }
        Err(LogInError::Busy { retry_after }) => {
            Metered::unmetered(LogInAnswer::Unavailable(Problem::of(&kind::BUSY).retry_after(retry_after)))
        }
        Err(LogInError::Unavailable(cause)) => Metered::unmetered(LogInAnswer::Unavailable(outage::reported(&cause))),
    }
}

/// Lets the metrics show outcomes that have not occurred yet.
pub(crate) fn register_counters() {
    metrics::describe_counter!(LOGINS, "Logins by outcome");
    for outcome in Outcome::ALL {
        metrics::counter!(LOGINS, "outcome" => outcome.as_str()).increment(0);
    }
}

fn shown(name: &str, password: String, proof: Option<SecondFactorProof>) -> Result<Shown, Problem> {
    Ok(Shown::Password(LoginName::parse(name)?, Password::parse(password)?, proof))
}
