//! Requests with good, bad and no tokens, before a service on poem and one on axum: both answer alike.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use axum::{Extension, Router};
use jwksd_verifier::poem::{Bearer, RequireBearer};
use jwksd_verifier::tower::RequireBearerLayer;
use jwksd_verifier::{Algorithm, Verified, Verifier};
use poem::web::Data;
use poem::{EndpointExt, Route, handler};
use serde::Deserialize;
use tower::ServiceExt;

use crate::issuer::{SigningKey, claims, jwks};
use crate::served::{JWKS_URL, ManualClock, Mood, Served, verifier};

#[derive(Clone, Debug, Deserialize)]
struct Role {
    role: String,
}

#[handler]
fn extracted(Bearer(verified): Bearer<Role>) -> String {
    verified.claims.more.role
}

#[handler]
fn guarded(Data(verified): Data<&Verified<Role>>) -> String {
    verified.claims.more.role.clone()
}

async fn layered(Extension(verified): Extension<Verified<Role>>) -> String {
    verified.claims.more.role
}

/// Status, `WWW-Authenticate`, `Retry-After`, content type and body.
type Seen = (u16, Option<String>, Option<String>, Option<String>, String);

async fn on_poem(verifier: &Verifier, path: &str, sent: &[&str]) -> Seen {
    let behind = poem::get(guarded).with(RequireBearer::<Role>::new(verifier.clone()));
    let routes = Route::new().at("/extracted", poem::get(extracted)).at("/guarded", behind).data(verifier.clone());
    let client = poem::test::TestClient::new(routes);
    let request = sent.iter().fold(client.get(path), |request, value| request.header("authorization", *value));
    let response = request.send().await.0;
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let told = (header("www-authenticate"), header("retry-after"), header("content-type"));
    (response.status().as_u16(), told.0, told.1, told.2, response.into_body().into_string().await.unwrap())
}

async fn on_axum(verifier: &Verifier, sent: &[&str]) -> Seen {
    let router = Router::new().route("/", get(layered)).layer(RequireBearerLayer::<Role>::new(verifier.clone()));
    let request = sent.iter().fold(Request::get("/"), |request, value| request.header(header::AUTHORIZATION, *value));
    let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let told = (header("www-authenticate"), header("retry-after"), header("content-type"));
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
    let content_type = told.2.filter(|_| status != StatusCode::OK);
    (status.as_u16(), told.0, told.1, content_type, String::from_utf8(body.to_vec()).unwrap())
}

/// What each of the three answers; they must agree.
async fn answers(verifier: &Verifier, sent: &[&str]) -> Seen {
    let axum = on_axum(verifier, sent).await;
    for path in ["/extracted", "/guarded"] {
        let (status, challenge, retry_after, content_type, body) = on_poem(verifier, path, sent).await;
        let content_type = content_type.filter(|_| status != 200);
        assert_eq!((status, challenge, retry_after, content_type, body), axum, "{path}");
    }
    axum
}

fn issuer() -> (SigningKey, Served, Verifier) {
    let (key, clock) = (SigningKey::new("a", Algorithm::Es256), ManualClock::new());
    let served = Served::with(&jwks([&key]));
    let verifier = verifier(&served, &clock);
    (key, served, verifier)
}

#[tokio::test]
async fn a_good_token_is_let_in_with_its_claims() {
    let (key, _, verifier) = issuer();
    let token = format!("Bearer {}", key.token(&claims()));
    assert_eq!(answers(&verifier, &[&token]).await, (200, None, None, None, "write".to_owned()));
}

#[tokio::test]
async fn who_sends_no_token_is_told_that_one_is_needed_and_no_error() {
    let (_, served, verifier) = issuer();
    for sent in [&[][..], &["Basic YTpi"], &[""]] {
        let (status, challenge, _, content_type, body) = answers(&verifier, sent).await;
        assert_eq!((status, challenge.as_deref()), (401, Some("Bearer")));
        assert_eq!(content_type.as_deref(), Some("application/problem+json"));
        assert_eq!(body, r#"{"title":"Unauthorized","status":401,"detail":"a bearer token is needed"}"#);
    }
    assert_eq!(served.asked(), 0);
}

#[tokio::test]
async fn a_bad_token_is_an_invalid_token() {
    let (key, _, verifier) = issuer();
    let mut old = claims();
    old["exp"] = 1.into();
    let (status, challenge, ..) = answers(&verifier, &[&format!("Bearer {}", key.token(&old))]).await;
    let expired = "Bearer error=\"invalid_token\", error_description=\"expired (RFC 7519 section 4.1.4)\"";
    assert_eq!((status, challenge.as_deref()), (401, Some(expired)));
    let mut other = claims();
    other["role"] = 7.into();
    let (status, challenge, .., body) = answers(&verifier, &[&format!("Bearer {}", key.token(&other))]).await;
    assert!(status == 401 && challenge.unwrap().contains("invalid_token"));
    assert!(!body.contains("line"), "what serde says is for the log: {body}");
}

#[tokio::test]
async fn two_authorization_headers_are_an_invalid_request() {
    let (key, _, verifier) = issuer();
    let token = format!("Bearer {}", key.token(&claims()));
    let (status, challenge, ..) = answers(&verifier, &[&token, &token]).await;
    assert_eq!((status, challenge.as_deref()), (400, Some("Bearer error=\"invalid_request\"")));
}

#[tokio::test]
async fn while_the_issuer_is_down_from_the_start_callers_are_told_to_come_again() {
    let (key, served, verifier) = issuer();
    served.be(JWKS_URL, Mood::Down);
    let token = format!("Bearer {}", key.token(&claims()));
    let (status, challenge, retry_after, _, body) = answers(&verifier, &[&token]).await;
    assert_eq!((status, challenge, retry_after.as_deref()), (503, None, Some("5")));
    assert!(!body.contains("auth.example.com"), "causes are for the log: {body}");
}
