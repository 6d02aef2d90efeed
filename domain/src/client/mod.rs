//! Clients: the machines that have tokens of their own (RFC 6749 section 4.4), and what they prove themselves with.

mod id;
mod scope;
mod secret;
mod state;

pub use id::{Audience, CLIENT_ID_MAX, ClientId, ClientName};
pub use scope::{SCOPES_MAX, Scope, ScopeSet};
pub use secret::{ClientSecret, SecretHash, SecretId, StoredSecret};
pub(crate) use state::check_audiences;
pub use state::{AUDIENCES_MAX, Client, ClientState, Grant, NewClient, SECRETS_MAX, SecretError, TargetError};
