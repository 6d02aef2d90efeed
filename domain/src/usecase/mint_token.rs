//! Minting a token on the command line, for a user who does not log in.

use std::sync::Arc;

use super::{IssueToken, IssuedToken, Outage, TokenLife};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::ports::{AuditLog, Clock, UserLookup, UserRepository};
use crate::user::{DemoUsers, LoginName};

/// Why no token was minted.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// There is no such user.
    #[error("there is no such user")]
    UnknownUser,
    /// The user is disabled, or a demo user outside the dev profile.
    #[error("the user is disabled, or is a demo user outside the dev profile")]
    NotAdmitted,
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Mints tokens.
pub struct MintToken {
    users: Arc<dyn UserRepository>,
    audit: Arc<dyn AuditLog>,
    tokens: Arc<IssueToken>,
    clock: Arc<dyn Clock>,
    demo_users: DemoUsers,
}

impl MintToken {
    /// Mints tokens for the users of `users`.
    pub fn new(
        users: Arc<dyn UserRepository>,
        audit: Arc<dyn AuditLog>,
        tokens: Arc<IssueToken>,
        clock: Arc<dyn Clock>,
        demo_users: DemoUsers,
    ) -> Self {
        Self { users, audit, tokens, clock, demo_users }
    }

    /// Mints one for the user of that name; it is in the log before it is answered.
    ///
    /// # Errors
    /// See [`MintError`].
    pub async fn run(&self, name: &LoginName, life: TokenLife) -> Result<IssuedToken, MintError> {
        let user =
            self.users.find(UserLookup::Name(name)).await.map_err(Outage::from)?.ok_or(MintError::UnknownUser)?;
        if !user.is_admitted(self.demo_users) {
            return Err(MintError::NotAdmitted);
        }
        let token = self.tokens.run(&user, life).await?;
        let origin = Origin::of_the_server();
        let mut entry = AuditEntry::new(self.clock.now(), origin, Event::TokenMinted, Outcome::Success);
        (entry.user_id, entry.name) = (Some(user.id), Some(user.username));
        token.note_in(&mut entry);
        self.audit.append(entry).await.map_err(Outage::from)?;
        Ok(token)
    }
}
