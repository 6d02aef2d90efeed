//! The demo client of the dev profile.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Outage;
use crate::client::{Audience, Client, ClientId, ClientName, DEMO_CLIENT, Grant, NewClient, ScopeSet, demo_secret};
use crate::field::FieldError;
use crate::ports::{ClientRepository, Clock, StoreError};
use crate::time::Timestamp;

/// The scopes that its tokens may have: those of a user who may write.
const SCOPES: &str = "read write";

/// Adds the demo client where its id is free.
pub struct SeedDemoClient {
    clients: Arc<dyn ClientRepository>,
    clock: Arc<dyn Clock>,
    audience: String,
}

impl SeedDemoClient {
    /// Adds it to `clients`, with tokens for `audience`.
    pub const fn new(clients: Arc<dyn ClientRepository>, clock: Arc<dyn Clock>, audience: String) -> Self {
        Self { clients, clock, audience }
    }

    /// Adds it. A client of that id that is there already stays as it is.
    ///
    /// # Errors
    /// [`Outage`] if the store is down.
    pub async fn run(&self) -> Result<(), Outage> {
        let Ok(Some(client)) = client(&self.audience, self.clock.now()) else { return Ok(()) };
        if self.clients.find(&client.id).await?.is_some() {
            return Ok(());
        }
        match self.clients.insert(&client).await {
            Ok(()) | Err(StoreError::Duplicate { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The client; none where no token can be for `audience`.
fn client(audience: &str, now: Timestamp) -> Result<Option<Client>, FieldError> {
    let Some(secret) = demo_secret() else { return Ok(None) };
    let new = NewClient {
        id: ClientId::parse(DEMO_CLIENT)?,
        name: ClientName::parse("Demo client")?,
        scopes: ScopeSet::parse(SCOPES)?,
        audiences: vec![Audience::parse(audience)?],
        grants: BTreeSet::from(Grant::ALL),
    };
    Client::new(new, &secret, now).map(Some)
}
