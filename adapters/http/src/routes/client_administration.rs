//! Clients, for administrators.

use std::sync::Arc;

use jwksd_domain::client::{Client, ClientId, ClientSecret, ClientState, DEMO_CLIENT};
use jwksd_domain::usecase::{
    AddClient, AddClientError, ChangeClient, ChangeClientError, ClientEdit, ClientSettings, Editor, ListClients,
};
use jwksd_domain::user::UserId;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::Capability;
use super::administration::{Listing, found, next, page_length};
use crate::administered_clients::{ClientChanges, ClientEntry, ClientList, ClientToAdd, RegisteredClient};
use crate::extract::{Administrator, Body, ClientOrigin};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Reply};

/// What adding a client comes to.
#[derive(ApiResponse)]
pub(crate) enum AddClientAnswer {
    /// The client was added.
    #[oai(status = 201)]
    Added(Json<RegisteredClient>),
    /// A field is not what it must be; the problem names it.
    #[oai(status = 400)]
    Invalid(Problem),
    /// The id is taken.
    #[oai(status = 409)]
    Taken(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What changing a client comes to.
#[derive(ApiResponse)]
pub(crate) enum ChangeClientAnswer {
    /// The client as it now is.
    #[oai(status = 200)]
    Changed(Json<ClientEntry>),
    /// A field is not what it must be; the problem names it. Nothing was changed.
    #[oai(status = 400)]
    Invalid(Problem),
    /// There is no such client.
    #[oai(status = 404)]
    Unknown(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What disabling a client comes to.
#[derive(ApiResponse)]
pub(crate) enum DisableClientAnswer {
    /// The client is disabled.
    #[oai(status = 204)]
    Disabled,
    /// There is no such client.
    #[oai(status = 404)]
    Unknown(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What administrators do with clients.
pub(crate) struct ClientAdministration {
    /// Lists the clients.
    pub(crate) list: Arc<ListClients>,
    /// Adds clients.
    pub(crate) add: Arc<AddClient>,
    /// Changes clients.
    pub(crate) change: Arc<ChangeClient>,
}

#[OpenApi]
impl ClientAdministration {
    /// List the clients.
    #[oai(path = "/admin/clients", method = "get", operation_id = "listClients", tag = "Capability::Administration")]
    async fn list_clients(
        &self,
        _caller: Administrator,
        /// Where the page begins: `next` of the page before.
        cursor: Query<Option<String>>,
        /// How many clients at most, 50 where it is not given.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
    ) -> Reply<Listing<ClientList>> {
        let length = page_length(limit.0);
        let after = match cursor.0.as_deref().map(ClientId::parse).transpose() {
            Ok(after) => after,
            Err(_) => {
                let problem = Problem::with(&kind::INVALID_PARAMETER, "cursor", "is not the id of a client");
                return Reply::Refused(problem.into());
            }
        };
        match self.list.run(after, length).await {
            Ok(clients) => {
                let next = next(&clients, length, |client| client.id.to_string());
                found(ClientList { clients: clients.into_iter().map(ClientEntry::from).collect(), next })
            }
            Err(cause) => Listing::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Add a client.
    ///
    /// Its secret is made, and answered this once.
    #[oai(path = "/admin/clients", method = "post", operation_id = "addClient", tag = "Capability::Administration")]
    async fn add_client(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        body: Body<ClientToAdd>,
    ) -> Reply<AddClientAnswer> {
        let new = match body.0.new_client() {
            Ok(new) => new,
            Err(error) => return AddClientAnswer::Invalid(error.into()).into(),
        };
        let administrator = caller.0;
        let answer = match self.add.run(new, by(caller, origin)).await {
            Ok(added) => {
                told("added", &added.client.id, Some(administrator));
                AddClientAnswer::Added(Json(added.into()))
            }
            Err(AddClientError::Invalid(error)) => AddClientAnswer::Invalid(error.into()),
            Err(AddClientError::Taken) => AddClientAnswer::Taken(Problem::of(&kind::CLIENT_ID_TAKEN)),
            Err(AddClientError::Unavailable(cause)) => AddClientAnswer::Unavailable(outage::reported(&cause)),
        };
        answer.into()
    }

    /// Change a client.
    #[oai(
        path = "/admin/clients/:client_id",
        method = "patch",
        operation_id = "changeClient",
        tag = "Capability::Administration"
    )]
    async fn change_client(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        /// The id of the client.
        #[oai(example = "example_client")]
        client_id: Path<String>,
        body: Body<ClientChanges>,
    ) -> Reply<ChangeClientAnswer> {
        let settings = match body.0.settings() {
            Ok(settings) => settings,
            Err(error) => return ChangeClientAnswer::Invalid(error.into()).into(),
        };
        let answer = match edit(&self.change, &client_id.0, ClientEdit::Settings(settings), by(caller, origin)).await {
            Ok((client, _)) => ChangeClientAnswer::Changed(Json(client.into())),
            Err(ChangeClientError::Invalid(error)) => ChangeClientAnswer::Invalid(error.into()),
            Err(ChangeClientError::Unavailable(cause)) => ChangeClientAnswer::Unavailable(outage::reported(&cause)),
            // No secret is looked at.
            Err(ChangeClientError::Unknown | ChangeClientError::Secret(_)) => ChangeClientAnswer::Unknown(unknown()),
        };
        answer.into()
    }

    /// Disable a client.
    ///
    /// The client stays, since entries of the audit log name it, and can be made active again.
    #[oai(
        path = "/admin/clients/:client_id",
        method = "delete",
        operation_id = "disableClient",
        tag = "Capability::Administration"
    )]
    async fn disable_client(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        /// The id of the client.
        #[oai(example = "example_client")]
        client_id: Path<String>,
    ) -> Reply<DisableClientAnswer> {
        let settings = ClientSettings { state: Some(ClientState::Disabled), ..ClientSettings::default() };
        let answer = match edit(&self.change, &client_id.0, ClientEdit::Settings(settings), by(caller, origin)).await {
            Ok(_) => DisableClientAnswer::Disabled,
            Err(ChangeClientError::Unavailable(cause)) => DisableClientAnswer::Unavailable(outage::reported(&cause)),
            // Neither a field nor a secret is looked at.
            Err(ChangeClientError::Unknown | ChangeClientError::Invalid(_) | ChangeClientError::Secret(_)) => {
                DisableClientAnswer::Unknown(unknown())
            }
        };
        answer.into()
    }
}

/// Who asks for a change, and from where.
pub(super) fn by(caller: Administrator, origin: ClientOrigin) -> Editor {
    Editor::Administrator(caller.0, origin.0)
}

/// Changes the client that is called `id`, and says who did it.
pub(super) async fn edit(
    change: &ChangeClient,
    id: &str,
    edit: ClientEdit,
    by: Editor,
) -> Result<(Client, Option<ClientSecret>), ChangeClientError> {
    let id = ClientId::parse(id).map_err(|_| ChangeClientError::Unknown)?;
    let administrator = by.administrator();
    let changed = change.run(&id, edit, by).await?;
    told("changed", &id, administrator);
    Ok(changed)
}

/// The client of the examples, which the dev profile has.
pub(super) fn example_client() -> String {
    DEMO_CLIENT.to_owned()
}

/// That there is no such client.
pub(super) fn unknown() -> Problem {
    Problem::of(&kind::CLIENT_NOT_FOUND)
}

/// Says who did it.
fn told(what: &'static str, client: &ClientId, administrator: Option<UserId>) {
    tracing::info!(
        client.id = client.as_str(),
        administrator.id = administrator.map(|id| id.0),
        "a client was {what} by an administrator"
    );
}
