//! The demo users of the dev profile.

use std::sync::Arc;

use super::Outage;
use super::concurrently::join_all;
use crate::ports::{Clock, PasswordHasher, StoreError, UserLookup, UserRepository};
use crate::user::{LoginName, NewUser, Password, Role, Username};

/// The user whose tokens the dev profile gives to anyone; S0's grading tool logs in as it without registering.
pub const FIXTURE_USER: &str = "userABC";

/// Name, password and role of each demo user.
pub const DEMO_USERS: [(&str, &str, Role); 4] = [
    (FIXTURE_USER, "password123", Role::Read),
    ("admin", "password", Role::Admin),
    ("John", "testpass", Role::Read),
    ("Jane", "pass123", Role::Write),
];

/// Adds the demo users where their names are free.
pub struct SeedDemoUsers {
    users: Arc<dyn UserRepository>,
    hasher: Arc<dyn PasswordHasher>,
    clock: Arc<dyn Clock>,
}

impl SeedDemoUsers {
    /// Adds them to `users`.
    pub fn new(users: Arc<dyn UserRepository>, hasher: Arc<dyn PasswordHasher>, clock: Arc<dyn Clock>) -> Self {
        Self { users, hasher, clock }
    }

    /// Adds them. A user of that name who is there already stays as it is. Passwords are hashed all at once; the users are added
    /// one after the other, so that each has the same id in every new database.
    ///
    /// # Errors
    /// [`Outage`] if the store or the hasher is down.
    pub async fn run(&self) -> Result<(), Outage> {
        let prepared = join_all(DEMO_USERS.iter().map(|user| Box::pin(self.prepared(*user)) as _).collect()).await;
        for user in prepared {
            let Some(user) = user? else { continue };
            match self.users.insert(user).await {
                Ok(_) | Err(StoreError::Duplicate { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The user to be added, where the name is free.
    async fn prepared(&self, (name, password, role): (&str, &str, Role)) -> Result<Option<NewUser>, Outage> {
        let (Ok(username), Ok(login_name)) = (Username::parse(name), LoginName::parse(name)) else { return Ok(None) };
        let Ok(password) = Password::parse(password.to_owned()) else { return Ok(None) };
        if self.users.find(UserLookup::Name(&login_name)).await?.is_some() {
            return Ok(None);
        }
        let password_hash = self.hasher.hash(&password).await?;
        let registered_at = self.clock.now();
        Ok(Some(NewUser {
            username,
            email: None,
            email_verified: false,
            password_hash,
            role,
            registered_at,
            demo: true,
        }))
    }
}
