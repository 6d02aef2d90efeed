//! `jwksd clients`: administering clients at the database itself, also while a server runs on it.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::anyhow;
use jwksd_domain::client::{
    Audience, Client, ClientId, ClientName, ClientSecret, ClientState, Grant, NewClient, ScopeSet, SecretId,
};
use jwksd_domain::usecase::{
    AddClient, AddClientParts, ChangeClient, ChangeClientParts, ClientEdit, ClientSettings, Editor, ListClients,
};
use serde_json::{Value, json};

use crate::cli::{ClientsCommand, Output};
use crate::compose::{self, Stores};
use crate::config::Config;

use super::output;
use super::users::{existing_stores, lasting_stores};

const COLUMNS: [&str; 8] = ["client_id", "name", "scopes", "audiences", "grants", "state", "secrets", "created_at"];
/// How many clients are asked for at once.
const PAGE: u32 = 500;

/// Does what `command` says.
pub(super) async fn run(config: &Config, command: ClientsCommand) -> anyhow::Result<()> {
    let stores = match command {
        ClientsCommand::Add { .. } => lasting_stores(config).await?,
        _ => existing_stores(config).await?,
    };
    let done = carry_out(config, &stores, command).await;
    stores.close().await;
    done
}

async fn carry_out(config: &Config, stores: &Stores, command: ClientsCommand) -> anyhow::Result<()> {
    match command {
        ClientsCommand::Add { id, name, scopes, audiences, grants, listing } => {
            let grants = grants.iter().map(|grant| Grant::from_name(grant));
            let new = NewClient {
                name: ClientName::parse(name.as_deref().unwrap_or(&id))?,
                id: ClientId::parse(&id)?,
                scopes: ScopeSet::of(scopes.iter().map(String::as_str))?,
                audiences: audiences.iter().map(|text| Audience::parse(text)).collect::<Result<_, _>>()?,
                grants: grants.collect::<Option<BTreeSet<_>>>().ok_or_else(|| anyhow!("there is no such grant"))?,
            };
            let added = adding(config, stores).run(new, Editor::CommandLine).await?;
            told(&added.client, &added.secret, listing.output)
        }
        ClientsCommand::List(listing) => list(stores, listing.output).await,
        ClientsCommand::RollSecret { id, listing } => {
            let (client, secret) = change(stores, &id, ClientEdit::AddSecret).await?;
            let secret = secret.ok_or_else(|| anyhow!("no secret was made"))?;
            told(&client, &secret, listing.output)
        }
        ClientsCommand::RetireSecret { id, secret } => {
            let secret = SecretId::parse(&secret).ok_or_else(|| anyhow!("the client has no such secret"))?;
            change(stores, &id, ClientEdit::RetireSecret(secret)).await.map(|_| ())
        }
        ClientsCommand::Disable { id } => set_state(stores, &id, ClientState::Disabled).await,
        ClientsCommand::Enable { id } => set_state(stores, &id, ClientState::Active).await,
    }
}

fn adding(config: &Config, stores: &Stores) -> AddClient {
    let parts = AddClientParts {
        clients: Arc::clone(&stores.clients),
        audit: Arc::clone(&stores.audit),
        entropy: compose::entropy(),
        clock: compose::clock(),
    };
    AddClient::new(parts, config.token_policy().audience)
}

async fn change(stores: &Stores, id: &str, edit: ClientEdit) -> anyhow::Result<(Client, Option<ClientSecret>)> {
    let use_case = ChangeClient::new(ChangeClientParts {
        clients: Arc::clone(&stores.clients),
        audit: Arc::clone(&stores.audit),
        entropy: compose::entropy(),
        clock: compose::clock(),
    });
    Ok(use_case.run(&ClientId::parse(id)?, edit, Editor::CommandLine).await?)
}

async fn set_state(stores: &Stores, id: &str, state: ClientState) -> anyhow::Result<()> {
    let settings = ClientSettings { state: Some(state), ..ClientSettings::default() };
    change(stores, id, ClientEdit::Settings(settings)).await.map(|_| ())
}

async fn list(stores: &Stores, form: Output) -> anyhow::Result<()> {
    let use_case = ListClients::new(Arc::clone(&stores.clients));
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = use_case.run(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        rows.extend(page.iter().map(row));
    }
    output::print_rows(&COLUMNS, &rows, form)
}

fn row(client: &Client) -> Vec<Value> {
    let audiences: Vec<_> = client.audiences.iter().map(Audience::as_str).collect();
    let grants: Vec<_> = client.grants.iter().map(|grant| grant.as_str()).collect();
    let secrets: Vec<_> = client.secrets.iter().map(|secret| secret.id().to_string()).collect();
    vec![
        json!(client.id.as_str()),
        json!(client.name.as_str()),
        json!(client.scopes.to_string()),
        json!(audiences.join(" ")),
        json!(grants.join(" ")),
        json!(client.state.as_str()),
        json!(secrets.join(" ")),
        json!(client.created_at.to_string()),
    ]
}

/// Shows a secret that was made: this once.
fn told(client: &Client, secret: &ClientSecret, form: Output) -> anyhow::Result<()> {
    match form {
        Output::Text => output::print(&format!("{}\n", secret.expose())),
        Output::Json => output::print_json(&json!({
            "client_id": client.id.as_str(),
            "secret_id": secret.hash().id().as_str(),
            "client_secret": secret.expose(),
        })),
    }
}
