//! Users over SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::ports::{StoreError, UserChange, UserCursor, UserRepository};
use jwksd_domain::user::{LoginName, NewUser, User, UserId};
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::store::Store;
use crate::task::Task;
use crate::user_rows;

/// Keeps users in the database.
pub(crate) struct SqliteUserRepository(pub(crate) Arc<Store>);

#[async_trait]
impl UserRepository for SqliteUserRepository {
    async fn find(&self, name: &LoginName) -> Result<Option<User>, StoreError> {
        Ok(self.0.read(FindUser(name.clone())).await?)
    }

    async fn insert(&self, user: NewUser) -> Result<User, StoreError> {
        Ok(self.0.write(InsertUser { user, absent_email: self.0.absent_email }).await?)
    }

    async fn update(&self, id: UserId, change: UserChange) -> Result<Option<User>, StoreError> {
        Ok(self.0.write(ChangeUser { id, change }).await?)
    }

    async fn list(&self, after: Option<UserCursor>, limit: u32) -> Result<Vec<User>, StoreError> {
        Ok(self.0.read(ListUsers { after, limit }).await?)
    }
}

struct FindUser(LoginName);

#[async_trait]
impl Task for FindUser {
    type Answer = Option<User>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<User>, SqliteError> {
        user_rows::by_name(connection, self.0.as_str()).await
    }
}

struct ListUsers {
    after: Option<UserId>,
    limit: u32,
}

#[async_trait]
impl Task for ListUsers {
    type Answer = Vec<User>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Vec<User>, SqliteError> {
        user_rows::page(connection, self.after, self.limit).await
    }
}

struct InsertUser {
    user: NewUser,
    absent_email: Option<&'static str>,
}

#[async_trait]
impl Task for InsertUser {
    type Answer = User;

    /// Nobody else writes between the questions and the insert: the transaction was begun as a writing one.
    async fn run(&self, connection: &mut SqliteConnection) -> Result<User, SqliteError> {
        let user = &self.user;
        if user_rows::is_name_taken(connection, user.username.as_str()).await? {
            return Err(SqliteError::Taken { field: "username" });
        }
        let email = user.email.as_ref().map(|email| email.as_str());
        if let Some(email) = email
            && user_rows::is_address_taken(connection, email).await?
        {
            return Err(SqliteError::Taken { field: "email" });
        }
        let id = user_rows::insert(connection, user, email.or(self.absent_email)).await?;
        user_rows::insert_details(connection, id, user).await?;
        user_rows::by_id(connection, id).await?.ok_or(SqliteError::Driver(sqlx::Error::RowNotFound))
    }
}

struct ChangeUser {
    id: UserId,
    change: UserChange,
}

#[async_trait]
impl Task for ChangeUser {
    type Answer = Option<User>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<User>, SqliteError> {
        match &self.change {
            UserChange::LoggedIn(at) => user_rows::note_login(connection, self.id, *at).await?,
            UserChange::PasswordHash { hash, keeps_demo } => {
                user_rows::set_password_hash(connection, self.id, hash).await?;
                if !keeps_demo {
                    user_rows::end_demo(connection, self.id).await?;
                }
            }
            UserChange::Role(role) => user_rows::set_role(connection, self.id, *role).await?,
            UserChange::State(state) => user_rows::set_state(connection, self.id, *state).await?,
        }
        user_rows::by_id(connection, self.id).await
    }
}
