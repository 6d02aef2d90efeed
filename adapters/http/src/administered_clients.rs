//! Clients as administrators see, add and change them.

use std::collections::BTreeSet;

use jwksd_domain::client::{
    Audience, Client, ClientId, ClientName, ClientSecret, ClientState, Grant, NewClient, ScopeSet, StoredSecret,
};
use jwksd_domain::field::FieldError;
use jwksd_domain::usecase::{AddedClient, ClientSettings};
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde::Deserialize;

use crate::extract::{BodyOf, given};
use crate::routes::oauth_bodies::GrantName;

/// Whether a client is let in.
#[derive(Clone, Copy, Deserialize, Enum)]
#[oai(rename = "ClientState", rename_all = "lowercase")]
#[serde(try_from = "String")]
pub(crate) enum ClientStateName {
    /// It is.
    Active,
    /// It is not, and its tokens are not active any more, until it is active again.
    Disabled,
}

/// A secret of a client, but for the secret itself.
#[derive(Object)]
struct SecretEntry {
    /// What it is called where it is retired.
    id: String,
    /// When it was made, in RFC 3339.
    created_at: String,
}

/// A client.
#[derive(Object)]
pub(crate) struct ClientEntry {
    /// The id, and the `sub` of its own tokens.
    client_id: String,
    /// What it is, for people.
    name: String,
    /// The scopes that its tokens may have.
    scopes: Vec<String>,
    /// Whom its tokens may be for; the first where it does not say.
    audiences: Vec<String>,
    /// The ways to a token that it may take.
    grant_types: Vec<GrantName>,
    /// Whether it is let in.
    state: ClientStateName,
    /// Its secrets, one or two, the older one first.
    secrets: Vec<SecretEntry>,
    /// When it was added, in RFC 3339.
    created_at: String,
}

/// A page of clients.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ClientList {
    /// The clients, by their ids.
    pub(crate) clients: Vec<ClientEntry>,
    /// Where the next page begins, if there may be one.
    pub(crate) next: Option<String>,
}

/// A client that was added.
#[derive(Object)]
pub(crate) struct RegisteredClient {
    #[oai(flatten)]
    client: ClientEntry,
    /// Its secret; shown this once.
    client_secret: String,
}

/// A secret that was made.
#[derive(Object)]
pub(crate) struct MadeSecret {
    /// What it is called where it is retired.
    id: String,
    /// The secret; shown this once.
    client_secret: String,
}

/// A client that is to be added.
#[derive(Deserialize, Object)]
#[oai(rename = "NewClient", example, skip_serializing_if_is_none)]
pub(crate) struct ClientToAdd {
    /// The id: lower-case letters, digits and `. _ -`, the first of them a letter.
    #[oai(validator(min_length = 2, max_length = 64, pattern = "^[a-z][a-z0-9._-]+$"))]
    client_id: String,
    /// What it is, for people; the id where it is not given.
    #[oai(validator(min_length = 1, max_length = 100))]
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    /// The scopes that its tokens may have; none where they are not given.
    #[oai(validator(max_items = 32))]
    #[serde(default, deserialize_with = "given")]
    scopes: Option<Vec<String>>,
    /// Whom its tokens may be for, the usual one first; the audience of the users' tokens where they are not given.
    #[oai(validator(min_items = 1, max_items = 16))]
    #[serde(default, deserialize_with = "given")]
    audiences: Option<Vec<String>>,
    /// The ways to a token that it may take; `client_credentials` where they are not given.
    #[serde(default, deserialize_with = "given")]
    grant_types: Option<Vec<GrantName>>,
}

/// What is to become of a client. What is not given stays.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct ClientChanges {
    /// What it is, for people.
    #[oai(validator(min_length = 1, max_length = 100))]
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    /// The scopes that its tokens may have from now on.
    #[oai(validator(max_items = 32))]
    #[serde(default, deserialize_with = "given")]
    scopes: Option<Vec<String>>,
    /// Whom its tokens may be for from now on.
    #[oai(validator(min_items = 1, max_items = 16))]
    #[serde(default, deserialize_with = "given")]
    audiences: Option<Vec<String>>,
    /// The ways to a token that it may take from now on.
    #[serde(default, deserialize_with = "given")]
    grant_types: Option<Vec<GrantName>>,
    /// Whether it is let in from now on.
    #[serde(default, deserialize_with = "given")]
    state: Option<ClientStateName>,
}

impl ClientToAdd {
    /// The client as the use case takes it.
    pub(crate) fn new_client(self) -> Result<NewClient, FieldError> {
        let Self { client_id, name, scopes, audiences, grant_types } = self;
        Ok(NewClient {
            id: ClientId::parse(&client_id)?,
            name: ClientName::parse(name.as_deref().unwrap_or(&client_id))?,
            scopes: self::scopes(&scopes.unwrap_or_default())?,
            audiences: match audiences {
                Some(given) if given.is_empty() => return Err(FieldError::new("audiences", "must name at least one")),
                given => self::audiences(&given.unwrap_or_default())?,
            },
            grants: grant_types.map_or_else(|| BTreeSet::from([Grant::ClientCredentials]), grants),
        })
    }
}

impl ClientChanges {
    /// The changes as the use case takes them.
    pub(crate) fn settings(self) -> Result<ClientSettings, FieldError> {
        let Self { name, scopes, audiences, grant_types, state } = self;
        Ok(ClientSettings {
            name: name.as_deref().map(ClientName::parse).transpose()?,
            scopes: scopes.as_deref().map(self::scopes).transpose()?,
            audiences: audiences.as_deref().map(self::audiences).transpose()?,
            grants: grant_types.map(grants),
            state: state.map(ClientState::from),
        })
    }
}

fn scopes(given: &[String]) -> Result<ScopeSet, FieldError> {
    ScopeSet::of(given.iter().map(String::as_str))
}

fn audiences(given: &[String]) -> Result<Vec<Audience>, FieldError> {
    given.iter().map(|text| Audience::parse(text)).collect()
}

fn grants(given: Vec<GrantName>) -> BTreeSet<Grant> {
    given.into_iter().map(Grant::from).collect()
}

impl From<AddedClient> for RegisteredClient {
    fn from(added: AddedClient) -> Self {
        Self { client: added.client.into(), client_secret: added.secret.expose().to_owned() }
    }
}

impl From<ClientSecret> for MadeSecret {
    fn from(secret: ClientSecret) -> Self {
        Self { id: secret.hash().id().to_string(), client_secret: secret.expose().to_owned() }
    }
}

impl From<Client> for ClientEntry {
    fn from(client: Client) -> Self {
        let Client { revision: _, id, name, scopes, audiences, grants, state, secrets, created_at } = client;
        Self {
            client_id: id.to_string(),
            name: name.as_str().to_owned(),
            scopes: scopes.iter().map(str::to_owned).collect(),
            audiences: audiences.iter().map(|audience| audience.as_str().to_owned()).collect(),
            grant_types: grants.into_iter().map(GrantName::from).collect(),
            state: state.into(),
            secrets: secrets.iter().map(SecretEntry::from).collect(),
            created_at: created_at.to_string(),
        }
    }
}

impl From<&StoredSecret> for SecretEntry {
    fn from(secret: &StoredSecret) -> Self {
        Self { id: secret.id().to_string(), created_at: secret.created_at.to_string() }
    }
}

impl From<ClientState> for ClientStateName {
    fn from(state: ClientState) -> Self {
        match state {
            ClientState::Active => Self::Active,
            ClientState::Disabled => Self::Disabled,
        }
    }
}

impl From<ClientStateName> for ClientState {
    fn from(name: ClientStateName) -> Self {
        match name {
            ClientStateName::Active => Self::Active,
            ClientStateName::Disabled => Self::Disabled,
        }
    }
}

impl TryFrom<String> for ClientStateName {
    type Error = &'static str;

    /// The error is worded as serde's own are, of which `parse.rs` reads what was expected.
    fn try_from(name: String) -> Result<Self, &'static str> {
        ClientState::from_name(&name).map(Self::from).ok_or("unknown state, expected active or disabled")
    }
}

impl BodyOf for ClientToAdd {}

impl BodyOf for ClientChanges {}

impl Example for ClientToAdd {
    fn example() -> Self {
        Self {
            client_id: "nightly-reports".to_owned(),
            name: Some("Nightly reports".to_owned()),
            scopes: Some(vec!["read".to_owned()]),
            audiences: Some(vec!["https://api.example.com".to_owned()]),
            grant_types: Some(vec![GrantName::ClientCredentials]),
        }
    }
}

impl Example for ClientChanges {
    fn example() -> Self {
        Self {
            name: None,
            scopes: Some(vec!["read".to_owned(), "write".to_owned()]),
            audiences: None,
            grant_types: None,
            state: Some(ClientStateName::Active),
        }
    }
}
