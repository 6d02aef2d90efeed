//! Users over SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::ports::{StoreError, UserChange, UserCursor, UserLookup, UserRepository};
use jwksd_domain::user::{Email, LoginName, NewUser, User, UserId};
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::store::Store;
use crate::task::Task;
use crate::user_rows;

/// Keeps users in the database.
pub(crate) struct SqliteUserRepository(pub(crate) Arc<Store>);

#[async_trait]
impl UserRepository for SqliteUserRepository {
    async fn find<'a>(&self, user: UserLookup<'a>) -> Result<Option<User>, StoreError> {
        Ok(match user {
            UserLookup::Name(name) => self.0.read(FindByName(name.clone())).await?,
            UserLookup::Id(id) => self.0.read(FindById(id)).await?,
            UserLookup::Email(email) => self.0.read(FindByAddress(email.clone())).await?,
        })
    }

    async fn insert(&self, user: NewUser) -> Result<User, StoreError> {
        Ok(self.0.write(InsertUser { user, absent_email: self.0.absent_email }).await?)
    }

    async fn update(&self, id: UserId, changes: &[UserChange]) -> Result<Option<User>, StoreError> {
        Ok(self.0.write(ChangeUser { id, changes: changes.to_vec() }).await?)
    }

    async fn list(&self, after: Option<UserCursor>, limit: u32) -> Result<Vec<User>, StoreError> {
        Ok(self.0.read(ListUsers { after, limit }).await?)
    }
}

struct FindByName(LoginName);

#[async_trait]
impl Task for FindByName {
    type Answer = Option<User>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<User>, SqliteError> {
        user_rows::by_name(connection, self.0.as_str()).await
    }
}

struct FindById(UserId);

#[async_trait]
impl Task for FindById {
    type Answer = Option<User>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<User>, SqliteError> {
        user_rows::by_id(connection, self.0).await
    }
}

struct FindByAddress(Email);

#[async_trait]
impl Task for FindByAddress {
    type Answer = Option<User>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<User>, SqliteError> {
        user_rows::by_address(connection, self.0.as_str()).await
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
    changes: Vec<UserChange>,
}

#[async_trait]
impl Task for ChangeUser {
    type Answer = Option<User>;

    const CAN_REFUSE: bool = false;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<User>, SqliteError> {
        for change in &self.changes {
            make(connection, self.id, change).await?;
        }
        user_rows::by_id(connection, self.id).await
    }
}

async fn make(connection: &mut SqliteConnection, id: UserId, change: &UserChange) -> Result<(), SqliteError> {
    match change {
        UserChange::LoggedIn(at) => user_rows::note_login(connection, id, *at).await?,
        UserChange::PasswordHash { hash, keeps_demo } => {
            user_rows::set_password_hash(connection, id, hash).await?;
            if !keeps_demo {
                user_rows::end_demo(connection, id).await?;
            }
        }
        UserChange::Role(role) => user_rows::set_role(connection, id, *role).await?,
        UserChange::State(state) => user_rows::set_state(connection, id, *state).await?,
        UserChange::EmailVerified => user_rows::verify_email(connection, id).await?,
    }
    Ok(())
}
