//! A token as somebody sent it: taken apart, and then checked against a set of keys (RFC 7515 section 5.2).

use serde::de::MapAccess;

use crate::json::{self, Refused, Take};
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

/// A token whose signature is verified: nothing else makes one. What it says is still to be looked at: see [`Policy`](crate::Policy).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signed {
    /// The header.
    pub header: Header,
    /// The payload, as it was signed.
    pub payload: Vec<u8>,
}

/// The members of a header that mean something here. Others are ignored, as RFC 7515 section 4 asks for.
#[derive(Default)]
struct Members {
    alg: Option<String>,
    kid: Option<String>,
    typ: Option<String>,
    is_critical: bool,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`Fault::TooLong`]; [`Fault::Malformed`] for anything but three parts of canonical base64url of which the first is a JSON
    /// header; [`Fault::DuplicateMember`] in it; [`Fault::Critical`].
    pub fn parse(token: &'a str) -> Result<Self, Fault> {
        Self::parse_within(token, TOKEN_MAX)
    }

    /// The same for a token of at most `max` bytes.
    pub(crate) fn parse_within(token: &'a str, max: usize) -> Result<Self, Fault> {
        if token.len() > max {
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
    let no_member = Fault::Malformed("the header has no alg, or a member of another type");
    let members = match json::text(bytes).and_then(json::read::<Members>) {
        Ok(object) => object.taken,
        Err(Refused::NoObject) => return Err(Fault::Malformed("the header is no JSON object")),
        Err(Refused::Twice) => return Err(Fault::DuplicateMember),
        Err(Refused::WrongType) => return Err(no_member),
    };
    if members.is_critical {
        return Err(Fault::Critical);
    }
    if members.kid.as_ref().is_some_and(|kid| kid.is_empty() || kid.len() > KID_MAX) {
        return Err(Fault::UnknownKey);
    }
    let alg = members.alg.ok_or(no_member)?;
    Ok(Header { algorithm: Algorithm::from_name(&alg), kid: members.kid, typ: members.typ })
}

impl<'de> Take<'de> for Members {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "alg" => self.alg = Some(map.next_value()?),
            "kid" => self.kid = Some(map.next_value()?),
            "typ" => self.typ = Some(map.next_value()?),
            // RFC 7515 section 4.1.11. `b64` (RFC 7797) must stand in `crit`, so one without it is a header against the rules.
            "crit" | "b64" => {
                self.is_critical = true;
                return Ok(false);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn decode(part: &str) -> Result<Vec<u8>, Fault> {
    base64url::decode(part).ok_or(Fault::Malformed("a part is not base64url"))
}
