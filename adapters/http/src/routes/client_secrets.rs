//! The secrets of clients, for administrators.

use std::sync::Arc;

use jwksd_domain::client::{SecretError, SecretId, demo_secret};
use jwksd_domain::usecase::{ChangeClient, ChangeClientError, ClientEdit};
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, OpenApi};

use super::Capability;
use super::client_administration::{by, edit, example_client, unknown};
use crate::administered_clients::MadeSecret;
use crate::extract::{Administrator, ClientOrigin};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Reply};

/// What adding a secret comes to.
#[derive(ApiResponse)]
pub(crate) enum AddSecretAnswer {
    /// The client has one more secret.
    #[oai(status = 201)]
    Added(Json<MadeSecret>),
    /// There is no such client.
    #[oai(status = 404)]
    Unknown(Problem),
    /// The client has two secrets already.
    #[oai(status = 409)]
    TooMany(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What retiring a secret comes to.
#[derive(ApiResponse)]
pub(crate) enum RetireSecretAnswer {
    /// The secret lets nobody in any more.
    #[oai(status = 204)]
    Retired,
    /// There is no such client, or it has no such secret.
    #[oai(status = 404)]
    Unknown(Problem),
    /// The client has no other secret.
    #[oai(status = 409)]
    Last(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What administrators do with the secrets of clients.
pub(crate) struct ClientSecrets(pub(crate) Arc<ChangeClient>);

#[OpenApi]
impl ClientSecrets {
    /// Give a client one more secret.
    ///
    /// It is made, and answered this once. The one in use stays good until it is retired, so that both can be rolled without a gap.
    #[oai(
        path = "/admin/clients/:client_id/secrets",
        method = "post",
        operation_id = "addClientSecret",
        tag = "Capability::Administration"
    )]
    async fn add_secret(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        /// The id of the client.
        #[oai(example = "example_client")]
        client_id: Path<String>,
    ) -> Reply<AddSecretAnswer> {
        let answer = match edit(&self.0, &client_id.0, ClientEdit::AddSecret, by(caller, origin)).await {
            Ok((_, Some(secret))) => AddSecretAnswer::Added(Json(secret.into())),
            Err(ChangeClientError::Secret(SecretError::TooMany)) => {
                AddSecretAnswer::TooMany(Problem::of(&kind::TOO_MANY_SECRETS))
            }
            Err(ChangeClientError::Unavailable(cause)) => AddSecretAnswer::Unavailable(outage::reported(&cause)),
            // A secret is made wherever one is added, no field is looked at, and nothing is retired.
            Ok((_, None))
            | Err(
                ChangeClientError::Unknown
                | ChangeClientError::Invalid(_)
                | ChangeClientError::Secret(SecretError::Unknown | SecretError::Last),
            ) => AddSecretAnswer::Unknown(unknown()),
        };
        answer.into()
    }

    /// Retire a secret of a client.
    ///
    /// Of its secrets it keeps one: `POST /admin/clients/{client_id}/secrets` adds the other first.
    #[oai(
        path = "/admin/clients/:client_id/secrets/:secret_id",
        method = "delete",
        operation_id = "retireClientSecret",
        tag = "Capability::Administration"
    )]
    async fn retire_secret(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        /// The id of the client.
        #[oai(example = "example_client")]
        client_id: Path<String>,
        /// What the secret is called, as `GET /admin/clients` lists it.
        #[oai(example = "example_secret")]
        secret_id: Path<String>,
    ) -> Reply<RetireSecretAnswer> {
        let no_secret = || RetireSecretAnswer::Unknown(Problem::of(&kind::SECRET_NOT_FOUND));
        let Some(secret) = SecretId::parse(&secret_id.0) else { return no_secret().into() };
        let answer = match edit(&self.0, &client_id.0, ClientEdit::RetireSecret(secret), by(caller, origin)).await {
            Ok(_) => RetireSecretAnswer::Retired,
            Err(ChangeClientError::Secret(SecretError::Last)) => {
                RetireSecretAnswer::Last(Problem::of(&kind::LAST_SECRET))
            }
            Err(ChangeClientError::Unavailable(cause)) => RetireSecretAnswer::Unavailable(outage::reported(&cause)),
            Err(ChangeClientError::Unknown) => RetireSecretAnswer::Unknown(unknown()),
            // No field is looked at, and nothing is added.
            Err(
                ChangeClientError::Invalid(_) | ChangeClientError::Secret(SecretError::Unknown | SecretError::TooMany),
            ) => no_secret(),
        };
        answer.into()
    }
}

/// The first secret of the client of the examples.
fn example_secret() -> String {
    demo_secret().map_or_else(String::new, |secret| secret.hash().id().to_string())
}
