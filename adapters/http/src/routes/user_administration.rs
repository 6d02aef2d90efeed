//! Users, for administrators.

use std::sync::Arc;

use jwksd_domain::ports::UserLookup;
use jwksd_domain::usecase::{
    AddUser, AddUserError, ChangeUser, ChangeUserError, Editor, FindUser, ListUsers, UserEdit,
};
use jwksd_domain::user::{Password, User, UserId, UserState};
use poem_openapi::param::Query;
use poem_openapi::{ApiResponse, OpenApi};

use super::Capability;
use super::administration::{Listing, found, next, page_length};
use crate::administered_users::{EditedUser, NewUser, UserChanges, UserEntry, UserList};
use crate::extract::{Administrator, Body, ClientOrigin, UserIdInPath};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Reply};

/// What a look at one user comes to.
#[derive(ApiResponse)]
pub(crate) enum FindAnswer {
    /// The user.
    #[oai(status = 200)]
    Found(Json<UserEntry>),
    /// There is no such user.
    #[oai(status = 404)]
    Unknown(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What adding a user comes to.
#[derive(ApiResponse)]
pub(crate) enum AddAnswer {
    /// The user was added.
    #[oai(status = 201)]
    Added(
        Json<EditedUser>,
        /// Where the user is from now on.
        #[oai(header = "Location")]
        String,
    ),
    /// A field is not what it must be; the problem names it.
    #[oai(status = 400)]
    Invalid(Problem),
    /// The user name or the e-mail address is taken.
    #[oai(status = 409)]
    Taken(Problem),
    /// Too much to do, or something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What changing a user comes to.
#[derive(ApiResponse)]
pub(crate) enum ChangeAnswer {
    /// The user as it now is.
    #[oai(status = 200)]
    Changed(Json<EditedUser>),
    /// A field is not what it must be; the problem names it. Nothing was changed.
    #[oai(status = 400)]
    Invalid(Problem),
    /// There is no such user.
    #[oai(status = 404)]
    Unknown(Problem),
    /// The user is the caller, who would be disabled or demoted.
    #[oai(status = 409)]
    OwnAccount(Problem),
    /// Too much to do, or something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What disabling a user comes to.
#[derive(ApiResponse)]
pub(crate) enum DisableAnswer {
    /// The user is disabled.
    #[oai(status = 204)]
    Disabled,
    /// There is no such user.
    #[oai(status = 404)]
    Unknown(Problem),
    /// The user is the caller.
    #[oai(status = 409)]
    OwnAccount(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What administrators do with users.
pub(crate) struct UserAdministration {
    /// Lists the users.
    pub(crate) list: Arc<ListUsers>,
    /// Finds one user.
    pub(crate) find: Arc<FindUser>,
    /// Adds users.
    pub(crate) add: Arc<AddUser>,
    /// Changes users.
    pub(crate) change: Arc<ChangeUser>,
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
        match self.list.run(cursor.0.map(UserId), length).await {
            Ok(users) => {
                let next = next(&users, length, |user| user.id.0);
                found(UserList { users: users.into_iter().map(UserEntry::from).collect(), next })
            }
            Err(cause) => Listing::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Add a user.
    ///
    /// Without a password one is made, a version 4 UUID, and answered this once.
    #[oai(path = "/admin/users", method = "post", operation_id = "addUser", tag = "Capability::Administration")]
    async fn add_user(&self, caller: Administrator, origin: ClientOrigin, body: Body<NewUser>) -> Reply<AddAnswer> {
        let request = match body.0.request(origin.0.by(caller.0)) {
            Ok(request) => request,
            Err(problem) => return AddAnswer::Invalid(problem).into(),
        };
        let answer = match self.add.run(request).await {
            Ok(added) => {
                let location = format!("/admin/users/{}", added.user.id.0);
                AddAnswer::Added(Json(EditedUser::of(added.user, added.generated.as_ref())), location)
            }
            Err(AddUserError::Invalid(error)) => AddAnswer::Invalid(error.into()),
            Err(AddUserError::Taken("email")) => AddAnswer::Taken(Problem::of(&kind::EMAIL_TAKEN)),
            Err(AddUserError::Taken(_)) => AddAnswer::Taken(Problem::of(&kind::USERNAME_TAKEN)),
            Err(AddUserError::Busy { retry_after }) => {
                AddAnswer::Unavailable(Problem::of(&kind::BUSY).retry_after(retry_after))
            }
            Err(AddUserError::Unavailable(cause)) => AddAnswer::Unavailable(outage::reported(&cause)),
        };
        answer.into()
    }

    /// Get a user.
    #[oai(path = "/admin/users/:id", method = "get", operation_id = "getUser", tag = "Capability::Administration")]
    async fn get_user(
        &self,
        _caller: Administrator,
        /// The id of the user.
        id: UserIdInPath,
    ) -> Reply<FindAnswer> {
        match self.find.run(UserId(id.0)).await {
            Ok(Some(user)) => FindAnswer::Found(Json(user.into())).into(),
            Ok(None) => FindAnswer::Unknown(Problem::of(&kind::USER_NOT_FOUND)).into(),
            Err(cause) => FindAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Change a user.
    ///
    /// Sets the role, disables or enables, sets a password, or makes one and answers it this once: all that is given, or nothing.
    /// Administrators can neither disable nor demote themselves.
    #[oai(path = "/admin/users/:id", method = "patch", operation_id = "changeUser", tag = "Capability::Administration")]
    async fn change_user(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        /// The id of the user.
        id: UserIdInPath,
        body: Body<UserChanges>,
    ) -> Reply<ChangeAnswer> {
        let edit = match body.0.edit() {
            Ok(edit) => edit,
            Err(problem) => return ChangeAnswer::Invalid(problem).into(),
        };
        let answer = match self.edit(UserId(id.0), edit, caller, origin).await {
            Ok((user, made)) => ChangeAnswer::Changed(Json(EditedUser::of(user, made.as_ref()))),
            Err(ChangeUserError::Invalid(error)) => ChangeAnswer::Invalid(error.into()),
            Err(ChangeUserError::Unknown) => ChangeAnswer::Unknown(Problem::of(&kind::USER_NOT_FOUND)),
            Err(ChangeUserError::OwnAccount) => ChangeAnswer::OwnAccount(Problem::of(&kind::OWN_ACCOUNT)),
            Err(ChangeUserError::Busy { retry_after }) => {
                ChangeAnswer::Unavailable(Problem::of(&kind::BUSY).retry_after(retry_after))
            }
            Err(ChangeUserError::Unavailable(cause)) => ChangeAnswer::Unavailable(outage::reported(&cause)),
        };
        answer.into()
    }

    /// Disable a user.
    ///
    /// The user stays, since entries of the audit log refer to it, and can be made active again.
    #[oai(
        path = "/admin/users/:id",
        method = "delete",
        operation_id = "disableUser",
        tag = "Capability::Administration"
    )]
    async fn disable_user(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        /// The id of the user.
        id: UserIdInPath,
    ) -> Reply<DisableAnswer> {
        let edit = UserEdit { state: Some(UserState::Disabled), ..UserEdit::default() };
        let answer = match self.edit(UserId(id.0), edit, caller, origin).await {
            Ok(_) => DisableAnswer::Disabled,
            Err(ChangeUserError::Unknown) => DisableAnswer::Unknown(Problem::of(&kind::USER_NOT_FOUND)),
            Err(ChangeUserError::OwnAccount) => DisableAnswer::OwnAccount(Problem::of(&kind::OWN_ACCOUNT)),
            Err(ChangeUserError::Unavailable(cause)) => DisableAnswer::Unavailable(outage::reported(&cause)),
            // No password is looked at or hashed.
            Err(ChangeUserError::Invalid(_) | ChangeUserError::Busy { .. }) => {
                DisableAnswer::Unavailable(Problem::of(&kind::UNAVAILABLE))
            }
        };
        answer.into()
    }

    async fn edit(
        &self,
        id: UserId,
        edit: UserEdit,
        caller: Administrator,
        origin: ClientOrigin,
    ) -> Result<(User, Option<Password>), ChangeUserError> {
        let by = Editor::Administrator(caller.0, origin.0);
        self.change.run(UserLookup::Id(id), edit, by).await
    }
}
