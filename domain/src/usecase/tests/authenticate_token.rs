//! Tokens that must not be taken for what they claim.

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};

use super::{
    NOW, clock, key, keyring, session, settled_keyring, settled_ring, token_issuer, token_policy, user, working_signer,
};
use crate::key::PublicJwk;
use crate::ports::{
    MockClientRepository, MockKeyRepository, MockRevocationList, MockSessionRepository, MockSignatureVerifier,
    MockUserRepository,
};
use crate::session::{EndReason, Session, SessionEnd};
use crate::token::{TokenFault, TokenPolicy};
use crate::usecase::{AuthenticateError, AuthenticateToken, AuthenticateTokenParts, Caller, TokenLife};
use crate::user::{DemoUsers, User, UserId, UserState};

async fn token() -> String {
    token_issuer(&settled_keyring().await, working_signer()).run(&user(), TokenLife::Usual).await.unwrap().token
}

async fn authenticate(token: &str, found: Option<User>, policy: TokenPolicy) -> Result<Caller, AuthenticateError> {
    authenticate_in(token, found, policy, None).await
}

async fn authenticate_in(
    token: &str,
    found: Option<User>,
    policy: TokenPolicy,
    session: Option<Session>,
) -> Result<Caller, AuthenticateError> {
    let mut sessions = MockSessionRepository::new();
    sessions.expect_find().returning(move |_| Ok(session.clone()));
    let (mut verifier, mut users) = (MockSignatureVerifier::new(), MockUserRepository::new());
    verifier.expect_verify().returning(|_: &PublicJwk, _, signature| Ok(signature == [0; 64]));
    users.expect_find().returning(move |_| Ok(found.clone()));
    let keyring = settled_keyring().await;
    let mut revocations = MockRevocationList::new();
    revocations.expect_contains().returning(|_| Ok(false));
    let parts = AuthenticateTokenParts {
        keyring,
        verifier: Arc::new(verifier),
        users: Arc::new(users),
        sessions: Arc::new(sessions),
        clients: Arc::new(MockClientRepository::new()),
        revocations: Arc::new(revocations),
        clock: clock(),
    };
    AuthenticateToken::new(parts, policy, DemoUsers::Refused).run(token).await
}

async fn fault(token: &str) -> TokenFault {
    match authenticate(token, Some(user()), token_policy()).await {
        Err(AuthenticateError::Invalid(fault)) => fault,
        other => panic!("not refused as invalid: {:?}", other.map(|caller| caller.claims)),
    }
}

#[tokio::test]
async fn a_good_token_leads_to_its_user() {
    let caller = authenticate(&token().await, Some(user()), token_policy()).await.unwrap();
    assert_eq!((caller.user.id, caller.claims.exp), (UserId(7), NOW.unix_seconds() + 900));
}

#[tokio::test]
async fn tampered_tokens_are_refused_by_name() {
    let token = token().await;
    let [header, payload, _] = token.split('.').collect::<Vec<_>>()[..] else { panic!("not compact") };
    assert_eq!(fault(&format!("{header}.{payload}.AAAA")).await, TokenFault::BadSignature);
    let kid = key(1, NOW).kid().clone();
    let none = Base64UrlUnpadded::encode_string(format!(r#"{{"alg":"none","kid":"{kid}"}}"#).as_bytes());
    assert_eq!(fault(&format!("{none}.{payload}.")).await, TokenFault::WrongAlgorithm);
    let stranger = Base64UrlUnpadded::encode_string(br#"{"alg":"EdDSA","kid":"../../etc/passwd"}"#);
    assert_eq!(fault(&format!("{stranger}.{payload}.AAAA")).await, TokenFault::UnknownKey);
}

/// Whoever sends made-up kids costs a look into memory each: no store, no signature.
#[tokio::test]
async fn a_flood_of_unknown_kids_asks_no_store() {
    let mut repository = MockKeyRepository::new();
    repository.expect_load().times(1).returning(|| Ok(settled_ring(1)));
    let keyring = keyring(repository).await;
    // No mock expects a call.
    let (verifier, users) = (Arc::new(MockSignatureVerifier::new()), Arc::new(MockUserRepository::new()));
    let parts = AuthenticateTokenParts {
        keyring,
        verifier,
        users,
        sessions: Arc::new(MockSessionRepository::new()),
        clients: Arc::new(MockClientRepository::new()),
        revocations: Arc::new(MockRevocationList::new()),
        clock: clock(),
    };
    let use_case = AuthenticateToken::new(parts, token_policy(), DemoUsers::Refused);
    let token = token().await;
    let (_, rest) = token.split_once('.').unwrap();
    for number in 0..1000 {
        let header = format!(r#"{{"alg":"EdDSA","kid":"{number:043}"}}"#);
        let forged = format!("{}.{rest}", Base64UrlUnpadded::encode_string(header.as_bytes()));
        let refused = use_case.run(&forged).await;
        assert!(matches!(refused, Err(AuthenticateError::Invalid(TokenFault::UnknownKey))));
    }
}

#[tokio::test]
async fn a_token_for_somebody_else_is_refused() {
    let token = token().await;
    let refused = |policy| async { authenticate(&token, Some(user()), policy).await.unwrap_err().to_string() };
    let other_issuer = TokenPolicy { issuer: "https://other.example".to_owned(), ..token_policy() };
    assert_eq!(refused(other_issuer).await, TokenFault::WrongIssuer.to_string());
    let other_audience = TokenPolicy { audience: "https://api.example".to_owned(), ..token_policy() };
    assert_eq!(refused(other_audience).await, TokenFault::WrongAudience.to_string());
}

#[tokio::test]
async fn a_user_who_is_gone_or_disabled_or_another_is_refused() {
    let token = token().await;
    let disabled = User { state: UserState::Disabled, ..user() };
    let another = User { id: UserId(8), ..user() };
    let demo = User { demo: true, ..user() };
    for found in [None, Some(disabled), Some(another), Some(demo)] {
        let refused = authenticate(&token, found, token_policy()).await;
        assert!(matches!(refused, Err(AuthenticateError::Invalid(TokenFault::UserGone))));
    }
}

#[tokio::test]
async fn a_token_is_good_as_long_as_its_session_was_not_ended() {
    let tokens = token_issuer(&settled_keyring().await, working_signer());
    let token = tokens.run_in(&session(), &user()).await.unwrap().token;
    let caller = authenticate_in(&token, Some(user()), token_policy(), Some(session())).await.unwrap();
    assert_eq!((caller.claims.sid, caller.claims.amr), (session().id.to_string(), vec!["pwd".to_owned()]));
    let end = Some(SessionEnd { at: NOW, reason: EndReason::LoggedOut });
    let ended = authenticate_in(&token, Some(user()), token_policy(), Some(Session { end, ..session() })).await;
    assert!(matches!(ended, Err(AuthenticateError::Invalid(TokenFault::SessionEnded))));
}
