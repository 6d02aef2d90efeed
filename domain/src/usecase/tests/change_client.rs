//! Adding and changing clients when others are faster, or something is down.

use std::sync::Arc;

use super::{client, clock, down, failing_log, recording_log};
use crate::audit::Outcome;
use crate::client::{Client, ClientId, ClientState, NewClient, SecretError};
use crate::ports::{MockAuditLog, MockClientRepository, MockEntropy, StoreError};
use crate::usecase::{
    AddClient, AddClientError, AddClientParts, AddedClient, ChangeClient, ChangeClientError, ChangeClientParts,
    ClientEdit, ClientSettings, Editor,
};

fn entropy() -> Arc<MockEntropy> {
    let mut entropy = MockEntropy::new();
    entropy.expect_fill().returning(|bytes| bytes.fill(8));
    Arc::new(entropy)
}

fn disabling() -> ClientEdit {
    ClientEdit::Settings(ClientSettings { state: Some(ClientState::Disabled), ..ClientSettings::default() })
}

async fn change(
    clients: MockClientRepository,
    audit: MockAuditLog,
    edit: ClientEdit,
) -> Result<Client, ChangeClientError> {
    let parts =
        ChangeClientParts { clients: Arc::new(clients), audit: Arc::new(audit), entropy: entropy(), clock: clock() };
    let changed = ChangeClient::new(parts).run(&client().id, edit, Editor::CommandLine).await;
    changed.map(|(client, _)| client)
}

async fn add(clients: MockClientRepository, audit: MockAuditLog) -> Result<AddedClient, AddClientError> {
    let Client { id, name, scopes, grants, .. } = client();
    let new = NewClient { id, name, scopes, audiences: vec![], grants };
    let parts =
        AddClientParts { clients: Arc::new(clients), audit: Arc::new(audit), entropy: entropy(), clock: clock() };
    AddClient::new(parts, "https://usual.example".to_owned()).run(new, Editor::CommandLine).await
}

#[tokio::test]
async fn a_change_that_was_overtaken_is_made_anew() {
    let mut clients = MockClientRepository::new();
    let mut revision = 0;
    clients.expect_find().times(2).returning(move |_| {
        revision += 1;
        Ok(Some(Client { revision, ..client() }))
    });
    clients.expect_replace().withf(|client| client.revision == 1).times(1).returning(|_| Err(StoreError::Conflict));
    clients.expect_replace().withf(|client| client.revision == 2).times(1).returning(|_| Ok(()));
    let (log, entries) = recording_log();
    let changed = change(clients, log, disabling()).await.unwrap();
    assert_eq!((changed.revision, changed.state), (3, ClientState::Disabled));
    assert_eq!(entries.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn one_that_is_always_overtaken_ends() {
    let mut clients = MockClientRepository::new();
    clients.expect_find().returning(|_| Ok(Some(client())));
    clients.expect_replace().times(4).returning(|_| Err(StoreError::Conflict));
    let refused = change(clients, MockAuditLog::new(), disabling()).await;
    assert!(matches!(refused, Err(ChangeClientError::Unavailable(_))));
}

#[tokio::test]
async fn what_the_rules_refuse_is_not_stored() {
    let mut full = client();
    full.add_secret(&crate::client::ClientSecret::from_random([9; 32]), full.created_at).unwrap();
    let mut clients = MockClientRepository::new();
    clients.expect_find().returning(move |_| Ok(Some(full.clone())));
    let refused = change(clients, MockAuditLog::new(), ClientEdit::AddSecret).await;
    assert!(matches!(refused, Err(ChangeClientError::Secret(SecretError::TooMany))));
    let mut nobody = MockClientRepository::new();
    nobody.expect_find().returning(|_| Ok(None));
    assert!(matches!(change(nobody, MockAuditLog::new(), disabling()).await, Err(ChangeClientError::Unknown)));
}

#[tokio::test]
async fn nothing_is_shown_that_was_not_logged() {
    let mut clients = MockClientRepository::new();
    clients.expect_find().returning(|_| Ok(Some(client())));
    clients.expect_replace().returning(|_| Ok(()));
    let refused = change(clients, failing_log(), ClientEdit::AddSecret).await;
    assert!(matches!(refused, Err(ChangeClientError::Unavailable(_))));
    let mut clients = MockClientRepository::new();
    clients.expect_insert().returning(|_| Ok(()));
    assert!(matches!(add(clients, failing_log()).await, Err(AddClientError::Unavailable(_))));
}

#[tokio::test]
async fn how_an_addition_ended_is_logged() {
    for (error, expected) in
        [(StoreError::Duplicate { field: "client_id" }, Outcome::Duplicate), (down(), Outcome::Failed)]
    {
        let mut clients = MockClientRepository::new();
        clients.expect_insert().return_once(|_| Err(error));
        let (log, entries) = recording_log();
        assert!(add(clients, log).await.is_err());
        assert_eq!(entries.lock().unwrap()[0].outcome, expected);
    }
}

#[tokio::test]
async fn without_an_audience_it_is_the_usual_one() {
    let mut clients = MockClientRepository::new();
    clients.expect_insert().returning(|_| Ok(()));
    let added = add(clients, recording_log().0).await.unwrap();
    assert_eq!(added.client.audiences[0].as_str(), "https://usual.example");
    assert!(added.client.recognizes(&added.secret.hash()));
    assert_eq!(added.client.id, ClientId::parse("reports").unwrap());
}
