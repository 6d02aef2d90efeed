//! Adding a client, with its first secret.

use std::sync::Arc;

use super::identifiers::client_secret;
use super::{ClientSettings, Editor, Outage};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::client::{Audience, Client, ClientSecret, NewClient};
use crate::field::FieldError;
use crate::ports::{AuditLog, ClientRepository, Clock, Entropy, StoreError};

/// A client that was added, and its secret, to be shown once.
pub struct AddedClient {
    /// The client.
    pub client: Client,
    /// Its secret.
    pub secret: ClientSecret,
}

/// Why a client was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddClientError {
    /// A field does not hold what it must.
    #[error(transparent)]
    Invalid(#[from] FieldError),
    /// The id is taken.
    #[error("the client_id is taken")]
    Taken,
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What [`AddClient`] needs.
pub struct AddClientParts {
    /// The clients.
    pub clients: Arc<dyn ClientRepository>,
    /// Writes every addition down.
    pub audit: Arc<dyn AuditLog>,
    /// Makes secrets.
    pub entropy: Arc<dyn Entropy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Adds clients.
pub struct AddClient {
    parts: AddClientParts,
    usual_audience: String,
}

impl AddClient {
    /// Adds clients by `parts`, whose tokens are for `usual_audience` where no other is given.
    pub const fn new(parts: AddClientParts, usual_audience: String) -> Self {
        Self { parts, usual_audience }
    }

    /// Adds one.
    ///
    /// # Errors
    /// See [`AddClientError`]; no client was added then.
    pub async fn run(&self, mut new: NewClient, by: Editor) -> Result<AddedClient, AddClientError> {
        let AddClientParts { clients, audit, entropy, clock } = &self.parts;
        if new.audiences.is_empty() {
            new.audiences.push(Audience::parse(&self.usual_audience)?);
        }
        let secret = client_secret(&**entropy);
        let client = Client::new(new, &secret, clock.now())?;
        let added = clients.insert(&client).await;
        let (user_id, origin) = (by.administrator(), by.origin());
        let mut entry = AuditEntry::new(clock.now(), origin, Event::ClientAdministered, outcome(&added));
        (entry.user_id, entry.name) = (user_id, Some(client.id.to_string()));
        entry.detail = Some(format!("add, {}", settings_of(&client).told()));
        audit.append(entry).await.map_err(Outage::from)?;
        match added {
            Ok(()) => Ok(AddedClient { client, secret }),
            Err(StoreError::Duplicate { .. }) => Err(AddClientError::Taken),
            Err(error @ (StoreError::Conflict | StoreError::Corrupt(_) | StoreError::Unavailable(_))) => {
                Err(Outage::from(error).into())
            }
        }
    }
}

/// What it was added with.
fn settings_of(client: &Client) -> ClientSettings {
    ClientSettings {
        name: Some(client.name.clone()),
        scopes: Some(client.scopes.clone()),
        audiences: Some(client.audiences.clone()),
        grants: Some(client.grants.clone()),
        state: None,
    }
}

const fn outcome(added: &Result<(), StoreError>) -> Outcome {
    match added {
        Ok(()) => Outcome::Success,
        Err(StoreError::Duplicate { .. }) => Outcome::Duplicate,
        Err(StoreError::Conflict | StoreError::Corrupt(_) | StoreError::Unavailable(_)) => Outcome::Failed,
    }
}
