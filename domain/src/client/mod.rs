//! Clients: the machines that have tokens of their own (RFC 6749 section 4.4), and what they prove themselves with.

mod demo;
mod id;
mod scope;
mod secret;
mod state;

pub(crate) use demo::is_demo_secret;
pub use demo::{DEMO_CLIENT, DEMO_CLIENT_SECRET, demo_secret};
pub use id::{Audience, CLIENT_ID_MAX, ClientId, ClientName};
pub use scope::{SCOPES_MAX, Scope, ScopeSet};
pub use secret::{ClientSecret, SecretHash, SecretId, StoredSecret};
pub(crate) use state::check_audiences;
pub use state::{AUDIENCES_MAX, Client, ClientState, Grant, NewClient, SECRETS_MAX, SecretError, TargetError};
