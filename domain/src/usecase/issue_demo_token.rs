//! The token that the dev profile gives to anyone who asks (S3's `GET /token`).

use std::sync::Arc;
use std::time::Duration;

use super::{FIXTURE_USER, IssueToken, IssuedToken, Outage, TokenLife};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::ports::{AuditLog, Clock, UserLookup, UserRepository};
use crate::user::{LoginName, UserState};

/// Why no token was given.
#[derive(Debug, thiserror::Error)]
pub enum IssueDemoTokenError {
    /// The fixture user is gone or disabled.
    #[error("the fixture user is gone or disabled")]
    NoUser,
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Issues tokens for the fixture user.
pub struct IssueDemoToken {
    users: Arc<dyn UserRepository>,
    audit: Arc<dyn AuditLog>,
    tokens: Arc<IssueToken>,
    clock: Arc<dyn Clock>,
    life: Duration,
}

impl IssueDemoToken {
    /// Issues tokens that live for `life`, or as long as their key.
    pub fn new(
        users: Arc<dyn UserRepository>,
        audit: Arc<dyn AuditLog>,
        tokens: Arc<IssueToken>,
        clock: Arc<dyn Clock>,
        life: Duration,
    ) -> Self {
        Self { users, audit, tokens, clock, life }
    }

    /// Issues one; it is in the log before it is answered.
    ///
    /// # Errors
    /// See [`IssueDemoTokenError`].
    pub async fn run(&self, origin: Origin) -> Result<IssuedToken, IssueDemoTokenError> {
        let name = LoginName::parse(FIXTURE_USER).map_err(|_| IssueDemoTokenError::NoUser)?;
        let found = self.users.find(UserLookup::Name(&name)).await.map_err(Outage::from)?;
        let active = found.filter(|user| user.state == UserState::Active);
        let user = active.ok_or(IssueDemoTokenError::NoUser)?;
        let token = self.tokens.run(&user, TokenLife::Of(self.life)).await?;
        let mut entry = AuditEntry::new(self.clock.now(), origin, Event::FixtureToken, Outcome::Success);
        (entry.user_id, entry.name) = (Some(user.id), Some(user.username));
        token.note_in(&mut entry);
        self.audit.append(entry).await.map_err(Outage::from)?;
        Ok(token)
    }
}
