//! Knowing a client by its secret (RFC 6749 section 2.3): the part that every call of a client shares.

use std::sync::Arc;

use super::Outage;
use crate::audit::{AuditEntry, Outcome};
use crate::client::{Client, ClientId, ClientSecret, ClientState, is_demo_secret};
use crate::limit::{Bucket, Refusal};
use crate::ports::{ClientRepository, RateLimiter};
use crate::user::{DemoUsers, LoginName};

/// What somebody shows to be taken for a client.
pub struct ClientCredentials {
    /// The id, as it was sent.
    pub id: String,
    /// The secret.
    pub secret: ClientSecret,
}

/// Why nobody was taken for a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientAuthError {
    /// Too many failures from this address.
    #[error("too many failures from this address")]
    Limited(Refusal),
    /// Nothing is shown, or the client is unknown, disabled, or has another secret: nobody outside learns which.
    #[error("client id or secret is wrong")]
    Invalid,
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

impl ClientAuthError {
    /// How the log names it.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Limited(_) => Outcome::AddressLimited,
            Self::Invalid => Outcome::BadCredentials,
            Self::Unavailable(_) => Outcome::Failed,
        }
    }
}

/// Knows clients by their secrets.
pub struct AuthenticateClient {
    clients: Arc<dyn ClientRepository>,
    limiter: Arc<dyn RateLimiter>,
    demo_users: DemoUsers,
}

impl AuthenticateClient {
    /// Knows those of `clients`; `limiter` counts failures. The secret of the demo client lets somebody in only where `demo_users`
    /// are admitted too.
    pub fn new(clients: Arc<dyn ClientRepository>, limiter: Arc<dyn RateLimiter>, demo_users: DemoUsers) -> Self {
        Self { clients, limiter, demo_users }
    }

    /// The client whose credentials are shown in the attempt that `entry` tells of.
    ///
    /// Only failures are counted, against the address: whoever has the secret may call as often as it likes, and 256 random bits
    /// cannot be guessed, in parallel or not.
    ///
    /// # Errors
    /// See [`ClientAuthError`].
    pub async fn run(
        &self,
        shown: Option<&ClientCredentials>,
        entry: &mut AuditEntry,
    ) -> Result<Client, ClientAuthError> {
        let name = shown.and_then(|shown| LoginName::parse(&shown.id).ok());
        entry.name = name.map(|name| name.as_str().to_owned());
        let address = Bucket::address(entry.origin.ip);
        self.limiter.peek(&address).await.map_err(Outage::from)?.map_err(ClientAuthError::Limited)?;
        if let Some(client) = self.known(shown).await? {
            return Ok(client);
        }
        self.limiter.spend(&address).await.map_err(Outage::from)?.map_err(ClientAuthError::Limited)?;
        Err(ClientAuthError::Invalid)
    }

    async fn known(&self, shown: Option<&ClientCredentials>) -> Result<Option<Client>, Outage> {
        let Some(ClientCredentials { id, secret }) = shown else { return Ok(None) };
        let Ok(id) = ClientId::parse(id) else { return Ok(None) };
        // Hashed for nobody too, so that this takes as long.
        let (shown, found) = (secret.hash(), self.clients.find(&id).await?);
        let is_refused = self.demo_users == DemoUsers::Refused && is_demo_secret(&shown);
        let found = found.filter(|client| client.recognizes(&shown) && client.state == ClientState::Active);
        Ok(found.filter(|_| !is_refused))
    }
}
