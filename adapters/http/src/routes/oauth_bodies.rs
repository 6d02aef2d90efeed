//! What the calls of clients take and answer.

use jwksd_domain::client::{DEMO_CLIENT, DEMO_CLIENT_SECRET, Grant};
use jwksd_domain::token::{Claims, ClientClaims};
use jwksd_domain::usecase::{Granted, IssuedToken, SessionOfToken};
use jwksd_domain::user::Role;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

use crate::oauth::FormOf;

/// A way to a token.
#[derive(Clone, Copy, Deserialize, Enum)]
#[oai(rename = "GrantType", rename_all = "snake_case")]
#[serde(try_from = "String")]
pub(crate) enum GrantName {
    /// A token for the client itself.
    ClientCredentials,
    /// The next tokens of a session.
    RefreshToken,
}

/// What a client asks for.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct TokenForm {
    /// The way to the token.
    grant_type: GrantName,
    /// The id of the client, where it is not in the header.
    client_id: Option<String>,
    /// The secret of the client, where it is not in the header.
    client_secret: Option<String>,
    /// The scopes of a token for the client itself, space-separated; all that it may have where they are not given.
    scope: Option<String>,
    /// Whom a token for the client itself is for (RFC 8707); the client's first audience where it is not given.
    resource: Option<String>,
    /// The same under its older name.
    audience: Option<String>,
    /// The refresh token, for the next tokens of its session.
    refresh_token: Option<String>,
}

/// A token that a client asks about, or calls back.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct TokenReferenceForm {
    /// The access token or refresh token.
    token: String,
    /// What the client takes it for; the answer does not depend on it.
    token_type_hint: Option<String>,
    /// The id of the client, where it is not in the header.
    client_id: Option<String>,
    /// The secret of the client, where it is not in the header.
    client_secret: Option<String>,
}

/// A token that was granted (RFC 6749 section 5.1).
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct GrantedToken {
    /// The access token, a JWT.
    access_token: String,
    /// How it is presented (RFC 6750).
    token_type: String,
    /// How many seconds it is valid from now on.
    expires_in: u64,
    /// What it allows, space-separated.
    scope: String,
    /// The next refresh token, where one was spent.
    refresh_token: Option<String>,
    /// How many seconds the refresh token is good from now on, if it is not used before.
    refresh_expires_in: Option<u64>,
}

/// What is told of a token (RFC 7662 section 2.2): of one that is not active, nothing else.
#[derive(Default, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct TokenStatus {
    /// Whether it is active: signed here, not expired, not called back, its session not ended, its user or client let in.
    active: bool,
    /// What it allows, space-separated.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// The client whose token it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The user whose token it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// What the user may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// How an access token is presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<String>,
    /// Until when it is valid, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// When it was issued, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// From when on it is valid, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    /// The id of the user or the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    /// The audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    /// The issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// The id of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    /// The id of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}

/// Nothing: the status says that the token is not active any more (RFC 7009 section 2.2).
#[derive(Object)]
pub(crate) struct Revoked {}

impl From<Grant> for GrantName {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::ClientCredentials => Self::ClientCredentials,
            Grant::RefreshToken => Self::RefreshToken,
        }
    }
}

impl From<GrantName> for Grant {
    fn from(name: GrantName) -> Self {
        match name {
            GrantName::ClientCredentials => Self::ClientCredentials,
            GrantName::RefreshToken => Self::RefreshToken,
        }
    }
}

impl TryFrom<String> for GrantName {
    type Error = &'static str;

    /// The error is worded as serde's own are, of which `parse.rs` reads what was expected.
    fn try_from(name: String) -> Result<Self, &'static str> {
        Grant::from_name(&name).map(Self::from).ok_or("unknown grant, expected client_credentials or refresh_token")
    }
}

impl From<Granted> for GrantedToken {
    fn from(granted: Granted) -> Self {
        match granted {
            Granted::Client(token) => Self::of(token),
            Granted::Session(tokens) => Self {
                refresh_token: Some(tokens.refresh.expose()),
                refresh_expires_in: Some(tokens.refresh_expires_in.as_secs()),
                ..Self::of(tokens.access)
            },
        }
    }
}

impl GrantedToken {
    fn of(token: IssuedToken) -> Self {
        Self {
            access_token: token.token,
            token_type: "Bearer".to_owned(),
            expires_in: token.expires_in.as_secs(),
            scope: token.scope,
            refresh_token: None,
            refresh_expires_in: None,
        }
    }
}

impl TokenStatus {
    /// Of an access token of a user who may do what `role` says.
    pub(crate) fn of_user(claims: &Claims, role: Role) -> Self {
        Self {
            active: true,
            scope: Some(role.scope().to_owned()),
            username: Some(claims.username.clone()),
            role: Some(role.as_str().to_owned()),
            token_type: Some("Bearer".to_owned()),
            exp: Some(claims.exp),
            iat: Some(claims.iat),
            nbf: Some(claims.nbf),
            sub: Some(claims.sub.clone()),
            aud: Some(claims.aud.clone()),
            iss: Some(claims.iss.clone()),
            jti: Some(claims.jti.clone()),
            sid: Some(claims.sid.clone()),
            ..Self::default()
        }
    }

    /// Of an access token of a client.
    pub(crate) fn of_client(claims: &ClientClaims) -> Self {
        Self {
            active: true,
            scope: Some(claims.scope.clone()),
            client_id: Some(claims.client_id.clone()),
            token_type: Some("Bearer".to_owned()),
            exp: Some(claims.exp),
            iat: Some(claims.iat),
            sub: Some(claims.sub.clone()),
            aud: Some(claims.aud.clone()),
            iss: Some(claims.iss.clone()),
            jti: Some(claims.jti.clone()),
            ..Self::default()
        }
    }

    /// Of a refresh token of a session.
    pub(crate) fn of_session(session: &SessionOfToken) -> Self {
        let SessionOfToken { sid, user, iat, exp } = session;
        Self {
            active: true,
            scope: Some(user.role.scope().to_owned()),
            role: Some(user.role.as_str().to_owned()),
            sub: Some(user.id.0.to_string()),
            username: Some(user.username.clone()),
            iat: Some(*iat),
            exp: Some(*exp),
            sid: Some(sid.clone()),
            ..Self::default()
        }
    }
}

impl FormOf for TokenForm {}

impl FormOf for TokenReferenceForm {}

impl Example for TokenForm {
    fn example() -> Self {
        Self {
            grant_type: GrantName::ClientCredentials,
            client_id: Some(DEMO_CLIENT.to_owned()),
            client_secret: Some(DEMO_CLIENT_SECRET.to_owned()),
            scope: Some("read".to_owned()),
            resource: None,
            audience: None,
            refresh_token: None,
        }
    }
}

impl Example for TokenReferenceForm {
    fn example() -> Self {
        Self {
            token: "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.AA".to_owned(),
            token_type_hint: Some("access_token".to_owned()),
            client_id: Some(DEMO_CLIENT.to_owned()),
            client_secret: Some(DEMO_CLIENT_SECRET.to_owned()),
        }
    }
}
