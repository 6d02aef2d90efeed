//! Users, for administrators.

use std::sync::Arc;

use jwksd_domain::usecase::ListUsers;
use jwksd_domain::user::UserId;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

use super::Capability;
use super::administration::{Listing, found, page_length};
use crate::administered_users::{UserEntry, UserList};
use crate::extract::Administrator;
use crate::outage;
use crate::reply::Reply;

/// What administrators do with users.
pub(crate) struct UserAdministration {
    /// Lists the users.
    pub(crate) list_users: Arc<ListUsers>,
}

#[OpenApi]
impl UserAdministration {
    /// List the users.
    #[oai(path = "/admin/users", method = "get", operation_id = "listUsers", tag = "Capability::Administration")]
    async fn list_users(
        &self,
        _caller: Administrator,
        /// Where the page begins: `next` of the page before.
        cursor: Query<Option<i64>>,
        /// How many users at most, 50 where it is not given.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
    ) -> Reply<Listing<UserList>> {
        let length = page_length(limit.0);
        match self.list_users.run(cursor.0.map(UserId), length).await {
            Ok(users) => {
                let is_full = users.len() == usize::try_from(length).unwrap_or(usize::MAX);
                let next = users.last().filter(|_| is_full).map(|user| user.id.0);
                found(UserList { users: users.into_iter().map(UserEntry::from).collect(), next })
            }
            Err(cause) => Listing::Unavailable(outage::reported(&cause)).into(),
        }
    }
}
