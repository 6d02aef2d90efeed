//! Users as administrators see them.

use jwksd_domain::user::User;
use poem_openapi::Object;

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
    role: String,
    /// Whether the user may log in: `active` or `disabled`.
    state: String,
    /// When the user was added, in RFC 3339.
    registered_at: String,
    /// When the user last logged in, in RFC 3339.
    last_login_at: Option<String>,
    /// Whether this is a demo user of the dev profile.
    demo: bool,
}

impl From<User> for UserEntry {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            username: user.username,
            email: user.email,
            role: user.role.as_str().to_owned(),
            state: user.state.as_str().to_owned(),
            registered_at: user.registered_at.to_string(),
            last_login_at: user.last_login_at.map(|at| at.to_string()),
            demo: user.demo,
        }
    }
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
