//! Registering.

use std::sync::Arc;

use jwksd_domain::audit::Origin;
use jwksd_domain::usecase::{AddUserError, AddedUser, RegisterError, RegisterUser, Registered, Registration};
use jwksd_domain::user::{Email, Password, Username};
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;

use super::Capability;
use crate::extract::{Body, BodyOf, ClientOrigin};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Metered, Reply};

/// Whether a password that was given is answered, as S0 does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    /// It is: the dev profile.
    Given,
    /// It is not.
    Never,
}

/// A user who is to be registered.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct NewAccount {
    /// The user name: ASCII letters, digits and `. _ - @ +`.
    #[oai(validator(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._@+-]+$"))]
    username: String,
    /// The e-mail address; the empty string counts as none.
    #[oai(validator(max_length = 254))]
    #[serde(default)]
    email: Option<String>,
    /// The password; without one, one is made and answered once.
    #[oai(validator(min_length = 8, max_length = 128))]
    #[serde(default)]
    password: Option<String>,
}

/// A user who was registered.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RegisteredAccount {
    /// The password that was made; shown this once.
    password: Option<String>,
    /// The user name, where there is no password to show.
    username: Option<String>,
}

/// What a registration comes to.
#[derive(ApiResponse)]
pub(crate) enum RegisterAnswer {
    /// The user was registered.
    #[oai(status = 201)]
    Registered(Json<RegisteredAccount>),
    /// A field is not what it must be; the problem names it.
    #[oai(status = 400)]
    Invalid(Problem),
    /// The user name or the e-mail address is taken.
    #[oai(status = 409)]
    Taken(Problem),
    /// Too many registrations from this address.
    #[oai(status = 429)]
    Limited(Problem),
    /// Too much to do, or something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// Registers users.
pub(crate) struct Accounts {
    /// Adds the user.
    pub(crate) register: Arc<RegisterUser>,
    /// What is answered.
    pub(crate) echo: Echo,
}

#[OpenApi]
impl Accounts {
    /// Register a user.
    ///
    /// Without a password one is made, a version 4 UUID, and answered this once.
    #[oai(path = "/register", method = "post", operation_id = "register", tag = "Capability::Accounts")]
    async fn register(&self, origin: ClientOrigin, body: Body<NewAccount>) -> Reply<Metered<RegisterAnswer>> {
        let given = body.0.password.clone();
        let registration = match body.0.registration(origin.0) {
            Ok(registration) => registration,
            Err(problem) => return Metered::unmetered(RegisterAnswer::Invalid(problem)).into(),
        };
        let answer = match self.register.run(registration).await {
            Ok(Registered { added, allowance }) => {
                Metered::allowed(RegisterAnswer::Registered(Json(self.account(added, given))), allowance)
            }
            Err(RegisterError::NotAdded(error, allowance)) => Metered::allowed(not_added(error), allowance),
            Err(RegisterError::AddressLimited(refusal)) => {
                let problem = Problem::of(&kind::ADDRESS_LIMITED).retry_after(refusal.retry_after);
                Metered::refused(RegisterAnswer::Limited(problem), refusal)
            }
            Err(RegisterError::Unavailable(cause)) => {
                Metered::unmetered(RegisterAnswer::Unavailable(outage::reported(&cause)))
            }
        };
        answer.into()
    }

    fn account(&self, added: AddedUser, given: Option<String>) -> RegisteredAccount {
        let generated = added.generated.map(|password| password.expose().to_owned());
        let password = match self.echo {
            Echo::Given => generated.or(given),
            Echo::Never => generated,
        };
        let username = password.is_none().then_some(added.user.username);
        RegisteredAccount { password, username }
    }
}

fn not_added(error: AddUserError) -> RegisterAnswer {
    match error {
        AddUserError::Invalid(error) => RegisterAnswer::Invalid(error.into()),
        AddUserError::Taken("email") => RegisterAnswer::Taken(Problem::of(&kind::EMAIL_TAKEN)),
        AddUserError::Taken(_) => RegisterAnswer::Taken(Problem::of(&kind::USERNAME_TAKEN)),
        AddUserError::Busy { retry_after } => {
            RegisterAnswer::Unavailable(Problem::of(&kind::BUSY).retry_after(retry_after))
        }
        AddUserError::Unavailable(cause) => RegisterAnswer::Unavailable(outage::reported(&cause)),
    }
}

impl NewAccount {
    fn registration(self, origin: Origin) -> Result<Registration, Problem> {
        let Self { username, email, password } = self;
        let email = email.filter(|text| !text.is_empty());
        Ok(Registration {
            origin,
            username: Username::parse(&username)?,
            email: email.map(|text| Email::parse(&text)).transpose()?,
            password: password.map(Password::parse).transpose()?,
        })
    }
}

impl BodyOf for NewAccount {}

impl Example for NewAccount {
    fn example() -> Self {
        Self { username: "jane.doe".to_owned(), email: Some("jane.doe@example.com".to_owned()), password: None }
    }
}
