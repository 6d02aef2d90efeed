//! The claims of the tokens of clients (RFC 9068 section 2.2).

use serde::{Deserialize, Serialize};

use super::{StatusClaim, TokenPolicy};
use crate::client::{Audience, ClientId, ScopeSet};
use crate::status_list::StatusEntry;
use crate::time::Timestamp;

/// The claims of a client's token. Times are in Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientClaims {
    /// The issuer.
    pub iss: String,
    /// The id of the client: no user stands behind the token.
    pub sub: String,
    /// The audience, one of the client's.
    pub aud: String,
    /// The id of the client (RFC 8693 section 4.3).
    pub client_id: String,
    /// When it was issued.
    pub iat: i64,
    /// From when on it is not valid any more.
    pub exp: i64,
    /// The id of the token, a version 4 UUID.
    pub jti: String,
    /// The scopes that were granted, space-separated.
    pub scope: String,
    /// Where its status is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusClaim>,
}

/// What a client's token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientGrant {
    /// Whose it is.
    pub client: ClientId,
    /// Whom it is for.
    pub audience: Audience,
    /// What it allows.
    pub scopes: ScopeSet,
}

impl ClientClaims {
    /// The claims of the token `jti` with the entry `status` for `grant`, valid from `from` until `until`.
    pub fn new(
        policy: &TokenPolicy,
        grant: &ClientGrant,
        (jti, status): (String, StatusEntry),
        from: Timestamp,
        until: Timestamp,
    ) -> Self {
        Self {
            iss: policy.issuer.clone(),
            sub: grant.client.to_string(),
            aud: grant.audience.as_str().to_owned(),
            client_id: grant.client.to_string(),
            iat: from.unix_seconds(),
            exp: until.unix_seconds(),
            jti,
            scope: grant.scopes.to_string(),
            status: Some(policy.status_claim(status)),
        }
    }
}
