//! Verifies JSON Web Tokens with public keys, as strictly as the specifications ask for.
//!
//! A token is accepted only if a [`Policy`] says so, and a policy says whom it trusts: the issuer, the audience and the algorithms
//! have no default, and nothing in a token can change them.
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

mod algorithm;
mod base64url;
mod bearer;
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
