//! What jwksd does: one file a verb, one struct, one method `run`. A use case fetches state through ports, lets the pure rules
//! decide, and carries out what they decided.

mod add_user;
mod authenticate_token;
mod change_user;
mod check_health;
mod clean_up_keys;
mod concurrently;
mod decoy_hashes;
mod find_user;
mod identifiers;
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
mod rotate_keys;
mod seed_demo_users;
#[cfg(test)]
mod tests;

pub use add_user::{AddUser, AddUserError, AddUserParts, AddUserRequest, AddedUser};
pub use authenticate_token::{AuthenticateError, AuthenticateToken, AuthenticateTokenParts, Caller};
pub use change_user::{ChangeUser, ChangeUserError, ChangeUserParts, Editor, NewPassword, UserEdit};
pub use check_health::{CheckHealth, DependencyHealth};
pub use clean_up_keys::CleanUpKeys;
pub use decoy_hashes::DecoyHashes;
pub use find_user::FindUser;
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
pub use publish_keys::PublishKeys;
pub use register_user::{RegisterError, RegisterUser, RegisterUserParts, Registered, Registration};
pub use rotate_keys::{RotateError, RotateKeys, Rotation, Trigger};
pub use seed_demo_users::{DEMO_USERS, FIXTURE_USER, SeedDemoUsers};
