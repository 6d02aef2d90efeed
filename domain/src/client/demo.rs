//! The demo client of the dev profile. Everybody can read its secret, so no other profile takes it.

use super::{ClientSecret, SecretHash};

/// The id of the demo client.
pub const DEMO_CLIENT: &str = "demo-client";

/// Its secret.
pub const DEMO_CLIENT_SECRET: &str = "demo-client-secret-known-to-everybody";

/// What is kept of its secret.
pub fn demo_secret() -> Option<ClientSecret> {
    ClientSecret::shown(DEMO_CLIENT_SECRET.to_owned())
}

/// Whether that is the hash of its secret, whichever client has it.
pub(crate) fn is_demo_secret(shown: &SecretHash) -> bool {
    demo_secret().is_some_and(|secret| secret.hash() == *shown)
}
