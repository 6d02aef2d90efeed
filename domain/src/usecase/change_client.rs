//! Changing a client as an administrator: its settings, its state and its secrets.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::identifiers::client_secret;
use super::{Editor, Outage};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::client::{
    Audience, Client, ClientId, ClientName, ClientSecret, ClientState, Grant, ScopeSet, SecretError, SecretId,
    check_audiences,
};
use crate::field::FieldError;
use crate::ports::{AuditLog, ClientRepository, Clock, Entropy, StoreError};
use crate::time::Timestamp;

/// How often a change is made anew when others are faster.
const ATTEMPTS: usize = 4;

/// What is to become of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientEdit {
    /// Other settings.
    Settings(ClientSettings),
    /// One more secret, which is made and answered once.
    AddSecret,
    /// One secret less.
    RetireSecret(SecretId),
}

/// What a client is to be from now on. What is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientSettings {
    /// What it is, for people.
    pub name: Option<ClientName>,
    /// The scopes that its tokens may have.
    pub scopes: Option<ScopeSet>,
    /// Whom its tokens may be for.
    pub audiences: Option<Vec<Audience>>,
    /// The ways to a token that it may take.
    pub grants: Option<BTreeSet<Grant>>,
    /// Whether it is let in.
    pub state: Option<ClientState>,
}

/// Why a client was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeClientError {
    /// There is no such client.
    #[error("there is no such client")]
    Unknown,
    /// A field does not hold what it must.
    #[error(transparent)]
    Invalid(#[from] FieldError),
    /// The secret cannot be added or retired.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What [`ChangeClient`] needs.
pub struct ChangeClientParts {
    /// The clients.
    pub clients: Arc<dyn ClientRepository>,
    /// Writes every change down.
    pub audit: Arc<dyn AuditLog>,
    /// Makes secrets.
    pub entropy: Arc<dyn Entropy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Changes clients.
pub struct ChangeClient(ChangeClientParts);

impl ClientEdit {
    /// What the log tells of it, and of the secret that was made for it.
    fn told(&self, made: Option<&ClientSecret>) -> String {
        match (self, made) {
            (Self::Settings(settings), _) => settings.told(),
            (Self::RetireSecret(id), _) => format!("retire secret={id}"),
            (Self::AddSecret, made) => {
                format!("add secret={}", made.map_or_else(String::new, |secret| secret.hash().id().to_string()))
            }
        }
    }
}

impl ClientSettings {
    /// What the log tells of those that are given.
    pub(super) fn told(&self) -> String {
        let joined = |names: Vec<&str>| names.join(" ");
        let Self { name, scopes, audiences, grants, state } = self;
        let told = [
            name.as_ref().map(|name| format!("name={}", name.as_str())),
            scopes.as_ref().map(|scopes| format!("scopes={scopes}")),
            audiences.as_ref().map(|all| format!("audiences={}", joined(all.iter().map(Audience::as_str).collect()))),
            grants
                .as_ref()
                .map(|all| format!("grant_types={}", joined(all.iter().map(|grant| grant.as_str()).collect()))),
            state.map(|state| format!("state={}", state.as_str())),
        ];
        told.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl ChangeClient {
    /// Changes clients by `parts`.
    pub const fn new(parts: ChangeClientParts) -> Self {
        Self(parts)
    }

    /// Changes one; answers the client as it now is, and the secret if one was made.
    ///
    /// # Errors
    /// See [`ChangeClientError`]; nothing was changed then.
    pub async fn run(
        &self,
        id: &ClientId,
        edit: ClientEdit,
        by: Editor,
    ) -> Result<(Client, Option<ClientSecret>), ChangeClientError> {
        let (now, user_id, origin) = (self.0.clock.now(), by.administrator(), by.origin());
        let secret = (edit == ClientEdit::AddSecret).then(|| client_secret(&*self.0.entropy));
        let changed = self.change(id, &edit, secret.as_ref(), now).await?;
        let mut entry = AuditEntry::new(now, origin, Event::ClientAdministered, Outcome::Success);
        (entry.user_id, entry.name) = (user_id, Some(id.to_string()));
        entry.detail = Some(edit.told(secret.as_ref())).filter(|told| !told.is_empty());
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        Ok((changed, secret))
    }

    async fn change(
        &self,
        id: &ClientId,
        edit: &ClientEdit,
        secret: Option<&ClientSecret>,
        now: Timestamp,
    ) -> Result<Client, ChangeClientError> {
        for _ in 0..ATTEMPTS {
            let found = self.0.clients.find(id).await.map_err(Outage::from)?;
            let mut client = found.ok_or(ChangeClientError::Unknown)?;
            match (edit, secret) {
                (ClientEdit::Settings(settings), _) => apply(&mut client, settings.clone())?,
                (ClientEdit::RetireSecret(id), _) => client.retire_secret(id)?,
                (ClientEdit::AddSecret, Some(secret)) => client.add_secret(secret, now)?,
                (ClientEdit::AddSecret, None) => {}
            }
            match self.0.clients.replace(&client).await {
                Ok(()) => return Ok(Client { revision: client.revision + 1, ..client }),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(Outage::from(error).into()),
            }
        }
        Err(Outage::from(StoreError::Conflict).into())
    }
}

fn apply(client: &mut Client, settings: ClientSettings) -> Result<(), FieldError> {
    let ClientSettings { name, scopes, audiences, grants, state } = settings;
    if let Some(audiences) = audiences {
        check_audiences(&audiences)?;
        client.audiences = audiences;
    }
    client.name = name.unwrap_or_else(|| client.name.clone());
    client.scopes = scopes.unwrap_or_else(|| client.scopes.clone());
    client.grants = grants.unwrap_or_else(|| client.grants.clone());
    client.state = state.unwrap_or(client.state);
    Ok(())
}
