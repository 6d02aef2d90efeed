//! What jwksd does: one file a verb, one struct, one method `run`. A use case fetches state through ports, lets the pure rules
//! decide, and carries out what they decided.

mod authenticate_token;
mod change_ring;
mod change_user;
mod check_health;
mod clean_up_keys;
mod concurrently;
mod export_key;
mod identifiers;
mod import_key;
mod issue_demo_token;
mod issue_token;
mod keyring;
mod list_audit_log;
mod list_keys;
mod list_users;
mod log_in;
mod mint_token;
mod open_keys;
mod outage;
mod publish_keys;
mod register_user;
mod revoke_key;
mod rewrap_keys;
mod rotate_keys;
mod seed_demo_users;
#[cfg(test)]
mod tests;

pub use authenticate_token::{AuthenticateError, AuthenticateToken, AuthenticateTokenParts, Caller};
pub use change_ring::ChangeRing;
pub use change_user::{ChangeUser, ChangeUserError, ChangeUserParts, UserEdit};
pub use check_health::{CheckHealth, DependencyHealth};
pub use clean_up_keys::CleanUpKeys;
pub use export_key::{ExportKey, ExportKeyError};
pub use import_key::{ImportKey, ImportKeyError};
pub use issue_demo_token::{IssueDemoToken, IssueDemoTokenError};
pub use issue_token::{IssueToken, IssueTokenParts, IssuedToken, TokenLife};
pub use keyring::Keyring;
pub use list_audit_log::ListAuditLog;
pub use list_keys::ListKeys;
pub use list_users::ListUsers;
pub use log_in::{Credentials, LogIn, LogInError, LogInParts, LogInRequest, LoggedIn};
pub use mint_token::{MintError, MintToken};
pub use open_keys::OpenKeys;
pub use outage::Outage;
pub use publish_keys::{Freshness, PublishKeys};
pub use register_user::{RegisterError, RegisterUser, RegisterUserParts, Registered, Registration};
pub use revoke_key::{KeyRevoked, RevocationReason, RevokeError, RevokeKey};
pub use rewrap_keys::{RewrapKeys, RewrapMode, Rewrapped};
pub use rotate_keys::{RotateError, RotateKeys, Rotation, Trigger};
pub use seed_demo_users::{DEMO_USERS, FIXTURE_USER, SeedDemoUsers};
