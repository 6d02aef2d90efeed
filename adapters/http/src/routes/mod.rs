//! The operations, a file a capability. Each is a thin translation: wire to domain, use case, domain to wire.

pub(crate) mod accounts;
pub(crate) mod administration;
pub(crate) mod aliases;
pub(crate) mod authentication;
pub(crate) mod client_administration;
pub(crate) mod client_secrets;
pub(crate) mod codes;
pub(crate) mod discovery;
pub(crate) mod keys;
pub(crate) mod lab;
pub(crate) mod lab_key_sets;
pub(crate) mod mail_requests;
pub(crate) mod oauth;
pub(crate) mod oauth_bodies;
pub(crate) mod operations;
pub(crate) mod outbox;
pub(crate) mod passwords;
pub(crate) mod second_factor;
pub(crate) mod second_factor_administration;
pub(crate) mod second_factor_bodies;
pub(crate) mod session_tokens;
pub(crate) mod sessions;
pub(crate) mod status_lists;
pub(crate) mod tokens;
pub(crate) mod user_administration;

use poem_openapi::Tags;

/// The capabilities, as the document groups them.
#[derive(Tags)]
pub(crate) enum Capability {
    /// The public keys and the documents that lead to them.
    Keys,
    /// Logging in, and who the caller is.
    Authentication,
    /// Sessions: what a login opens, a refresh keeps going and a logout ends.
    Sessions,
    /// The second factor: an authenticator app beside the password.
    SecondFactor,
    /// What machines do: tokens of their own, and what they may know and do about tokens.
    Clients,
    /// Registering, and passwords.
    Accounts,
    /// Keys, users, clients and the audit log, for users with the role admin.
    Administration,
    /// Tokens that are wrong in exactly one way, to test verifiers with.
    Lab,
    /// Health, metrics and this document.
    Operations,
}
