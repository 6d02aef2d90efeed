//! Adding a user, whether somebody registers or an administrator does it.

use std::sync::Arc;
use std::time::Duration;

use super::Outage;
use super::identifiers::uuid_v4;
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::field::FieldError;
use crate::password_policy::PasswordPolicy;
use crate::ports::{AuditLog, Clock, Entropy, HasherError, PasswordHasher, StoreError, UserRepository};
use crate::user::{Email, NewUser, Password, Role, User, Username};

/// A user who is to be added.
pub struct AddUserRequest {
    /// Where it comes from.
    pub origin: Origin,
    /// Whether the user registers, or an administrator adds the user.
    pub event: Event,
    /// The name.
    pub username: Username,
    /// The address, if one was given.
    pub email: Option<Email>,
    /// The password; one is made where none was given.
    pub password: Option<Password>,
    /// What the user may do.
    pub role: Role,
}

/// A user who was added.
pub struct AddedUser {
    /// The user.
    pub user: User,
    /// The password that was made, to be shown once; `None` where one was given.
    pub generated: Option<Password>,
}

/// Why a user was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddUserError {
    /// The password may not be chosen.
    #[error(transparent)]
    Invalid(#[from] FieldError),
    /// The name or the address is taken; names the field.
    #[error("the {0} is taken")]
    Taken(&'static str),
    /// Too much to do.
    #[error("too many passwords are being hashed")]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What [`AddUser`] needs.
pub struct AddUserParts {
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// Hashes the password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Writes every addition down.
    pub audit: Arc<dyn AuditLog>,
    /// Makes passwords.
    pub entropy: Arc<dyn Entropy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Which passwords may be chosen.
    pub passwords: PasswordPolicy,
}

/// Adds users.
pub struct AddUser(AddUserParts);

impl AddUser {
    /// Adds users by `parts`.
    pub const fn new(parts: AddUserParts) -> Self {
        Self(parts)
    }

    /// Adds one. Without a password one is made: a version 4 UUID, which has 122 random bits.
    ///
    /// # Errors
    /// See [`AddUserError`]; no user was added then.
    pub async fn run(&self, request: AddUserRequest) -> Result<AddedUser, AddUserError> {
        let AddUserRequest { origin, event, username, email, password, role } = request;
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, event, Outcome::Success);
        entry.name = Some(username.as_str().to_owned());
        let (password, is_generated) = match password {
            Some(password) => (password, false),
            None => (Password::parse(uuid_v4(&*self.0.entropy))?, true),
        };
        if !is_generated {
            self.0.passwords.check(&password, username.as_str())?;
        }
        let (registered_at, demo) = (entry.at, false);
        let is_administered = event == Event::UserAdministered;
        entry.detail = is_administered.then(|| format!("add, role={}", role.as_str()));
        let email_verified = email.is_some() && is_administered;
        let added = match self.0.hasher.hash(&password).await {
            Ok(password_hash) => {
                let user = NewUser { username, email, email_verified, password_hash, role, registered_at, demo };
                self.0.users.insert(user).await.map_err(storing)
            }
            Err(HasherError::Busy { retry_after }) => Err(AddUserError::Busy { retry_after }),
            Err(error @ HasherError::Unavailable(_)) => Err(Outage::from(error).into()),
        };
        entry.user_id = added.as_ref().ok().map(|user| user.id);
        entry.outcome = outcome(&added);
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        Ok(AddedUser { user: added?, generated: is_generated.then_some(password) })
    }
}

fn storing(error: StoreError) -> AddUserError {
    match error {
        StoreError::Duplicate { field } => AddUserError::Taken(field),
        error @ (StoreError::Conflict | StoreError::Corrupt(_) | StoreError::Unavailable(_)) => {
            Outage::from(error).into()
        }
    }
}

const fn outcome(added: &Result<User, AddUserError>) -> Outcome {
    match added {
        Ok(_) => Outcome::Success,
        Err(AddUserError::Taken(_)) => Outcome::Duplicate,
        Err(AddUserError::Busy { .. }) => Outcome::Busy,
        Err(AddUserError::Invalid(_) | AddUserError::Unavailable(_)) => Outcome::Failed,
    }
}
