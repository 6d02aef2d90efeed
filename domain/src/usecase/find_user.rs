//! Finding one user for an administrator.

use std::sync::Arc;

use super::Outage;
use crate::ports::{UserLookup, UserRepository};
use crate::user::{User, UserId};

/// Tells of one user.
pub struct FindUser {
    users: Arc<dyn UserRepository>,
}

impl FindUser {
    /// Finds users in `users`.
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// The user of that id, if there is one.
    ///
    /// # Errors
    /// [`Outage`] if the store is down.
    pub async fn run(&self, id: UserId) -> Result<Option<User>, Outage> {
        Ok(self.users.find(UserLookup::Id(id)).await?)
    }
}
