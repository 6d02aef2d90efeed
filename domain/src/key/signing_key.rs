//! One signing key and its schedule.

use std::time::Duration;

use super::{Algorithm, Kid, PublicJwk};
use crate::ports::Sealed;
use crate::time::Timestamp;

/// What a key is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    /// It signs tokens when its time has come.
    Signing,
    /// It has always been expired: the dev profile signs tokens with it that every verifier must refuse.
    ExpiredFixture,
}

impl KeyPurpose {
    /// The name of the purpose in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::ExpiredFixture => "expired_fixture",
        }
    }

    /// The purpose of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Signing, Self::ExpiredFixture].into_iter().find(|purpose| purpose.as_str() == name)
    }
}

/// The instants of a key's life, each in whole seconds and none before the one above it.
///
/// ```text
///           publish lead                       longest token life + skew
///  published_from ──▶ signs_from ═══ signing ═══ signs_until ──────────▶ published_until ──▶ erased
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySchedule {
    /// From here on the key is in the JWKS.
    pub published_from: Timestamp,
    /// From here on it signs.
    pub signs_from: Timestamp,
    /// From here on it signs no more.
    pub signs_until: Timestamp,
    /// From here on it is out of the JWKS: no token that it signed is valid any more.
    pub published_until: Timestamp,
}

/// What a key is at some instant. A question to the clock, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// Not yet in the JWKS.
    Pending,
    /// In the JWKS, about to sign.
    Standby,
    /// Signs.
    Active,
    /// Signs no more; its tokens still verify.
    Retired,
    /// Out of the JWKS by its schedule.
    Expired,
    /// Out of the JWKS by revocation.
    Revoked,
}

impl KeyState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Standby, Self::Active, Self::Retired, Self::Expired, Self::Revoked];

    /// The name of the state in answers, lists and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Standby => "standby",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// That, when and why a key was revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Since when, in whole seconds.
    pub at: Timestamp,
    /// Why, in the words of whoever revoked it.
    pub reason: String,
}

/// A signing key: public half, sealed private half, schedule.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The public half; names the kid and the algorithm.
    pub public: PublicJwk,
    /// The private half, sealed.
    pub private: Sealed,
    /// What it is kept for.
    pub purpose: KeyPurpose,
    /// When it was made, in whole seconds.
    pub created_at: Timestamp,
    /// When it does what.
    pub schedule: KeySchedule,
    /// Whether it was revoked.
    pub revocation: Option<Revocation>,
}

impl SigningKey {
    /// The kid.
    pub const fn kid(&self) -> &Kid {
        self.public.kid()
    }

    /// The algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The instants of its life as they are to be told: none lies before the key was made. Those of the schedule may, where they
    /// are set back so that a replica whose clock is behind takes part at once, and do for the fixture, which was never published.
    pub fn life(&self) -> KeySchedule {
        let lived = |at: Timestamp| at.max(self.created_at);
        let KeySchedule { published_from, signs_from, signs_until, published_until } = self.schedule;
        KeySchedule {
            published_from: lived(published_from),
            signs_from: lived(signs_from),
            signs_until: lived(signs_until),
            published_until: lived(published_until),
        }
    }

    /// What the key is at `now`.
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        let schedule = &self.schedule;
        match now {
            _ if self.revocation.is_some() => KeyState::Revoked,
            now if now >= schedule.published_until => KeyState::Expired,
            now if now < schedule.published_from => KeyState::Pending,
            now if now < schedule.signs_from => KeyState::Standby,
            now if now < schedule.signs_until => KeyState::Active,
            _ => KeyState::Retired,
        }
    }

    /// Whether the key is in the JWKS at `now`.
    pub fn is_published_at(&self, now: Timestamp) -> bool {
        matches!(self.state_at(now), KeyState::Standby | KeyState::Active | KeyState::Retired)
    }
}

impl KeySchedule {
    /// The schedule of a key that is published at `published_from` and signs in `[signs_from, signs_until)`; its tokens
    /// verify for `retention` after.
    pub fn new(published_from: Timestamp, signs_from: Timestamp, signs_until: Timestamp, retention: Duration) -> Self {
        Self { published_from, signs_from, signs_until, published_until: signs_until.plus(retention) }
    }

    /// The same schedule with another window of signing.
    pub fn signing_in(self, signs_from: Timestamp, signs_until: Timestamp, retention: Duration) -> Self {
        Self::new(self.published_from, signs_from, signs_until, retention)
    }
}
