//! Changing a user as an administrator.

use std::sync::Arc;
use std::time::Duration;

use super::Outage;
use super::identifiers::uuid_v4;
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::field::FieldError;
use crate::password_policy::PasswordPolicy;
use crate::ports::{
    AuditLog, Clock, Entropy, HasherError, PasswordHasher, SessionRepository, SessionSelection, UserChange, UserLookup,
    UserRepository,
};
use crate::session::{EndReason, SessionEnd};
use crate::user::{Password, Role, User, UserId, UserState};

/// Who changes a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Editor {
    /// Whoever may run the command line.
    CommandLine,
    /// The administrator of this id, from there.
    Administrator(UserId, Origin),
}

/// Another password.
pub enum NewPassword {
    /// This one.
    Chosen(Password),
    /// One that is made, and answered once.
    Made,
}

/// What is to become of a user. What is not given stays.
#[derive(Default)]
pub struct UserEdit {
    /// What the user may do from now on.
    pub role: Option<Role>,
    /// Whether the user may log in from now on.
    pub state: Option<UserState>,
    /// With what the user logs in from now on.
    pub password: Option<NewPassword>,
}

/// Why a user was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    /// There is no such user.
    #[error("there is no such user")]
    Unknown,
    /// Administrators would disable or demote themselves.
    #[error("administrators cannot disable or demote themselves")]
    OwnAccount,
    /// The password may not be chosen.
    #[error(transparent)]
    Invalid(#[from] FieldError),
    /// Too many passwords are being hashed.
    #[error("too many passwords are being hashed")]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What [`ChangeUser`] needs.
pub struct ChangeUserParts {
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// The sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Hashes the password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Writes every change down.
    pub audit: Arc<dyn AuditLog>,
    /// Makes passwords.
    pub entropy: Arc<dyn Entropy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Which passwords may be chosen.
    pub passwords: PasswordPolicy,
}

/// Changes users.
pub struct ChangeUser(ChangeUserParts);

impl UserEdit {
    /// Whether it would take from administrators what they administer with, so that the last one could lock everybody out.
    fn ends_administration(&self) -> bool {
        self.state == Some(UserState::Disabled) || self.role.is_some_and(|role| role < Role::Admin)
    }

    /// What the log tells of it.
    fn told(&self) -> String {
        let password = self.password.as_ref().map(|password| match password {
            NewPassword::Chosen(_) => "password".to_owned(),
            NewPassword::Made => "reset_password".to_owned(),
        });
        let role = self.role.map(|role| format!("role={}", role.as_str()));
        let state = self.state.map(|state| format!("state={}", state.as_str()));
        [role, state, password].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// Why it would leave the user without sessions, where it would.
    fn ends_sessions(&self) -> Option<EndReason> {
        match (self.state, &self.password) {
            (Some(UserState::Disabled), _) => Some(EndReason::UserDisabled),
            (_, Some(_)) => Some(EndReason::PasswordChanged),
            (Some(UserState::Active) | None, None) => None,
        }
    }
}

impl Editor {
    fn is(&self, user: UserId) -> bool {
        matches!(self, Self::Administrator(id, _) if *id == user)
    }

    /// Who it is, where it is an administrator.
    pub const fn administrator(&self) -> Option<UserId> {
        match self {
            Self::CommandLine => None,
            Self::Administrator(id, _) => Some(*id),
        }
    }

    /// Where the change comes from.
    pub(super) fn origin(self) -> Origin {
        match self {
            Self::CommandLine => Origin::of_the_server(),
            Self::Administrator(id, origin) => origin.by(id),
        }
    }
}

impl ChangeUser {
    /// Changes users by `parts`.
    pub const fn new(parts: ChangeUserParts) -> Self {
        Self(parts)
    }

    /// Changes one; answers the user as it now is, and the password if one was made. A demo user with another password is
    /// none any more. Who is disabled, or has another password, has no session any more.
    ///
    /// # Errors
    /// See [`ChangeUserError`]; where something was down the user may have been changed: the same call may be made again.
    pub async fn run(
        &self,
        user: UserLookup<'_>,
        edit: UserEdit,
        by: Editor,
    ) -> Result<(User, Option<Password>), ChangeUserError> {
        let found = self.0.users.find(user).await.map_err(Outage::from)?;
        let user = found.ok_or(ChangeUserError::Unknown)?;
        if by.is(user.id) && edit.ends_administration() {
            return Err(ChangeUserError::OwnAccount);
        }
        let (ending, detail) = (edit.ends_sessions(), edit.told());
        let (role, state) = (edit.role.map(UserChange::Role), edit.state.map(UserChange::State));
        let (password, made) = self.password(&user, edit.password).await?;
        let changes: Vec<_> = [role, state, password].into_iter().flatten().collect();
        if changes.is_empty() {
            return Ok((user, None));
        }
        let changed = self.0.users.update(user.id, &changes).await.map_err(Outage::from)?;
        let changed = changed.ok_or(ChangeUserError::Unknown)?;
        let now = self.0.clock.now();
        if let Some(reason) = ending {
            let end = SessionEnd { at: now, reason };
            self.0.sessions.end(changed.id, SessionSelection::All, end).await.map_err(Outage::from)?;
        }
        let mut entry = AuditEntry::new(now, by.origin(), Event::UserAdministered, Outcome::Success);
        (entry.user_id, entry.name) = (Some(changed.id), Some(changed.username.clone()));
        entry.detail = Some(detail);
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        Ok((changed, made))
    }

    /// The change to the hash of another password, and that password if it was made here.
    async fn password(
        &self,
        user: &User,
        wanted: Option<NewPassword>,
    ) -> Result<(Option<UserChange>, Option<Password>), ChangeUserError> {
        let (password, is_made) = match wanted {
            None => return Ok((None, None)),
            Some(NewPassword::Chosen(password)) => (password, false),
            Some(NewPassword::Made) => (Password::parse(uuid_v4(&*self.0.entropy))?, true),
        };
        self.0.passwords.check(&password, &user.username)?;
        let hash = self.0.hasher.hash(&password).await.map_err(hashing)?;
        let change = UserChange::PasswordHash { hash, keeps_demo: false };
        Ok((Some(change), is_made.then_some(password)))
    }
}

fn hashing(error: HasherError) -> ChangeUserError {
    match error {
        HasherError::Busy { retry_after } => ChangeUserError::Busy { retry_after },
        error @ HasherError::Unavailable(_) => Outage::from(error).into(),
    }
}
