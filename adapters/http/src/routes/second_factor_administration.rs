//! The second factors of users who have lost them, for administrators.

use std::sync::Arc;

use jwksd_domain::ports::UserLookup;
use jwksd_domain::usecase::{Editor, ResetTotp, ResetTotpError};
use jwksd_domain::user::UserId;
use poem_openapi::{ApiResponse, OpenApi};

use super::Capability;
use crate::extract::{Administrator, ClientOrigin, UserIdInPath};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::Reply;

/// What removing the second factor of another comes to.
#[derive(ApiResponse)]
pub(crate) enum ResetAnswer {
    /// It is gone: the password alone lets the user in.
    #[oai(status = 204)]
    Removed,
    /// There is no such user.
    #[oai(status = 404)]
    Unknown(Problem),
    /// The user has none.
    #[oai(status = 409)]
    Missing(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What administrators do with second factors.
pub(crate) struct SecondFactorAdministration(pub(crate) Arc<ResetTotp>);

#[OpenApi]
impl SecondFactorAdministration {
    /// Remove the second factor of a user who has lost it.
    ///
    /// Make sure first who asks for it: from then on the password alone lets the user in.
    #[oai(
        path = "/admin/users/:id/totp",
        method = "delete",
        operation_id = "resetTotp",
        tag = "Capability::Administration"
    )]
    async fn reset(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        /// The id of the user.
        id: UserIdInPath,
    ) -> Reply<ResetAnswer> {
        let (user, administrator) = (UserId(id.0), caller.0);
        let by = Editor::Administrator(administrator, origin.0);
        let answer = match self.0.run(UserLookup::Id(user), by).await {
            Ok(_) => {
                tracing::info!(
                    user.id = user.0,
                    administrator.id = administrator.0,
                    "a second factor was removed by an administrator"
                );
                ResetAnswer::Removed
            }
            Err(ResetTotpError::UnknownUser) => ResetAnswer::Unknown(Problem::of(&kind::USER_NOT_FOUND)),
            Err(ResetTotpError::NotEnrolled) => ResetAnswer::Missing(Problem::of(&kind::SECOND_FACTOR_MISSING)),
            Err(ResetTotpError::Unavailable(cause)) => ResetAnswer::Unavailable(outage::reported(&cause)),
        };
        answer.into()
    }
}
