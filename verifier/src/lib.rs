//! Verifies JSON Web Tokens with public keys, as strictly as the specifications ask for.
//!
//! A token is accepted only if a [`Policy`] says so, and a policy says whom it trusts: the issuer, the audience and the algorithms
//! have no default, and nothing in a token can change them. [`best_practices`] goes through RFC 8725 and its successor rule by rule,
//! with the test of each.
//!
//! # In a service
//!
//! A [`Verifier`] has a policy and the keys of an issuer, which it fetches when they are needed and keeps for as long as they are good:
//!
//! ```no_run
//! use jwksd_verifier::{Algorithm, HttpFetch, NoMore, Policy, RemoteJwks, StatusLists, Verifier, VerifyError};
//!
//! # async fn accept(token: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = "https://auth.example.com";
//! let policy = Policy::builder(issuer, "https://api.example.com", &[Algorithm::Es256]).build()?;
//! let verifier = Verifier::new(policy, RemoteJwks::discover(issuer)?)
//!     .with_status_lists(StatusLists::new(HttpFetch::new()));
//!
//! match verifier.verify::<NoMore>(token).await {
//!     Ok(verified) => println!("of {:?}", verified.claims.sub),
//!     Err(VerifyError::Refused(fault)) => println!("401: {fault}"),
//!     Err(VerifyError::Unavailable(_)) => println!("503, and to be tried again"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Services on poem find an extractor and a middleware in `poem` (feature `poem`), those on axum or another tower a layer in
//! `tower` (feature `tower`). Others call [`Verifier::verify_bearer`] and answer with the [`Refusal`].
//!
//! # Without a network
//!
//! [`Policy::verify`] is a pure function of the token, a [`JwkSet`] and the instant:
//!
//! ```
//! use std::time::{Duration, SystemTime};
//!
//! use jwksd_verifier::{Algorithm, Fault, JwkSet, NoMore, Policy, Verified};
//!
//! #[derive(serde::Deserialize)]
//! struct Role {
//!     role: String,
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = JwkSet::parse(
//!     r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"Ed25519","use":"sig",
//!         "kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
//! )?;
//! let policy = Policy::builder("https://auth.example.com", "https://api.example.com", &[Algorithm::Ed25519]).build()?;
//!
//! let token = concat!(
//!     "eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiSldUIiwia2lkIjoia1ByS19xbXhWV2FZVkE5d3dCRjZJdW8zdlZ6ejdUeEhDVHdYQnlnclM0ayJ9.",
//!     "eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJzdWIiOiI3IiwiYXVkIjoiaHR0cHM6Ly9hcGkuZXhhbXBsZS5jb20iLCJpYXQiOjE3",
//!     "OTU1MTIwMDAsImV4cCI6MTc5NTUxMjkwMCwianRpIjoiMSIsInJvbGUiOiJ3cml0ZSJ9.",
//!     "fZhG-3FuYza7MMHR59EOEFuP8eIXlHr-DqsX5-vLCAywU_jhkUTZB-mu_Q30mTCdgM7LjBj8y9xv-n-c2L1QCg",
//! );
//! let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_512_060);
//! let Verified { claims, .. } = policy.verify::<Role>(token, &keys, now)?;
//! assert_eq!((claims.sub.as_deref(), claims.more.role.as_str()), (Some("7"), "write"));
//!
//! // Fifteen minutes later it is over.
//! let later = now + Duration::from_secs(900);
//! assert_eq!(policy.verify::<NoMore>(token, &keys, later), Err(Fault::Expired));
//! # Ok(())
//! # }
//! ```
//!
//! # What is kept, and for how long
//!
//! | | |
//! |---|---|
//! | a JWKS | for its `Cache-Control`, thirty seconds at least and a day at most; five minutes where it says nothing |
//! | the last good one, while the issuer is down | an hour longer ([`RemoteJwksBuilder::max_stale`]) |
//! | between two fetches | thirty seconds at least ([`RemoteJwksBuilder::cooldown`]), whatever kids are asked for |
//! | a kid that the issuer did not know | two minutes, of 1024 kids at most |
//! | a status list | for its `ttl`, and until its `exp` while no other can be had, a day at most |
//!
//! So a key that is revoked is believed for the age of the JWKS, and for an hour more by a service that cannot reach the issuer.
//!
//! # Limits
//!
//! A token has 16 KiB at most, a kid 256 bytes, a JWKS 256 KiB and 128 keys, a Status List Token a megabyte and its list four.
//! RSA keys have 2048 to 8192 bits. No redirect is followed. JWE, nested tokens, detached and unencoded payloads, JSON serialization,
//! shared secrets, secp256k1, Ed448 and X.509 are not known here.
//!
//! # Features
//!
//! `http` (on by itself) has the HTTP client `HttpFetch`; without it a service brings its own [`Fetch`]. `poem` and `tower` are off.

mod algorithm;
mod base64url;
mod bearer;
pub mod best_practices;
mod claims;
mod clock;
mod error;
mod fault;
mod fetch;
#[cfg(feature = "http")]
mod http;
mod json;
mod jwk;
mod jwk_set;
#[cfg(feature = "poem")]
pub mod poem;
mod policy;
mod remote;
mod status_list;
mod token;
#[cfg(feature = "tower")]
pub mod tower;
mod url;
mod verifier;

pub use algorithm::Algorithm;
pub use bearer::Refusal;
pub use claims::{Claims, NoMore, StatusReference};
pub use clock::{Clock, SystemClock};
pub use error::{Unavailable, VerifyError};
pub use fault::Fault;
pub use fetch::{Answer, Fetch, FetchError, Get};
#[cfg(feature = "http")]
pub use http::{HttpFetch, NoCertificate};
pub use jwk::Unusable;
pub use jwk_set::{JWK_SET_MAX, JwkSet, JwkSetError, PassedOver};
pub use policy::{LEEWAY_MAX, Policy, PolicyBuilder, PolicyError, TokenType, Verified};
pub use remote::{RemoteJwks, RemoteJwksBuilder, Source};
pub use status_list::StatusLists;
pub use token::{Header, KID_MAX, Signed, TOKEN_MAX, Token};
pub use url::UrlError;
pub use verifier::{Keys, Verifier};
