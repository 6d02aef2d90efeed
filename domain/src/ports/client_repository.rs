//! Where clients are kept.

use async_trait::async_trait;

use super::StoreError;
use crate::client::{Client, ClientId};

/// Where a page of clients begins: behind the one with this id.
pub type ClientCursor = ClientId;

/// Keeps clients.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait ClientRepository: Send + Sync {
    /// The client of that id; absence is not an error.
    /// MUST answer what was written by any call that was answered before, in whatever process.
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError>;

    /// Adds a client.
    ///
    /// MUST fail with [`StoreError::Duplicate`] naming `client_id` if its id is taken, and MUST be atomic: of two calls at the same
    /// instant with one id exactly one succeeds. MUST be durable before it answers.
    async fn insert(&self, client: &Client) -> Result<(), StoreError>;

    /// Replaces the client of that id by `client`, whose revision is the one that was loaded and goes up by one.
    ///
    /// MUST fail with [`StoreError::Conflict`] and change nothing if the stored revision is another, or there is no such client.
    /// MUST be durable before it answers.
    async fn replace(&self, client: &Client) -> Result<(), StoreError>;

    /// At most `limit` clients in ascending order of the bytes of their ids, from behind `after` on.
    async fn list(&self, after: Option<ClientCursor>, limit: u32) -> Result<Vec<Client>, StoreError>;
}
