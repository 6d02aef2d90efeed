//! Registering: what anybody may do, and so as often as the limit of the address lets.

use std::sync::Arc;

use super::{AddUser, AddUserError, AddUserRequest, AddedUser, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::limit::{Allowance, Bucket, Refusal};
use crate::ports::{AuditLog, Clock, RateLimiter};
use crate::user::{Email, Password, Role, Username};

/// Somebody who registers.
pub struct Registration {
    /// Where it comes from.
    pub origin: Origin,
    /// The name.
    pub username: Username,
    /// The address, if one was given.
    pub email: Option<Email>,
    /// The password; one is made where none was given.
    pub password: Option<Password>,
}

/// A registration that succeeded.
pub struct Registered {
    /// The user who was added.
    pub added: AddedUser,
    /// What is left to the address.
    pub allowance: Allowance,
}

/// Why somebody was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Too many registrations from this address.
    #[error("too many registrations from this address")]
    AddressLimited(Refusal),
    /// The user could not be added; what is left to the address.
    #[error("the user was not added")]
    NotAdded(#[source] AddUserError, Allowance),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What [`RegisterUser`] needs.
pub struct RegisterUserParts {
    /// Adds the user.
    pub add: Arc<AddUser>,
    /// Counts registrations.
    pub limiter: Arc<dyn RateLimiter>,
    /// Writes down what was refused; what was not, is written down where the user is added.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Registers users.
pub struct RegisterUser(RegisterUserParts);

impl RegisterUser {
    /// Registers users by `parts`.
    pub const fn new(parts: RegisterUserParts) -> Self {
        Self(parts)
    }

    /// Registers one, who may read. Whatever comes of it is in the log before it is answered.
    ///
    /// # Errors
    /// See [`RegisterError`]; no user was added then.
    pub async fn run(&self, registration: Registration) -> Result<Registered, RegisterError> {
        let Registration { origin, username, email, password } = registration;
        let error = match self.0.limiter.spend(&Bucket::registration(origin.ip)).await {
            Ok(Ok(allowance)) => {
                let (event, role) = (Event::Registration, Role::default());
                let request = AddUserRequest { origin, event, username, email, password, role };
                let added = self.0.add.run(request).await;
                let refused = |error| RegisterError::NotAdded(error, allowance);
                return added.map(|added| Registered { added, allowance }).map_err(refused);
            }
            Ok(Err(refusal)) => RegisterError::AddressLimited(refusal),
            Err(error) => Outage::from(error).into(),
        };
        let outcome = match &error {
            RegisterError::AddressLimited(_) => Outcome::AddressLimited,
            RegisterError::NotAdded(..) | RegisterError::Unavailable(_) => Outcome::Failed,
        };
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, Event::Registration, outcome);
        entry.name = Some(username.as_str().to_owned());
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        Err(error)
    }
}
