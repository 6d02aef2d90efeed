//! The demo client is added where nobody has its id, and changes nobody who has.

use std::sync::{Arc, Mutex};

use super::{client, clock, down};
use crate::client::{DEMO_CLIENT, demo_secret};
use crate::ports::{MockClientRepository, StoreError};
use crate::usecase::SeedDemoClient;

fn seeding(clients: MockClientRepository) -> SeedDemoClient {
    SeedDemoClient::new(Arc::new(clients), clock(), "https://api.example.com".to_owned())
}

#[tokio::test]
async fn it_is_added_with_the_secret_that_everybody_knows() {
    let added = Arc::new(Mutex::new(Vec::new()));
    let mut clients = MockClientRepository::new();
    clients.expect_find().returning(|_| Ok(None));
    let kept = Arc::clone(&added);
    clients.expect_insert().times(1).returning(move |client| {
        kept.lock().unwrap().push(client.clone());
        Ok(())
    });
    seeding(clients).run().await.unwrap();
    let added = added.lock().unwrap();
    assert!(added[0].recognizes(&demo_secret().unwrap().hash()));
    assert_eq!((added[0].id.as_str(), added[0].audiences[0].as_str()), (DEMO_CLIENT, "https://api.example.com"));
}

#[tokio::test]
async fn who_has_its_id_stays_as_it_is() {
    let mut clients = MockClientRepository::new();
    clients.expect_find().returning(|_| Ok(Some(client())));
    clients.expect_insert().never();
    seeding(clients).run().await.unwrap();
    let mut faster = MockClientRepository::new();
    faster.expect_find().returning(|_| Ok(None));
    faster.expect_insert().returning(|_| Err(StoreError::Duplicate { field: "client_id" }));
    seeding(faster).run().await.unwrap();
}

#[tokio::test]
async fn a_store_that_is_down_is_told() {
    let mut clients = MockClientRepository::new();
    clients.expect_find().returning(|_| Err(down()));
    assert!(seeding(clients).run().await.is_err());
}
