//! Clients that are not let in, and what is not done for them.

use std::sync::Arc;
use std::time::Duration;

use super::{NOW, allowance, client, clock, down, origin, recording_log, session_policy, shown, token_policy};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::client::{Client, ClientSecret, ClientState};
use crate::limit::Refusal;
use crate::ports::{
    MockCipher, MockClientRepository, MockEntropy, MockKeyRepository, MockRateLimiter, MockRevocationList,
    MockSessionRepository, MockSignatureVerifier, MockUserRepository,
};
use crate::usecase::{
    AuthenticateClient, AuthenticateToken, AuthenticateTokenParts, Changes, ClientAuthError, ClientCredentials,
    FindSession, IntrospectToken, IntrospectTokenParts, Keyring, SessionSecrets,
};
use crate::user::DemoUsers;

fn entry() -> AuditEntry {
    AuditEntry::new(NOW, origin(), Event::ClientToken, Outcome::Success)
}

fn holding(found: Option<Client>) -> MockClientRepository {
    let mut clients = MockClientRepository::new();
    clients.expect_find().returning(move |_| Ok(found.clone()));
    clients
}

/// A limiter that lets look, and expects so many failures.
fn limiter(failures: usize) -> MockRateLimiter {
    let mut limiter = MockRateLimiter::new();
    limiter.expect_peek().returning(|_| Ok(Ok(allowance())));
    limiter.expect_spend().times(failures).returning(|_| Ok(Ok(allowance())));
    limiter
}

fn refusing() -> MockRateLimiter {
    let refusal = Refusal { limit: 10, retry_after: Duration::from_secs(3), reset_after: Duration::from_secs(30) };
    let mut limiter = MockRateLimiter::new();
    limiter.expect_peek().returning(move |_| Ok(Err(refusal)));
    limiter
}

async fn run(
    clients: MockClientRepository,
    limiter: MockRateLimiter,
    shown: Option<ClientCredentials>,
) -> (Result<Client, ClientAuthError>, Option<String>) {
    let mut entry = entry();
    let use_case = AuthenticateClient::new(Arc::new(clients), Arc::new(limiter), DemoUsers::Refused);
    let result = use_case.run(shown.as_ref(), &mut entry).await;
    (result, entry.name)
}

#[tokio::test]
async fn who_has_the_secret_spends_no_try() {
    let (known, name) = run(holding(Some(client())), limiter(0), Some(shown())).await;
    assert_eq!((known.unwrap(), name.as_deref()), (client(), Some("reports")));
}

#[tokio::test]
async fn every_failure_is_counted_and_told_alike() {
    let wrong = ClientCredentials { secret: ClientSecret::from_random([6; 32]), ..shown() };
    let disabled = Client { state: ClientState::Disabled, ..client() };
    let cases = [
        (holding(Some(client())), Some(wrong)),
        (holding(Some(disabled)), Some(shown())),
        (holding(None), Some(shown())),
        // Neither is worth a look into the store.
        (MockClientRepository::new(), Some(ClientCredentials { id: "7".to_owned(), ..shown() })),
        (MockClientRepository::new(), None),
    ];
    for (clients, shown) in cases {
        assert!(matches!(run(clients, limiter(1), shown).await.0, Err(ClientAuthError::Invalid)));
    }
}

#[tokio::test]
async fn past_the_limit_nothing_is_looked_at() {
    let (refused, name) = run(MockClientRepository::new(), refusing(), Some(shown())).await;
    assert!(matches!(refused, Err(ClientAuthError::Limited(refusal)) if refusal.retry_after.as_secs() == 3));
    assert_eq!(name.as_deref(), Some("reports"));
}

#[tokio::test]
async fn a_store_that_is_down_is_no_failure_of_the_client() {
    let mut clients = MockClientRepository::new();
    clients.expect_find().returning(|_| Err(down()));
    let (refused, _) = run(clients, limiter(0), Some(shown())).await;
    assert!(matches!(refused, Err(ClientAuthError::Unavailable(_))));
}

#[tokio::test]
async fn a_name_that_could_not_be_logged_is_not() {
    for id in ["", "a\nb", &"a".repeat(300)] {
        let credentials = ClientCredentials { id: id.to_owned(), ..shown() };
        assert_eq!(run(MockClientRepository::new(), limiter(1), Some(credentials)).await.1, None, "{id:?}");
    }
}

/// Who is not let in is told of in the log, and nothing of the token is looked at: no other mock expects a call.
#[tokio::test]
async fn nothing_is_looked_up_for_who_is_no_client() {
    let (log, entries) = recording_log();
    let keyring = Arc::new(Keyring::new(Arc::new(MockKeyRepository::new())));
    let parts = AuthenticateTokenParts {
        keyring: Arc::clone(&keyring),
        verifier: Arc::new(MockSignatureVerifier::new()),
        users: Arc::new(MockUserRepository::new()),
        sessions: Arc::new(MockSessionRepository::new()),
        clients: Arc::new(MockClientRepository::new()),
        revocations: Arc::new(MockRevocationList::new()),
        clock: clock(),
    };
    let secrets = SessionSecrets::new(Arc::new(MockCipher::new()), Arc::new(MockEntropy::new()));
    let use_case = IntrospectToken::new(IntrospectTokenParts {
        authenticate: Arc::new(AuthenticateClient::new(
            Arc::new(MockClientRepository::new()),
            Arc::new(limiter(1)),
            DemoUsers::Refused,
        )),
        tokens: Arc::new(AuthenticateToken::new(parts, token_policy(), DemoUsers::Refused)),
        sessions: Arc::new(FindSession::new(Arc::new(MockSessionRepository::new()), Arc::new(secrets))),
        users: Arc::new(MockUserRepository::new()),
        audit: Arc::new(log),
        clock: clock(),
        keyring,
        changes: Arc::new(Changes::default()),
        policy: session_policy(),
        demo_users: DemoUsers::Refused,
    });
    assert!(matches!(use_case.run("a.b.c", None, origin()).await, Err(ClientAuthError::Invalid)));
    let entries = entries.lock().unwrap();
    assert_eq!((entries.len(), entries[0].event), (1, Event::Introspection));
    assert_eq!(entries[0].outcome, Outcome::BadCredentials);
}
