//! Listing clients for an administrator.

use std::sync::Arc;

use super::Outage;
use crate::client::Client;
use crate::ports::{ClientCursor, ClientRepository};

/// Tells of every client.
pub struct ListClients {
    clients: Arc<dyn ClientRepository>,
}

impl ListClients {
    /// Lists the clients of `clients`.
    pub fn new(clients: Arc<dyn ClientRepository>) -> Self {
        Self { clients }
    }

    /// At most `limit` clients from behind `after` on.
    ///
    /// # Errors
    /// [`Outage`] if the store is down.
    pub async fn run(&self, after: Option<ClientCursor>, limit: u32) -> Result<Vec<Client>, Outage> {
        Ok(self.clients.list(after, limit).await?)
    }
}
