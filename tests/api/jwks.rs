//! The JWKS as verifiers and their caches meet it (RFC 7517, RFC 9110, RFC 9111).

use std::collections::BTreeSet;
use std::time::Duration;

use crate::test_app::{Signatures, TestApp};
use crate::wire::{Call, Token};

const PATHS: [&str; 3] = ["/.well-known/jwks.json", "/auth/jwks", "/jwks.json"];

#[tokio::test]
async fn the_content_type_is_the_one_that_is_asked_for() {
    let app = TestApp::dev().await;
    let cases = [
        (None, "application/json"),
        (Some("*/*"), "application/json"),
        (Some("application/json"), "application/json"),
        (Some("application/jwk-set+json"), "application/jwk-set+json"),
        (Some("application/jwk-set+json, application/json;q=0.5"), "application/jwk-set+json"),
        (Some("application/jwk-set+json;q=0.5, application/json"), "application/json"),
        (Some("text/html"), "application/json"),
        (Some("application/jwk-set+json;q=0"), "application/json"),
        (Some("application/json;q=0, */*"), "application/jwk-set+json"),
    ];
    for (accept, content_type) in cases {
        let call = Call::get(PATHS[0]);
        let answer = app.send(accept.into_iter().fold(call, |call, accept| call.header("accept", accept))).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, content_type), "{accept:?}");
        assert_eq!(answer.header("vary"), "Accept");
    }
}

#[tokio::test]
async fn the_aliases_are_identical() {
    let app = TestApp::dev().await;
    let own = app.get(PATHS[0]).await;
    for path in PATHS {
        let alias = app.get(path).await;
        assert_eq!(alias.body, own.body, "{path}");
        for header in ["etag", "cache-control", "content-type", "access-control-allow-origin"] {
            assert_eq!(alias.header(header), own.header(header), "{path} {header}");
        }
    }
}

#[tokio::test]
async fn whoever_has_the_set_is_told_so() {
    let app = TestApp::dev().await;
    let full = app.jwks().await;
    let etag = full.header("etag");
    assert!(etag.starts_with('"') && etag.ends_with('"'), "a strong entity tag: {etag}");
    for known in [etag.to_owned(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        for path in PATHS {
            let answer = app.send(Call::get(path).header("if-none-match", &known)).await;
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{path} {known}");
            assert_eq!(answer.header("etag"), etag);
            assert_eq!(answer.header("cache-control"), full.header("cache-control"));
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
    }
    let other = app.send(Call::get(PATHS[0]).header("if-none-match", "\"other\"")).await;
    assert_eq!((other.status, other.body), (200, full.body));
}

#[tokio::test]
async fn head_is_the_head_of_get() {
    let app = TestApp::dev().await;
    for path in PATHS {
        let (get, head) = (app.get(path).await, app.send(Call::new("HEAD", path)).await);
        assert_eq!(head.status, 200, "{path}");
        for header in ["etag", "cache-control", "content-type", "access-control-allow-origin", "vary"] {
            assert_eq!(head.header(header), get.header(header), "{path} {header}");
        }
        assert_eq!(head.seconds("content-length"), get.body.len() as u64, "{path}");
    }
}

#[tokio::test]
async fn every_script_may_read_it() {
    let app = TestApp::dev().await;
    for path in PATHS {
        let answer = app.send(Call::get(path).header("origin", "https://anywhere.example")).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let preflight = Call::new("OPTIONS", path)
            .header("origin", "https://anywhere.example")
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "if-none-match");
        let preflight = app.send(preflight).await;
        assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"), "{path}");
    }
}

#[tokio::test]
async fn the_keys_have_the_members_of_their_type_and_no_private_one() {
    let members = |names: &str| names.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    let cases = [
        ("RS256", "RSA", "kty kid use alg n e"),
        ("PS384", "RSA", "kty kid use alg n e"),
        ("ES256", "EC", "kty kid use alg crv x y"),
        ("ES384", "EC", "kty kid use alg crv x y"),
        ("EdDSA", "OKP", "kty kid use alg crv x"),
    ];
    for (algorithm, kind, names) in cases {
        let app = TestApp::with(&[("signing-algorithm", algorithm)]).await;
        let keys = app.jwks().await.json()["keys"].as_array().unwrap().clone();
        assert_eq!(keys.len(), 2, "the signer and its stand-by");
        for key in keys {
            assert_eq!(
                key.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>(),
                members(names),
                "{algorithm}"
            );
            assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&kind.into(), &algorithm.into(), &"sig".into()));
            assert_eq!(key["kid"].as_str().unwrap().len(), 43, "a SHA-256 thumbprint in base64url");
        }
    }
}

#[tokio::test]
async fn a_cache_may_keep_it_until_shortly_before_its_next_change() {
    let app = TestApp::dev().await;
    assert_eq!(app.jwks().await.max_age(), 300);
    // A new stand-by is published when this one signs; from then on the first change that is known is the end of the first key.
    app.wait(Duration::from_secs(3600));
    app.tick().await;
    let next = app.app().use_cases().keyring.current().next_publication_change_after(app.now()).unwrap();
    app.wait(next.since(app.now()) - Duration::from_secs(40));
    app.tick().await;
    assert_eq!(app.jwks().await.max_age(), 40);
    app.wait(Duration::from_millis(39_500));
    app.tick().await;
    assert_eq!(app.jwks().await.max_age(), 0);
    let before = app.jwks().await;
    app.wait(Duration::from_millis(500));
    let after = app.jwks().await;
    assert_eq!(after.kids().len(), before.kids().len() - 1, "the key is gone at its instant, with no tick in between");
    assert_ne!(after.header("etag"), before.header("etag"));
}

#[tokio::test]
async fn the_expired_fixture_is_never_in_it() {
    let app = TestApp::dev().await;
    let fixture = Token::parse(&app.send(Call::post("/auth?expired")).await.token()).kid();
    for _ in 0..30 {
        for path in PATHS {
            assert!(!app.get(path).await.text().contains(&fixture), "{path}");
        }
        app.wait(Duration::from_secs(600));
        app.tick().await;
    }
    let again = Token::parse(&app.send(Call::post("/auth?expired")).await.token()).kid();
    assert_eq!(again, fixture, "the same fixture through every rotation");
}

#[tokio::test]
async fn real_rsa_keys_verify_real_tokens() {
    let app = TestApp::signing(Signatures::Real, &[("signing-algorithm", "RS256")]).await;
    let token = Token::parse(&app.token_of("John", "testpass").await);
    assert_eq!(token.header["alg"], "RS256");
    assert_eq!(app.jwks().await.kids()[0], token.kid(), "the signer comes first");
    assert_eq!(token.signature.len(), 256);
    assert!(app.verifies(&token));
}
