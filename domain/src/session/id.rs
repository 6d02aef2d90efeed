//! The id of a session.

use std::fmt;

use crate::uuid;

/// The id of a session, the `sid` of its tokens: a UUID, version 4 where we made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; 16]);

impl SessionId {
    /// A new id, made of random bytes.
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::v4(bytes))
    }

    /// The id that is written like this, if one is.
    pub fn parse(text: &str) -> Option<Self> {
        uuid::parse(text).map(Self)
    }

    /// The id of these bytes.
    pub(super) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub(super) const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&uuid::text(self.0))
    }
}
