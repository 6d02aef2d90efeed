//! Listing users for an administrator.

use std::sync::Arc;

use super::Outage;
use crate::ports::{UserCursor, UserRepository};
use crate::user::User;

/// Tells of every user.
pub struct ListUsers {
    users: Arc<dyn UserRepository>,
}

impl ListUsers {
    /// Lists the users of `users`.
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// At most `limit` users from behind `after` on.
    ///
    /// # Errors
    /// [`Outage`] if the store is down.
    pub async fn run(&self, after: Option<UserCursor>, limit: u32) -> Result<Vec<User>, Outage> {
        Ok(self.users.list(after, limit).await?)
    }
}
