//! A set of public keys (RFC 7517 section 5), parsed once and then only looked at.

use aws_lc_rs::signature::ParsedPublicKey;
use serde_json::Value;

use crate::json::{self, Nothing, Refused};
use crate::jwk::Jwk;
use crate::{Algorithm, Fault, Unusable};

/// The largest set that is read, in bytes: one of sixteen RSA-8192 keys with their certificates has less.
pub const JWK_SET_MAX: usize = 256 * 1024;
/// The most keys of a set.
const KEYS_MAX: usize = 128;

/// Public keys to check signatures with.
///
/// A key that cannot be used is passed over, as RFC 7517 section 5 asks for, and [`JwkSet::passed_over`] says why. A set as such is
/// refused only where it cannot be told what it says.
#[derive(Debug, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    passed_over: Vec<PassedOver>,
}

/// A key of a set that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// Its place in the set, counted from zero.
    pub index: usize,
    /// Its kid, where it has one.
    pub kid: Option<String>,
    /// Why.
    pub reason: Unusable,
}

/// Why a set is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// It is longer than [`JWK_SET_MAX`] bytes.
    #[error("the JWKS is longer than 256 KiB")]
    TooLong,
    /// It is no JSON object.
    #[error("the JWKS is no JSON object (RFC 7517 section 5)")]
    NoJson,
    /// A member stands twice in an object, so two readers could see two sets.
    #[error("a member stands twice in the JWKS (RFC 7517 section 4)")]
    DuplicateMember,
    /// It has no list `keys`.
    #[error("the JWKS has no list `keys` (RFC 7517 section 5.1)")]
    NoKeys,
    /// It has more than 128 keys.
    #[error("the JWKS has more than 128 keys")]
    TooManyKeys,
}

impl JwkSet {
    /// Reads a set.
    ///
    /// # Errors
    /// [`JwkSetError`] where it cannot be told what it says. A set without any key that can be used is none: nothing verifies with it.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, JwkSetError> {
        let text = text.as_ref();
        if text.len() > JWK_SET_MAX {
            return Err(JwkSetError::TooLong);
        }
        json::text(text).and_then(json::read::<Nothing>).map_err(|refused| match refused {
            Refused::NoObject | Refused::WrongType => JwkSetError::NoJson,
            Refused::Twice => JwkSetError::DuplicateMember,
        })?;
        let document: Value = serde_json::from_slice(text).map_err(|_| JwkSetError::NoJson)?;
        let Some(keys) = document["keys"].as_array() else { return Err(JwkSetError::NoKeys) };
        if keys.len() > KEYS_MAX {
            return Err(JwkSetError::TooManyKeys);
        }
        Ok(Self::of(keys))
    }

    fn of(keys: &[Value]) -> Self {
        let mut set = Self::default();
        let mut places = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            match key.as_object().ok_or(Unusable::Malformed).and_then(Jwk::from_members) {
                Ok(key) => {
                    set.keys.push(key);
                    places.push(index);
                }
                Err(reason) => {
                    let kid = key["kid"].as_str().map(str::to_owned);
                    set.passed_over.push(PassedOver { index, kid, reason });
                }
            }
        }
        set.pass_over_duplicates(&places);
        set
    }

    /// Of keys that a kid does not tell apart none is used: which one is meant would depend on their order.
    fn pass_over_duplicates(&mut self, places: &[usize]) {
        let keys = std::mem::take(&mut self.keys);
        let is_duplicate = |key: &Jwk| keys.iter().filter(|other| key.is_mistaken_for(other)).count() > 1;
        let duplicates: Vec<_> = keys.iter().map(is_duplicate).collect();
        for ((key, is_duplicate), index) in keys.into_iter().zip(duplicates).zip(places) {
            match is_duplicate {
                false => self.keys.push(key),
                true => {
                    self.passed_over.push(PassedOver { index: *index, kid: key.kid, reason: Unusable::DuplicateKid });
                }
            }
        }
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key can be used.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that cannot be used, and why.
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }

    /// Whether a key that can be used has that kid.
    pub fn has(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid.as_deref() == Some(kid))
    }

    /// Checks the signature of `message` with the key `kid` by `algorithm`; without a kid, with the one key for that algorithm.
    ///
    /// # Errors
    /// [`Fault::UnknownKey`], [`Fault::NoKeyNamed`], [`Fault::WrongAlgorithm`], [`Fault::BadSignature`].
    pub fn check_signature(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Fault> {
        self.key(kid, algorithm)?.verify_sig(message, signature).map_err(|_| Fault::BadSignature)
    }

    /// The key that a token of that kid and algorithm is signed with. Without a kid it is the one key for that algorithm.
    fn key(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&ParsedPublicKey, Fault> {
        let Some(kid) = kid else { return self.only_key(algorithm) };
        let named = || self.keys.iter().filter(|key| key.kid.as_deref() == Some(kid));
        match named().find_map(|key| key.prepared_for(algorithm)) {
            Some(key) => Ok(key),
            None if named().next().is_some() => Err(Fault::WrongAlgorithm),
            None => Err(Fault::UnknownKey),
        }
    }

    fn only_key(&self, algorithm: Algorithm) -> Result<&ParsedPublicKey, Fault> {
        let mut fitting = self.keys.iter().filter_map(|key| key.prepared_for(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            _ => Err(Fault::NoKeyNamed),
        }
    }
}
