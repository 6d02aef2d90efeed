//! What a token says: the claims that RFC 7519 section 4.1 registers, each of its type, and those that the caller asks for.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::Fault;
use crate::json::{self, Object, Refused, Take};

/// The end of the year 9999: what lies behind it is no date but a mistake, such as milliseconds.
const NUMERIC_DATE_MAX: f64 = 253_402_300_799.0;

/// The claims of a token that is valid. `T` is what the caller wants to know beyond those that are registered; [`NoMore`] is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims<T = NoMore> {
    /// Who issued it.
    pub iss: String,
    /// Whom it is about.
    pub sub: Option<String>,
    /// Whom it is for: one at least.
    pub aud: Vec<String>,
    /// From when on it is not valid, in Unix seconds; a fraction is cut off.
    pub exp: u64,
    /// From when on it is valid, in Unix seconds.
    pub nbf: Option<u64>,
    /// When it was issued, in Unix seconds.
    pub iat: Option<u64>,
    /// Its id.
    pub jti: Option<String>,
    /// Where its status is told (Token Status List section 6.2).
    pub status: Option<StatusReference>,
    /// The other claims, as far as the caller asked for them.
    pub more: T,
}

/// No other claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoMore;

/// An entry of a status list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReference {
    /// The place in the list, counted from zero.
    pub idx: u64,
    /// Where the list is.
    pub uri: String,
}

impl<'de> Deserialize<'de> for NoMore {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

/// The registered claims as they are written, each of which may be missing.
#[derive(Default)]
pub(crate) struct Registered {
    pub(crate) iss: Option<String>,
    pub(crate) sub: Option<String>,
    pub(crate) aud: Option<Audience>,
    pub(crate) exp: Option<NumericDate>,
    pub(crate) nbf: Option<NumericDate>,
    pub(crate) iat: Option<NumericDate>,
    pub(crate) jti: Option<String>,
    pub(crate) status: Option<StatusReference>,
}

/// The claim `status`: of the mechanisms that it may name, lists are understood.
#[derive(Default)]
struct Status(Option<StatusReference>);

/// The members of a [`StatusReference`].
#[derive(Default)]
struct Reference {
    idx: Option<u64>,
    uri: Option<String>,
}

/// A list of audiences; one that stands alone is a list of one (RFC 7519 section 4.1.3).
pub(crate) struct Audience(pub(crate) Vec<String>);

/// Seconds since the beginning of 1970 (RFC 7519 section 2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NumericDate(pub(crate) u64);

/// The payload, read as claims: an object of which every registered member has its type, and no member stands twice.
pub(crate) struct Payload<'a> {
    text: &'a str,
    members: Vec<json::Member<'a>>,
    pub(crate) registered: Registered,
}

impl<'a> Payload<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let fault = |refused| match refused {
            Refused::NoObject => Fault::Malformed("the claims are no JSON object"),
            Refused::Twice => Fault::DuplicateMember,
            Refused::WrongType => Fault::Malformed("a registered claim is not of its type (RFC 7519 section 4.1)"),
        };
        let text = json::text(bytes).map_err(fault)?;
        let Object { taken: registered, members } = json::read(text).map_err(fault)?;
        Ok(Self { text, members, registered })
    }

    /// Whether a claim of that name is there, and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        let place = self.members.binary_search_by(|member| member.name.as_ref().cmp(name));
        place.is_ok_and(|place| !self.members[place].is_null)
    }

    /// The claims that the caller asks for.
    pub(crate) fn more<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let mut deserializer = serde_json::Deserializer::from_str(self.text);
        T::deserialize(&mut deserializer).map_err(|error| Fault::WrongClaims(error.to_string()))
    }
}

impl<'de> Take<'de> for Registered {
    /// A claim that is null is not one that is missing, but one of another type.
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "iss" => self.iss = Some(map.next_value()?),
            "sub" => self.sub = Some(map.next_value()?),
            "aud" => self.aud = Some(map.next_value()?),
            "exp" => self.exp = Some(map.next_value()?),
            "nbf" => self.nbf = Some(map.next_value()?),
            "iat" => self.iat = Some(map.next_value()?),
            "jti" => self.jti = Some(map.next_value()?),
            "status" => self.status = map.next_value::<Object<'_, Status>>()?.taken.0,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl<'de> Take<'de> for Status {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        if name != "status_list" {
            return Ok(false);
        }
        match map.next_value::<Object<'_, Reference>>()?.taken {
            Reference { idx: Some(idx), uri: Some(uri) } => self.0 = Some(StatusReference { idx, uri }),
            _ => return Err(A::Error::custom("a reference to a status list has `idx` and `uri`")),
        }
        Ok(true)
    }
}

impl<'de> Take<'de> for Reference {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "idx" => self.idx = Some(map.next_value()?),
            "uri" => self.uri = Some(map.next_value()?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AudienceVisitor)
    }
}

struct AudienceVisitor;

impl<'de> Visitor<'de> for AudienceVisitor {
    type Value = Audience;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E>(self, audience: &str) -> Result<Self::Value, E> {
        Ok(Audience(vec![audience.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut audiences = Vec::new();
        while let Some(audience) = sequence.next_element()? {
            audiences.push(audience);
        }
        Ok(Audience(audiences))
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumericDateVisitor)
    }
}

struct NumericDateVisitor;

impl Visitor<'_> for NumericDateVisitor {
    type Value = NumericDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds from 1970 to 9999")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Self::Value, E> {
        self.visit_f64(seconds as f64)?;
        Ok(NumericDate(seconds))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Self::Value, E> {
        match (0.0..=NUMERIC_DATE_MAX).contains(&seconds) {
            true => Ok(NumericDate(seconds as u64)),
            false => Err(E::custom("a time before 1970 or after 9999")),
        }
    }
}
