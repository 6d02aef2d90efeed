//! Clients over SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::client::{Client, ClientId};
use jwksd_domain::ports::{ClientCursor, ClientRepository, StoreError};
use sqlx::SqliteConnection;

use crate::client_rows;
use crate::error::SqliteError;
use crate::store::Store;
use crate::task::Task;

/// Keeps clients in the database.
pub(crate) struct SqliteClientRepository(pub(crate) Arc<Store>);

#[async_trait]
impl ClientRepository for SqliteClientRepository {
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(self.0.read(FindClient(id.clone())).await?)
    }

    async fn insert(&self, client: &Client) -> Result<(), StoreError> {
        Ok(self.0.write(InsertClient(client.clone())).await?)
    }

    async fn replace(&self, client: &Client) -> Result<(), StoreError> {
        Ok(self.0.write(ReplaceClient(client.clone())).await?)
    }

    async fn list(&self, after: Option<ClientCursor>, limit: u32) -> Result<Vec<Client>, StoreError> {
        Ok(self.0.read(ListClients { after, limit }).await?)
    }
}

struct FindClient(ClientId);

#[async_trait]
impl Task for FindClient {
    type Answer = Option<Client>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<Client>, SqliteError> {
        client_rows::by_id(connection, &self.0).await
    }
}

struct ListClients {
    after: Option<ClientId>,
    limit: u32,
}

#[async_trait]
impl Task for ListClients {
    type Answer = Vec<Client>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Vec<Client>, SqliteError> {
        client_rows::page(connection, self.after.as_ref(), self.limit).await
    }
}

struct InsertClient(Client);

#[async_trait]
impl Task for InsertClient {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), SqliteError> {
        client_rows::insert(connection, &self.0).await?;
        Ok(client_rows::insert_secrets(connection, &self.0).await?)
    }
}

struct ReplaceClient(Client);

#[async_trait]
impl Task for ReplaceClient {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), SqliteError> {
        if client_rows::replace(connection, &self.0).await? == 0 {
            return Err(SqliteError::Conflict);
        }
        client_rows::delete_secrets(connection, &self.0.id).await?;
        Ok(client_rows::insert_secrets(connection, &self.0).await?)
    }
}
