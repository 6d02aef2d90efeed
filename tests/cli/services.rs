//! A service that verifies with the crate, beside a real server: discovery, keys, and what was called back.

use jwksd_verifier::{
    Algorithm, Fault, HttpFetch, NoMore, Policy, RemoteJwks, StatusLists, TokenType, Verifier, VerifyError,
};
use serde_json::Value;

use crate::sandbox::{Sandbox, Server};

/// What any service configures.
fn verifier(server: &Server) -> Verifier {
    let issuer = server.url();
    let policy = Policy::builder(&issuer, &issuer, &[Algorithm::Rs256]);
    let policy = policy.token_types(&[TokenType::Jwt, TokenType::AccessToken]).require("status").build().unwrap();
    Verifier::new(policy, RemoteJwks::discover(&issuer).unwrap()).with_status_lists(StatusLists::new(HttpFetch::new()))
}

fn token(server: &Server, path: &str, name: &str) -> String {
    let (_, answer) = server.ask("POST", path, r#"{"username":"userABC","password":"password123"}"#);
    serde_json::from_str::<Value>(&answer).unwrap()[name].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_finds_the_keys_by_discovery_and_refuses_what_was_called_back() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let verifier = verifier(&server);
    let kept = token(&server, "/auth", "token");
    let ended = token(&server, "/auth/login", "access_token");
    let (status, _) = server.ask_as(&ended, "POST", "/auth/logout", "");
    assert_eq!(status, 204);
    let claims = verifier.verify::<NoMore>(&kept).await.unwrap().claims;
    assert!(claims.status.is_some());
    let refused = verifier.verify::<NoMore>(&ended).await;
    assert!(matches!(refused, Err(VerifyError::Refused(Fault::Revoked))), "{refused:?}");
    let expired = server.ask("POST", "/auth?expired", "").1;
    let expired = serde_json::from_str::<Value>(&expired).unwrap()["token"].as_str().unwrap().to_owned();
    let refused = verifier.verify::<NoMore>(&expired).await;
    assert!(matches!(refused, Err(VerifyError::Refused(Fault::UnknownKey))), "{refused:?}");
}
