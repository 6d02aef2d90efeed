//! A token as somebody sent it: taken apart, and then checked against a set of keys (RFC 7515 section 5.2).

use serde::Deserialize;

use crate::json::{self, Refused};
use crate::{Algorithm, Fault, JwkSet, base64url};

/// The longest token that is looked at, in bytes.
pub const TOKEN_MAX: usize = 16 * 1024;
/// The longest kid that is looked for, in bytes.
pub const KID_MAX: usize = 256;

/// A JWS in compact serialization, nothing of it verified: it shows which key and algorithm it asks for, and nothing of its payload.
///
/// `jwk`, `jku`, `x5u`, `x5c` and `x5t` in its header are not read: a key that comes with the token proves nothing
/// (RFC 8725 section 3.10).
#[derive(Clone, Debug)]
pub struct Token<'a> {
    header: Header,
    signing_input: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// What the header of a token says; trusted only once the signature is verified, and until then a hint which key to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The algorithm; nothing where it is none that is known here.
    pub algorithm: Option<Algorithm>,
    /// The key.
    pub kid: Option<String>,
    /// The type.
    pub typ: Option<String>,
}

/// A token whose signature is verified. What it says is still to be looked at: see [`Policy`](crate::Policy).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The header.
    pub header: Header,
    /// The payload, as it was signed.
    pub payload: Vec<u8>,
}

/// The members of a header that mean something here. Others are ignored, as RFC 7515 section 4 asks for.
#[derive(Deserialize)]
struct Members {
    alg: String,
    #[serde(default, deserialize_with = "json::present")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "json::present")]
    typ: Option<String>,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`Fault::TooLong`]; [`Fault::Malformed`] for anything but three parts of canonical base64url of which the first is a JSON
    /// header; [`Fault::DuplicateMember`] in it; [`Fault::Critical`].
    pub fn parse(token: &'a str) -> Result<Self, Fault> {
        if token.len() > TOKEN_MAX {
            return Err(Fault::TooLong);
        }
        let parts = Fault::Malformed("a compact JWS has three parts");
        let Some((signing_input, signature)) = token.rsplit_once('.') else { return Err(parts) };
        let Some((header, payload)) = signing_input.split_once('.') else { return Err(parts) };
        if payload.contains('.') {
            return Err(parts);
        }
        Ok(Self { header: parse_header(&decode(header)?)?, signing_input, payload, signature })
    }

    /// The header, nothing of which is verified.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Checks the signature with the key of `keys` that the token names, by its algorithm if that is one of `accepted`.
    ///
    /// # Errors
    /// [`Fault::AlgorithmNotAccepted`], [`Fault::UnknownKey`], [`Fault::NoKeyNamed`], [`Fault::WrongAlgorithm`],
    /// [`Fault::BadSignature`], and [`Fault::Malformed`] where a part is no base64url.
    pub fn verify_signature(self, keys: &JwkSet, accepted: &[Algorithm]) -> Result<Signed, Fault> {
        let algorithm = self.header.algorithm.filter(|algorithm| accepted.contains(algorithm));
        let algorithm = algorithm.ok_or(Fault::AlgorithmNotAccepted)?;
        let (kid, signature) = (self.header.kid.as_deref(), decode(self.signature)?);
        keys.check_signature(kid, algorithm, self.signing_input.as_bytes(), &signature)?;
        Ok(Signed { header: self.header, payload: decode(self.payload)? })
    }
}

fn parse_header(bytes: &[u8]) -> Result<Header, Fault> {
    let found = json::members(bytes).map_err(|refused| match refused {
        Refused::NoObject => Fault::Malformed("the header is no JSON object"),
        Refused::Twice => Fault::DuplicateMember,
    })?;
    // RFC 7515 section 4.1.11. `b64` (RFC 7797) must stand in `crit`, so one beside it is a header against the rules.
    if found.iter().any(|member| member.name == "crit" || member.name == "b64") {
        return Err(Fault::Critical);
    }
    let members: Members = serde_json::from_slice(bytes)
        .map_err(|_| Fault::Malformed("the header has no alg, or a member of another type"))?;
    if members.kid.as_ref().is_some_and(|kid| kid.is_empty() || kid.len() > KID_MAX) {
        return Err(Fault::UnknownKey);
    }
    Ok(Header { algorithm: Algorithm::from_name(&members.alg), kid: members.kid, typ: members.typ })
}

fn decode(part: &str) -> Result<Vec<u8>, Fault> {
    base64url::decode(part).ok_or(Fault::Malformed("a part is not base64url"))
}
