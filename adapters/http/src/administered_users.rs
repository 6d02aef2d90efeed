//! Users as administrators see, add and change them.

use jwksd_domain::audit::{Event, Origin};
use jwksd_domain::usecase::{AddUserRequest, NewPassword, UserEdit};
use jwksd_domain::user::{Email, Password, Role, User, UserState, Username};
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde::Deserialize;

use crate::extract::{BodyOf, given};
use crate::problem::{Problem, kind};

/// What a user may do.
#[derive(Clone, Copy, Deserialize, Enum)]
#[oai(rename = "Role", rename_all = "lowercase")]
#[serde(try_from = "String")]
pub(crate) enum RoleName {
    /// Read.
    Read,
    /// Read and write.
    Write,
    /// Administer jwksd itself.
    Admin,
}

/// Whether a user may log in.
#[derive(Clone, Copy, Deserialize, Enum)]
#[oai(rename = "UserState", rename_all = "lowercase")]
#[serde(try_from = "String")]
pub(crate) enum StateName {
    /// May log in.
    Active,
    /// May not log in until active again.
    Disabled,
}

/// A user.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct UserEntry {
    /// The id, and the `sub` of the user's tokens.
    id: i64,
    /// The name.
    username: String,
    /// The e-mail address, if there is one.
    email: Option<String>,
    /// What the user may do.
    role: RoleName,
    /// Whether the user may log in.
    state: StateName,
    /// When the user was added, in RFC 3339.
    registered_at: String,
    /// When the user last logged in, in RFC 3339.
    last_login_at: Option<String>,
    /// Whether this is a demo user.
    demo: bool,
}

/// A page of users.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct UserList {
    /// The users, in the order in which they were added.
    pub(crate) users: Vec<UserEntry>,
    /// Where the next page begins, if there may be one.
    pub(crate) next: Option<i64>,
}

/// A user as it now is.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct EditedUser {
    #[oai(flatten)]
    user: UserEntry,
    /// The password, where one was made; shown this once.
    password: Option<String>,
}

/// A user who is to be added.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct NewUser {
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
    /// What the user may do; `read` where it is not given.
    #[serde(default, deserialize_with = "given")]
    role: Option<RoleName>,
}

/// What is to become of a user. What is not given stays.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct UserChanges {
    /// What the user may do from now on.
    #[serde(default, deserialize_with = "given")]
    role: Option<RoleName>,
    /// Whether the user may log in from now on.
    #[serde(default, deserialize_with = "given")]
    state: Option<StateName>,
    /// The password from now on.
    #[oai(validator(min_length = 8, max_length = 128))]
    #[serde(default, deserialize_with = "given")]
    password: Option<String>,
    /// Whether to make another password, and answer it this once.
    #[serde(default, deserialize_with = "given")]
    reset_password: Option<bool>,
}

impl NewUser {
    /// The user as the use case takes it.
    pub(crate) fn request(self, origin: Origin) -> Result<AddUserRequest, Problem> {
        let Self { username, email, password, role } = self;
        let email = email.filter(|text| !text.is_empty());
        Ok(AddUserRequest {
            origin,
            event: Event::UserAdministered,
            username: Username::parse(&username)?,
            email: email.map(|text| Email::parse(&text)).transpose()?,
            password: password.map(Password::parse).transpose()?,
            role: role.map(Role::from).unwrap_or_default(),
        })
    }
}

impl UserChanges {
    /// The changes as the use case takes them.
    pub(crate) fn edit(self) -> Result<UserEdit, Problem> {
        let Self { role, state, password, reset_password } = self;
        let password = match (password, reset_password) {
            (Some(_), Some(true)) => {
                let why = "must not be true where a password is given";
                return Err(Problem::with(&kind::INVALID_FIELD, "reset_password", why));
            }
            (Some(password), Some(false) | None) => Some(NewPassword::Chosen(Password::parse(password)?)),
            (None, Some(true)) => Some(NewPassword::Made),
            (None, Some(false) | None) => None,
        };
        Ok(UserEdit { role: role.map(Role::from), state: state.map(UserState::from), password })
    }
}

impl EditedUser {
    /// `user`, with the password if one was made.
    pub(crate) fn of(user: User, made: Option<&Password>) -> Self {
        Self { user: user.into(), password: made.map(|password| password.expose().to_owned()) }
    }
}

impl From<User> for UserEntry {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            username: user.username,
            email: user.email,
            role: user.role.into(),
            state: user.state.into(),
            registered_at: user.registered_at.to_string(),
            last_login_at: user.last_login_at.map(|at| at.to_string()),
            demo: user.demo,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Read => Self::Read,
            Role::Write => Self::Write,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Read => Self::Read,
            RoleName::Write => Self::Write,
            RoleName::Admin => Self::Admin,
        }
    }
}

impl TryFrom<String> for RoleName {
    type Error = &'static str;

    /// The error is worded as serde's own are, of which `parse.rs` reads what was expected.
    fn try_from(name: String) -> Result<Self, &'static str> {
        Role::from_name(&name).map(Self::from).ok_or("unknown role, expected read, write or admin")
    }
}

impl From<UserState> for StateName {
    fn from(state: UserState) -> Self {
        match state {
            UserState::Active => Self::Active,
            UserState::Disabled => Self::Disabled,
        }
    }
}

impl From<StateName> for UserState {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Active => Self::Active,
            StateName::Disabled => Self::Disabled,
        }
    }
}

impl TryFrom<String> for StateName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        UserState::from_name(&name).map(Self::from).ok_or("unknown state, expected active or disabled")
    }
}

impl BodyOf for NewUser {}

impl BodyOf for UserChanges {}

impl Example for NewUser {
    fn example() -> Self {
        let email = Some("grace.hopper@example.com".to_owned());
        Self { username: "grace.hopper".to_owned(), email, password: None, role: Some(RoleName::Write) }
    }
}

impl Example for UserChanges {
    fn example() -> Self {
        Self { role: Some(RoleName::Write), state: Some(StateName::Active), password: None, reset_password: None }
    }
}
