//! The discovery documents: the issuer byte for byte, and nothing that does not exist.

use crate::test_app::{ENCRYPTION_KEY, TestApp};
use crate::wire::Call;

const PATHS: [&str; 2] = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

#[tokio::test]
async fn the_issuer_is_the_configured_one_byte_for_byte() {
    for issuer in ["https://auth.example.com", "https://auth.example.com/", "https://example.com/a/b"] {
        let flags = [("profile", "prod"), ("issuer", issuer), ("encryption-key", ENCRYPTION_KEY)];
        let app = TestApp::with(&flags).await;
        for path in PATHS {
            let document = app.get(path).await.json();
            assert_eq!(document["issuer"], issuer);
            let jwks = format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'));
            assert_eq!(document["jwks_uri"], jwks);
        }
    }
}

#[tokio::test]
async fn both_documents_tell_the_same() {
    let app = TestApp::dev().await;
    assert_eq!(app.get(PATHS[0]).await.body, app.get(PATHS[1]).await.body);
}

#[tokio::test]
async fn every_address_in_it_answers() {
    for app in [TestApp::dev().await, TestApp::prod().await] {
        let document = app.get(PATHS[0]).await.json();
        let issuer = document["issuer"].as_str().unwrap().to_owned();
        let members = document.as_object().unwrap();
        let addresses = members.iter().filter(|(name, _)| name.ends_with("_uri") || name.ends_with("_endpoint"));
        let others = members.get("service_documentation").into_iter();
        let mut count = 0;
        for address in addresses.map(|(_, value)| value).chain(others) {
            let path = address.as_str().unwrap().strip_prefix(&issuer).unwrap();
            let answer = app.send(Call::get(path)).await;
            let is_for_post = answer.status == 405 && answer.header("allow") == "POST";
            assert!(is_for_post || [200, 307, 401].contains(&answer.status), "{path}: {}", answer.status);
            count += 1;
        }
        assert!(count >= 6, "{document}");
    }
}

#[tokio::test]
async fn the_algorithms_are_those_of_the_published_keys() {
    for algorithm in ["ES256", "PS512", "EdDSA"] {
        let app = TestApp::with(&[("signing-algorithm", algorithm)]).await;
        let document = app.get(PATHS[1]).await.json();
        assert_eq!(document["id_token_signing_alg_values_supported"], serde_json::json!([algorithm]));
    }
}

#[tokio::test]
async fn the_claims_are_those_that_tokens_carry() {
    let app = TestApp::dev().await;
    let document = app.get(PATHS[1]).await.json();
    let token = crate::wire::Token::parse(&app.open_session("John", "testpass").await.access);
    for claim in document["claims_supported"].as_array().unwrap() {
        assert!(!token.claims[claim.as_str().unwrap()].is_null(), "{claim}");
    }
}
