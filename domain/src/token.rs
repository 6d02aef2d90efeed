//! Tokens: claims, the input of a signature, and the rules by which a token is valid (RFC 7515, RFC 7519, RFC 8725, RFC 9068).

mod client_claims;
mod fault;
mod status_claim;
mod unverified;

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

pub use self::client_claims::{ClientClaims, ClientGrant};
pub use self::fault::TokenFault;
pub use self::status_claim::{StatusClaim, StatusReference};
pub use self::unverified::{Header, TOKEN_MAX, Unverified};
use crate::key::{Algorithm, Kid};
use crate::session::AuthMethod;
use crate::status_list::{StatusEntry, StatusListClaims};
use crate::time::Timestamp;
use crate::user::{Role, User};

/// Who issues tokens, for whom, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPolicy {
    /// The `iss` claim: a URL, compared byte for byte (RFC 8414 section 2).
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
    /// How long a token is valid.
    pub life: Duration,
    /// How far the clocks of verifiers may be off: a token ends so long before its key leaves the JWKS.
    pub clock_skew: Duration,
    /// Where the status lists are: a URL, behind which the number of one follows after a slash.
    pub status_lists: String,
}

/// The claims of a user's token. Times are in Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The id of the user.
    pub sub: String,
    /// The audience.
    pub aud: String,
    /// When it was issued.
    pub iat: i64,
    /// From when on it is valid.
    pub nbf: i64,
    /// From when on it is not valid any more.
    pub exp: i64,
    /// The id of the token, a version 4 UUID.
    pub jti: String,
    /// The id of the session (OpenID Connect Front-Channel Logout section 3), a version 4 UUID.
    pub sid: String,
    /// The same under the name that S4's consumers read.
    #[serde(rename = "sessionId")]
    pub session_id: String,
    /// The name of the user.
    pub username: String,
    /// What the user may do.
    pub role: String,
    /// The scopes of the role, space-separated.
    pub scope: String,
    /// How the user was authenticated (RFC 8176); absent from tokens without a session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Where its status is told; absent where nothing can change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusClaim>,
}

/// What differs from token to token of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenIds {
    /// The id of the token.
    pub jti: String,
    /// The id of the session.
    pub sid: String,
    /// How the user was authenticated for the session.
    pub methods: Vec<AuthMethod>,
    /// Its entry of a status list, where it has one.
    pub status: Option<StatusEntry>,
}

impl Claims {
    /// The claims of a token for `user` that is valid from `from` until `until`.
    pub fn new(policy: &TokenPolicy, user: &User, ids: TokenIds, from: Timestamp, until: Timestamp) -> Self {
        let issued = from.unix_seconds();
        Self {
            iss: policy.issuer.clone(),
            sub: user.id.0.to_string(),
            aud: policy.audience.clone(),
            iat: issued,
            nbf: issued,
            exp: until.unix_seconds(),
            jti: ids.jti,
            session_id: ids.sid.clone(),
            sid: ids.sid,
            username: user.username.clone(),
            role: user.role.as_str().to_owned(),
            scope: user.role.scope().to_owned(),
            amr: ids.methods.into_iter().map(|method| method.as_str().to_owned()).collect(),
            status: ids.status.map(|entry| policy.status_claim(entry)),
        }
    }

    /// The role, if it is one that is known.
    pub fn role(&self) -> Option<Role> {
        Role::from_name(&self.role)
    }
}

/// The claims of a token, by its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TokenClaims {
    /// Those of a user's token.
    User(Claims),
    /// Those of a client's token.
    Client(ClientClaims),
}

impl TokenClaims {
    /// The issuer.
    pub fn iss(&self) -> &str {
        match self {
            Self::User(claims) => &claims.iss,
            Self::Client(claims) => &claims.iss,
        }
    }

    /// The audience.
    pub fn aud(&self) -> &str {
        match self {
            Self::User(claims) => &claims.aud,
            Self::Client(claims) => &claims.aud,
        }
    }

    /// The id of the token.
    pub fn jti(&self) -> &str {
        match self {
            Self::User(claims) => &claims.jti,
            Self::Client(claims) => &claims.jti,
        }
    }

    /// The id of the session, where a user has one.
    pub fn sid(&self) -> Option<&str> {
        match self {
            Self::User(claims) => Some(&claims.sid),
            Self::Client(_) => None,
        }
    }

    /// What it allows, space-separated.
    pub fn scope(&self) -> &str {
        match self {
            Self::User(claims) => &claims.scope,
            Self::Client(claims) => &claims.scope,
        }
    }

    /// From when on it is valid, and from when on not any more.
    pub const fn life(&self) -> (i64, i64) {
        match self {
            Self::User(claims) => (claims.nbf, claims.exp),
            Self::Client(claims) => (claims.iat, claims.exp),
        }
    }
}

/// Claims that are signed here.
pub trait SignedClaims: Serialize {
    /// The type in the header (RFC 8725 section 3.11).
    fn typ(&self) -> &'static str;
}

impl SignedClaims for TokenClaims {
    /// A client's token is an access token by RFC 9068 section 2.1, a user's the plain JWT that consumers know.
    fn typ(&self) -> &'static str {
        match self {
            Self::User(_) => USER_TYPE,
            Self::Client(_) => CLIENT_TYPE,
        }
    }
}

impl SignedClaims for StatusListClaims {
    /// Section 5.1 of draft-ietf-oauth-status-list.
    fn typ(&self) -> &'static str {
        STATUS_LIST_TYPE
    }
}

const USER_TYPE: &str = "JWT";
const CLIENT_TYPE: &str = "at+jwt";
const STATUS_LIST_TYPE: &str = "statuslist+jwt";

#[derive(Serialize)]
struct OwnHeader<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a Kid,
}

/// What is signed: the header and the claims, each base64url, with a dot between (RFC 7515 section 5.1).
pub fn signing_input(algorithm: Algorithm, kid: &Kid, claims: &impl SignedClaims) -> String {
    let header = OwnHeader { alg: algorithm.as_str(), typ: claims.typ(), kid };
    format!("{}.{}", encode(&header), encode(claims))
}

/// The token in compact serialization: the signing input, a dot, the signature (RFC 7515 section 7.1).
pub fn compact(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", Base64UrlUnpadded::encode_string(signature))
}

fn encode(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).expect("strings and integers always serialize");
    Base64UrlUnpadded::encode_string(&json)
}

impl TokenPolicy {
    /// Where the status list of that number is.
    pub fn status_list(&self, list: u32) -> String {
        format!("{}/{list}", self.status_lists)
    }

    /// What a token says of `entry`, which is its own.
    pub(crate) fn status_claim(&self, entry: StatusEntry) -> StatusClaim {
        StatusClaim { status_list: StatusReference { idx: entry.index.into(), uri: self.status_list(entry.list) } }
    }

    /// Whether a token with these claims is valid here at `now`.
    ///
    /// # Errors
    /// The first rule broken, in the order issuer, audience, expiry, start.
    pub fn check(&self, claims: &TokenClaims, now: Timestamp) -> Result<(), TokenFault> {
        if claims.iss() == self.issuer && claims.aud() != self.audience {
            return Err(TokenFault::WrongAudience);
        }
        self.check_for_anyone(claims, now)
    }

    /// The same, whomever the token is for.
    ///
    /// # Errors
    /// The first rule broken, in the order issuer, expiry, start.
    pub fn check_for_anyone(&self, claims: &TokenClaims, now: Timestamp) -> Result<(), TokenFault> {
        let (now, (from, until)) = (now.unix_seconds(), claims.life());
        match claims {
            claims if claims.iss() != self.issuer => Err(TokenFault::WrongIssuer),
            _ if until <= now => Err(TokenFault::Expired),
            _ if from > now => Err(TokenFault::NotYetValid),
            _ => Ok(()),
        }
    }
}
