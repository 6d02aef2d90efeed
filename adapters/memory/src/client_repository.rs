//! Clients, by their ids.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Mutex;

use async_trait::async_trait;
use jwksd_domain::client::{Client, ClientId};
use jwksd_domain::ports::{ClientCursor, ClientRepository, StoreError};

use crate::lock;

/// Keeps clients in memory.
#[derive(Default)]
pub struct MemoryClientRepository {
    clients: Mutex<BTreeMap<ClientId, Client>>,
}

#[async_trait]
impl ClientRepository for MemoryClientRepository {
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(lock(&self.clients).get(id).cloned())
    }

    async fn insert(&self, client: &Client) -> Result<(), StoreError> {
        let mut clients = lock(&self.clients);
        if clients.contains_key(&client.id) {
            return Err(StoreError::Duplicate { field: "client_id" });
        }
        clients.insert(client.id.clone(), client.clone());
        Ok(())
    }

    async fn replace(&self, client: &Client) -> Result<(), StoreError> {
        match lock(&self.clients).get_mut(&client.id) {
            Some(stored) if stored.revision == client.revision => {
                *stored = Client { revision: client.revision + 1, ..client.clone() };
                Ok(())
            }
            Some(_) | None => Err(StoreError::Conflict),
        }
    }

    async fn list(&self, after: Option<ClientCursor>, limit: u32) -> Result<Vec<Client>, StoreError> {
        let behind = after.map_or(Bound::Unbounded, Bound::Excluded);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(lock(&self.clients)
            .range((behind, Bound::Unbounded))
            .take(limit)
            .map(|(_, client)| client.clone())
            .collect())
    }
}
