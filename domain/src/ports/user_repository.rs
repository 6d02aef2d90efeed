//! Where users are kept.

use async_trait::async_trait;

use super::StoreError;
use crate::time::Timestamp;
use crate::user::{Email, LoginName, NewUser, PasswordHash, Role, User, UserId, UserState};

/// One change of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserChange {
    /// A login succeeded at this instant.
    LoggedIn(Timestamp),
    /// The password is another one, or hashed anew. A user with a password of their own is no demo user any more
    /// when `keeps_demo` is false.
    PasswordHash {
        /// The new hash.
        hash: PasswordHash,
        /// Whether a demo user stays one: true when the same password was merely hashed anew.
        keeps_demo: bool,
    },
    /// The role is another one.
    Role(Role),
    /// The user may, or may no longer, log in.
    State(UserState),
    /// The address is known to be the user's.
    EmailVerified,
}

/// How a user is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserLookup<'a> {
    /// By the name, exactly as it was registered.
    Name(&'a LoginName),
    /// By the id.
    Id(UserId),
    /// By the address, in any ASCII case. Older databases may hold one twice: then it is the user who was added first.
    Email(&'a Email),
}

/// Where a page of users begins: behind the user with this id.
pub type UserCursor = UserId;

/// Keeps users. Names are compared byte for byte when looked up, and without regard to ASCII case when a new one must be unique.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// The user of that exact name, that id or that address; absence is not an error.
    async fn find<'a>(&self, user: UserLookup<'a>) -> Result<Option<User>, StoreError>;

    /// Adds a user and answers it with its id.
    ///
    /// MUST fail with [`StoreError::Duplicate`] naming `username` if that name, in any ASCII case, is taken, and naming `email`
    /// if that address, in any ASCII case, is; `username` first where both are. MUST be atomic: of two calls at the same
    /// instant with one name exactly one succeeds. MUST be durable before it answers.
    async fn insert(&self, user: NewUser) -> Result<User, StoreError>;

    /// Makes `changes` to one user, in their order, and answers it as it now is, or `None` if there is no such user.
    /// MUST make all of them or none, and MUST be durable before it answers.
    async fn update(&self, id: UserId, changes: &[UserChange]) -> Result<Option<User>, StoreError>;

    /// At most `limit` users in ascending order of their ids, from behind `after` on.
    async fn list(&self, after: Option<UserCursor>, limit: u32) -> Result<Vec<User>, StoreError>;
}
