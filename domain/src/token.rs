//! Tokens: claims, the input of a signature, and the rules by which a token is valid (RFC 7515, RFC 7519, RFC 8725).

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use crate::key::{Algorithm, Kid};
use crate::session::AuthMethod;
use crate::time::Timestamp;
use crate::user::{Role, User};

/// The longest token that is looked at, in bytes: ours have less than 2 KiB with the largest keys.
pub const TOKEN_MAX: usize = 16 * 1024;

/// Who issues tokens, for whom, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPolicy {
    /// The `iss` claim: a URL, compared byte for byte (RFC 8414 section 2).
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
    /// How long a token is valid.
    pub life: Duration,
}

/// The claims of a token. Times are in Unix seconds.
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
        }
    }

    /// The role, if it is one that is known.
    pub fn role(&self) -> Option<Role> {
        Role::from_name(&self.role)
    }
}

#[derive(Serialize)]
struct OwnHeader<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a Kid,
}

/// What is signed: the header and the claims, each base64url, with a dot between (RFC 7515 section 5.1).
pub fn signing_input(algorithm: Algorithm, kid: &Kid, claims: &Claims) -> String {
    let header = OwnHeader { alg: algorithm.as_str(), typ: "JWT", kid };
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

/// The rule that a token breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is not three base64url parts of JSON with the members that it must have (RFC 7519 section 7.2).
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// It names a critical extension, and none is understood (RFC 7515 section 4.1.11).
    #[error("a critical header extension is not understood (RFC 7515 section 4.1.11)")]
    Critical,
    /// Its type is another than a JWT (RFC 8725 section 3.11).
    #[error("the typ is not JWT (RFC 8725 section 3.11)")]
    WrongType,
    /// No published key has its kid.
    #[error("no published key has this kid")]
    UnknownKey,
    /// Its algorithm is not the one that its key is for (RFC 8725 section 3.1).
    #[error("the alg is not that of the key (RFC 8725 section 3.1)")]
    WrongAlgorithm,
    /// Its signature is not that of its key (RFC 7515 section 5.2).
    #[error("the signature is not valid (RFC 7515 section 5.2)")]
    BadSignature,
    /// It is of another issuer (RFC 7519 section 4.1.1).
    #[error("the issuer is another (RFC 7519 section 4.1.1)")]
    WrongIssuer,
    /// It is for another audience (RFC 7519 section 4.1.3).
    #[error("the audience is another (RFC 7519 section 4.1.3)")]
    WrongAudience,
    /// Its time is over (RFC 7519 section 4.1.4).
    #[error("expired (RFC 7519 section 4.1.4)")]
    Expired,
    /// Its time has not come (RFC 7519 section 4.1.5).
    #[error("not yet valid (RFC 7519 section 4.1.5)")]
    NotYetValid,
    /// Its session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// Its user does not exist any more, or may not log in.
    #[error("the user is gone or disabled")]
    UserGone,
}

/// The header of a token as somebody sent it; trusted in nothing but as a hint which key to take.
#[derive(Clone, Debug, Deserialize)]
pub struct Header {
    /// The algorithm that it claims.
    pub alg: String,
    /// The key that it claims.
    pub kid: Option<String>,
    /// Its type.
    pub typ: Option<String>,
    /// Critical extensions.
    pub crit: Option<serde_json::Value>,
}

/// A token taken apart, nothing of it verified.
pub struct Unverified<'a> {
    /// The header.
    pub header: Header,
    /// What was signed.
    pub signing_input: &'a str,
    /// The payload bytes.
    pub payload: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Takes a token in compact serialization apart.
    ///
    /// # Errors
    /// [`TokenFault::Malformed`] for anything but three parts of canonical base64url of which the first is a JSON header.
    pub fn parse(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > TOKEN_MAX {
            return Err(TokenFault::Malformed("longer than 16 KiB"));
        }
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return Err(TokenFault::Malformed("a compact JWS has three parts"));
        };
        let decode =
            |part| Base64UrlUnpadded::decode_vec(part).map_err(|_| TokenFault::Malformed("a part is not base64url"));
        let header =
            serde_json::from_slice(&decode(header)?).map_err(|_| TokenFault::Malformed("the header is not one"))?;
        let signing_input = &token[..token.len() - signature.len() - 1];
        Ok(Self { header, signing_input, payload: decode(payload)?, signature: decode(signature)? })
    }

    /// The rules that need no key: no critical extension, and the type of a JWT if it has one.
    ///
    /// # Errors
    /// [`TokenFault::Critical`] or [`TokenFault::WrongType`].
    pub fn check_header(&self) -> Result<(), TokenFault> {
        if self.header.crit.is_some() {
            return Err(TokenFault::Critical);
        }
        match &self.header.typ {
            Some(typ) if !["jwt", "at+jwt"].iter().any(|known| typ.eq_ignore_ascii_case(known)) => {
                Err(TokenFault::WrongType)
            }
            _ => Ok(()),
        }
    }

    /// The claims.
    ///
    /// # Errors
    /// [`TokenFault::Malformed`] where one is missing, of another type or given twice.
    pub fn claims(&self) -> Result<Claims, TokenFault> {
        serde_json::from_slice(&self.payload)
            .map_err(|_| TokenFault::Malformed("a claim is missing or of the wrong type"))
    }
}

impl TokenPolicy {
    /// Whether a token with these claims is valid here at `now`.
    ///
    /// # Errors
    /// The first rule broken, in the order issuer, audience, expiry, start.
    pub fn check(&self, claims: &Claims, now: Timestamp) -> Result<(), TokenFault> {
        let now = now.unix_seconds();
        match claims {
            claims if claims.iss != self.issuer => Err(TokenFault::WrongIssuer),
            claims if claims.aud != self.audience => Err(TokenFault::WrongAudience),
            claims if claims.exp <= now => Err(TokenFault::Expired),
            claims if claims.nbf > now => Err(TokenFault::NotYetValid),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(token: &str) -> TokenFault {
        let checked = Unverified::parse(token).and_then(|token| token.check_header().map(|()| token));
        checked.and_then(|token| token.claims()).unwrap_err()
    }

    fn token(header: &str, payload: &str) -> String {
        let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
        format!("{}.{}.AA", encode(header), encode(payload))
    }

    #[test]
    fn what_is_no_jwt_is_refused() {
        for bad in ["", "a", "a.b", "e30.e30.AA.AA", "e30=.e30.AA", "e30.e30.A", &"a".repeat(TOKEN_MAX + 1)] {
            assert!(matches!(fault(bad), TokenFault::Malformed(_)), "{bad:.20}");
        }
        let twice = r#"{"alg":"RS256","alg":"none"}"#;
        assert!(matches!(fault(&token(twice, "{}")), TokenFault::Malformed(_)));
        assert_eq!(fault(&token(r#"{"alg":"RS256","crit":["exp"]}"#, "{}")), TokenFault::Critical);
        assert_eq!(fault(&token(r#"{"alg":"RS256","typ":"secevent+jwt"}"#, "{}")), TokenFault::WrongType);
    }
}
