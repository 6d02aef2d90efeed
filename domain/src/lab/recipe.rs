//! What the specimens are made of, and who signs them.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};

use crate::key::{Algorithm, PublicJwk};
use crate::time::Timestamp;
use crate::token::Unverified;

/// Whose signature a specimen has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signatory {
    /// The key that signs the tokens of the server, by this algorithm.
    Published(Algorithm),
    /// The fixture that has always been expired.
    Expired,
    /// A key of the server that was revoked.
    Revoked(Algorithm),
    /// A key that is nobody's concern, and never was.
    Unpublished(Algorithm),
    /// A key of somebody who would like to be believed.
    Stranger(Algorithm),
    /// There is no key: the signature is empty, or one that takes none.
    Nobody,
}

/// How many random bytes a specimen takes at most.
pub const NOISE: usize = 100;

/// A token as the server issues them, from which every specimen is made.
pub struct SoundToken {
    text: String,
    signed: usize,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

/// What is at hand to make a specimen.
pub struct Ingredients<'a> {
    /// A token with which nothing is wrong.
    pub sound: &'a SoundToken,
    /// The key that has signed it, which is published.
    pub published: &'a PublicJwk,
    /// The key that signs the specimen; the published one where none does.
    pub signer: &'a PublicJwk,
    /// The present instant.
    pub now: Timestamp,
    /// Random bytes, where nobody could tell others from them.
    pub noise: &'a [u8; NOISE],
}

/// A header and a payload that may still be changed.
pub(super) struct Draft {
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
}

impl SoundToken {
    /// Takes a token that the server has issued apart; `None` if it is none.
    pub fn parse(text: String) -> Option<Self> {
        let unverified = Unverified::parse(&text).ok()?;
        let signed = unverified.signing_input.len();
        let header = text.split('.').next().and_then(|part| Base64UrlUnpadded::decode_vec(part).ok())?;
        let (header, claims) =
            (serde_json::from_slice(&header).ok()?, serde_json::from_slice(&unverified.payload).ok()?);
        Some(Self { text, signed, header, claims })
    }

    /// The header and the payload, as they were signed.
    pub fn signing_input(&self) -> &str {
        &self.text[..self.signed]
    }

    /// Its issuer.
    pub(super) fn issuer(&self) -> &str {
        self.claims.get("iss").and_then(Value::as_str).unwrap_or_default()
    }

    /// Its header and payload, to be changed.
    pub(super) fn draft(&self) -> Draft {
        Draft { header: self.header.clone(), claims: self.claims.clone() }
    }
}

impl Draft {
    /// The same with another member of the header.
    pub(super) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// The same with another claim.
    pub(super) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// What is signed of it.
    pub(super) fn signing_input(&self) -> String {
        spelled(&json(&self.header), &json(&self.claims))
    }
}

/// The JSON of an object.
pub(super) fn json(members: &Map<String, Value>) -> String {
    Value::Object(members.clone()).to_string()
}

/// The JSON of an object with one more member in front, whether it has one of that name or not.
pub(super) fn with_member_in_front(members: &Map<String, Value>, name: &str, value: &str) -> String {
    format!("{{{}:{},{}", Value::from(name), Value::from(value), &json(members)[1..])
}

/// Header and payload in base64url, with a dot between (RFC 7515 section 5.1).
pub(super) fn spelled(header: &str, payload: &str) -> String {
    format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()))
}

/// Base64url as JOSE has it (RFC 7515 section 2).
pub(super) fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
