//! What must hold after every step of every schedule.

use std::fmt;

/// One invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invariant {
    /// An unexpired token of a key that is not revoked verifies at every verifier: with the keys that it has where its key was
    /// published for the lead before it signed, else after one permitted look at the JWKS.
    TokensVerify,
    /// At the instant of signing every cache that is fresh has the key, unless no other key could sign.
    KnownBeforeItSigns,
    /// At any instant at most one key of the stored ring signs, and after a tick one does.
    OneSigner,
    /// A revoked key is in no JWKS once every replica has looked at the store, in no cache once it has turned over since, and
    /// stays revoked for ever.
    RevokedStaysAway,
    /// The JWKS holds no more keys than the policy says, and the ring no more than the schedule needs.
    Bounded,
    /// No token outlives the publication of its key.
    OutlivesNoKey,
    /// What is answered as done is in the store, and in the audit log.
    DoneIsStored,
    /// Once the encryption key was changed and everything sealed anew, every key opens with the new one alone.
    OpensWithTheNewKey,
    /// No cache may keep a JWKS past the instant at which it becomes another one by schedule.
    NoCachePastAChange,
}

/// An invariant that did not hold.
#[derive(Debug)]
pub(crate) struct Violation {
    /// Which one.
    pub(crate) invariant: Invariant,
    /// What was found.
    pub(crate) found: String,
}

impl Invariant {
    /// `Ok` where it holds; what was found is put into words only where it does not.
    pub(crate) fn holds(self, holds: bool, found: impl FnOnce() -> String) -> Result<(), Violation> {
        match holds {
            true => Ok(()),
            false => Err(Violation { invariant: self, found: found() }),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} does not hold: {}", self.invariant, self.found)
    }
}
