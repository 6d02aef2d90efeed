//! What every `ClientRepository` promises.

use std::collections::BTreeSet;
use std::sync::Arc;

use jwksd_domain::client::{
    Audience, Client, ClientId, ClientName, ClientSecret, ClientState, Grant, NewClient, ScopeSet,
};
use jwksd_domain::ports::{ClientRepository, StoreError};
use jwksd_domain::time::Timestamp;

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn ClientRepository>` without clients, or a
/// [`Fixture`](crate::Fixture) of one.
#[macro_export]
macro_rules! client_repository_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            client_repository,
            $make,
            [
                has_nobody_at_first,
                answers_what_it_added,
                refuses_a_taken_id,
                lets_one_of_many_concurrent_inserts_win,
                replaces_all_but_the_id,
                refuses_a_stale_revision,
                refuses_to_replace_nobody,
                lets_one_of_many_concurrent_replacements_win,
                changes_one_client_only,
                lists_in_order_page_by_page,
            ]
        );
    };
}

/// Absence is no error.
pub async fn has_nobody_at_first(clients: &Arc<dyn ClientRepository>) {
    assert_eq!(clients.find(&id("reports")).await.unwrap(), None);
    assert_eq!(clients.list(None, 10).await.unwrap(), []);
}

/// A client comes back with all that was given, its lists in their order.
pub async fn answers_what_it_added(clients: &Arc<dyn ClientRepository>) {
    let mut full = client("reports");
    full.add_secret(&secret(2), at(1_800_000_100)).unwrap();
    let bare = Client { scopes: ScopeSet::default(), grants: BTreeSet::new(), ..client("bare") };
    for client in [&full, &bare] {
        clients.insert(client).await.unwrap();
        assert_eq!(clients.find(&client.id).await.unwrap().as_ref(), Some(client));
    }
    assert_eq!(clients.find(&id("report")).await.unwrap(), None);
}

/// The one that is there stays.
pub async fn refuses_a_taken_id(clients: &Arc<dyn ClientRepository>) {
    let first = add(clients, "reports").await;
    let second = Client { name: ClientName::parse("Another").unwrap(), ..client("reports") };
    assert!(matches!(clients.insert(&second).await, Err(StoreError::Duplicate { field: "client_id" })));
    assert_eq!(clients.find(&first.id).await.unwrap(), Some(first));
}

/// Of many clients of one id at the same instant, one is added.
pub async fn lets_one_of_many_concurrent_inserts_win(clients: &Arc<dyn ClientRepository>) {
    let contenders = (0..16).map(|_| {
        let clients = Arc::clone(clients);
        tokio::spawn(async move { clients.insert(&client("reports")).await })
    });
    let mut winners = 0;
    for contender in contenders.collect::<Vec<_>>() {
        match contender.await.unwrap() {
            Ok(()) => winners += 1,
            Err(error) => assert!(matches!(error, StoreError::Duplicate { field: "client_id" })),
        }
    }
    assert_eq!(winners, 1);
}

/// The revision goes up by one, and secrets that are gone are gone.
pub async fn replaces_all_but_the_id(clients: &Arc<dyn ClientRepository>) {
    let mut changed = add(clients, "reports").await;
    changed.add_secret(&secret(2), at(1_800_000_100)).unwrap();
    let older = changed.secrets[0].id();
    for round in 0..2_u32 {
        changed.name = ClientName::parse(&format!("Name {round}")).unwrap();
        changed.scopes = ScopeSet::parse("write").unwrap();
        changed.audiences = vec![audience("b"), audience("a")];
        changed.grants = BTreeSet::from(Grant::ALL);
        changed.state = ClientState::Disabled;
        clients.replace(&changed).await.unwrap();
        changed.revision += 1;
        assert_eq!(clients.find(&changed.id).await.unwrap().as_ref(), Some(&changed));
        if round == 0 {
            changed.retire_secret(&older).unwrap();
        }
    }
}

/// Whoever has loaded an older client must load it anew.
pub async fn refuses_a_stale_revision(clients: &Arc<dyn ClientRepository>) {
    let loaded = add(clients, "reports").await;
    clients.replace(&loaded).await.unwrap();
    let stored = clients.find(&loaded.id).await.unwrap();
    let stale = Client { state: ClientState::Disabled, secrets: Vec::new(), ..loaded };
    assert!(matches!(clients.replace(&stale).await, Err(StoreError::Conflict)));
    let early = Client { revision: 7, ..stale };
    assert!(matches!(clients.replace(&early).await, Err(StoreError::Conflict)));
    assert_eq!(clients.find(&early.id).await.unwrap(), stored);
}

/// Nobody is added that way.
pub async fn refuses_to_replace_nobody(clients: &Arc<dyn ClientRepository>) {
    assert!(matches!(clients.replace(&client("reports")).await, Err(StoreError::Conflict)));
    assert_eq!(clients.list(None, 10).await.unwrap(), []);
}

/// Of many replacements of one revision, one is made.
pub async fn lets_one_of_many_concurrent_replacements_win(clients: &Arc<dyn ClientRepository>) {
    let loaded = add(clients, "reports").await;
    let contenders = (0..16).map(|_| {
        let (clients, loaded) = (Arc::clone(clients), loaded.clone());
        tokio::spawn(async move { clients.replace(&loaded).await })
    });
    let mut winners = 0;
    for contender in contenders.collect::<Vec<_>>() {
        match contender.await.unwrap() {
            Ok(()) => winners += 1,
            Err(error) => assert!(matches!(error, StoreError::Conflict)),
        }
    }
    assert_eq!(winners, 1);
    assert_eq!(clients.find(&loaded.id).await.unwrap().unwrap().revision, 1);
}

/// Others stay as they are.
pub async fn changes_one_client_only(clients: &Arc<dyn ClientRepository>) {
    let (one, other) = (add(clients, "reports").await, add(clients, "reports-2").await);
    clients.replace(&Client { state: ClientState::Disabled, ..one }).await.unwrap();
    assert_eq!(clients.find(&other.id).await.unwrap(), Some(other));
}

/// Each client is listed once, with its secrets.
pub async fn lists_in_order_page_by_page(clients: &Arc<dyn ClientRepository>) {
    for name in ["cc", "a-b", "b2", "a.b", "dd"] {
        let mut new = client(name);
        new.add_secret(&secret(2), at(1_800_000_100)).unwrap();
        clients.insert(&new).await.unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = clients.list(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2 && page.iter().all(|client| client.secrets.len() == 2));
        after = Some(last.id.clone());
        seen.extend(page.into_iter().map(|client| client.id.to_string()));
    }
    assert_eq!(seen, ["a-b", "a.b", "b2", "cc", "dd"]);
}

/// A client of that id with one secret.
pub fn client(name: &str) -> Client {
    let new = NewClient {
        id: id(name),
        name: ClientName::parse("Nightly reports (ünïcode)").unwrap(),
        scopes: ScopeSet::parse("read reports:write").unwrap(),
        audiences: vec![audience("https://api.example.com"), audience("ab")],
        grants: BTreeSet::from([Grant::ClientCredentials]),
    };
    Client::new(new, &secret(1), at(1_800_000_000)).unwrap()
}

async fn add(clients: &Arc<dyn ClientRepository>, name: &str) -> Client {
    let client = client(name);
    clients.insert(&client).await.unwrap();
    client
}

fn id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

fn audience(text: &str) -> Audience {
    Audience::parse(text).unwrap()
}

fn secret(seed: u8) -> ClientSecret {
    ClientSecret::from_random([seed; 32])
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}
