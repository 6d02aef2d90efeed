//! Changing a user as an administrator.

use std::sync::Arc;

use super::Outage;
use super::identifiers::uuid_v4;
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::field::FieldError;
use crate::password_policy::check_choice;
use crate::ports::{AuditLog, Clock, Entropy, PasswordHasher, UserChange, UserLookup, UserRepository};
use crate::user::{LoginName, Password, Role, User, UserState};

/// What is to become of a user.
pub enum UserEdit {
    /// Another role.
    Role(Role),
    /// May, or may no longer, log in.
    State(UserState),
    /// Another password; one is made where none is given.
    Password(Option<Password>),
}

/// Why a user was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    /// There is no such user.
    #[error("there is no such user")]
    Unknown,
    /// The password may not be chosen.
    #[error(transparent)]
    Invalid(#[from] FieldError),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What [`ChangeUser`] needs.
pub struct ChangeUserParts {
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// Hashes the password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Writes every change down.
    pub audit: Arc<dyn AuditLog>,
    /// Makes passwords.
    pub entropy: Arc<dyn Entropy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Changes users.
pub struct ChangeUser(ChangeUserParts);

impl ChangeUser {
    /// Changes users by `parts`.
    pub const fn new(parts: ChangeUserParts) -> Self {
        Self(parts)
    }

    /// Changes one; answers the user as it now is, and the password if one was made. A demo user with another password is
    /// none any more.
    ///
    /// # Errors
    /// See [`ChangeUserError`]; nothing was changed then.
    pub async fn run(
        &self,
        name: &LoginName,
        edit: UserEdit,
        origin: Origin,
    ) -> Result<(User, Option<Password>), ChangeUserError> {
        let found = self.0.users.find(UserLookup::Name(name)).await.map_err(Outage::from)?;
        let user = found.ok_or(ChangeUserError::Unknown)?;
        let (change, generated) = match edit {
            UserEdit::Role(role) => (UserChange::Role(role), None),
            UserEdit::State(state) => (UserChange::State(state), None),
            UserEdit::Password(given) => self.password(&user, given).await?,
        };
        let changed = self.0.users.update(user.id, &[change]).await.map_err(Outage::from)?;
        let changed = changed.ok_or(ChangeUserError::Unknown)?;
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, Event::UserAdministered, Outcome::Success);
        (entry.user_id, entry.name) = (Some(changed.id), Some(changed.username.clone()));
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        Ok((changed, generated))
    }

    async fn password(
        &self,
        user: &User,
        given: Option<Password>,
    ) -> Result<(UserChange, Option<Password>), ChangeUserError> {
        let is_given = given.is_some();
        let password = match given {
            Some(password) => password,
            None => Password::parse(uuid_v4(&*self.0.entropy))?,
        };
        check_choice(&password, &user.username)?;
        let hash = self.0.hasher.hash(&password).await.map_err(Outage::from)?;
        let change = UserChange::PasswordHash { hash, keeps_demo: false };
        Ok((change, (!is_given).then_some(password)))
    }
}
