//! Those who receive tokens: each with its own clock and a cached JWKS.

use std::time::Duration;

use jwksd_domain::key::{Kid, PublicJwk};
use jwksd_domain::ports::SignatureVerifier;
use jwksd_domain::time::Timestamp;
use jwksd_testkit::FakeVerifier;

use crate::ledger::Held;
use crate::setting::COOLDOWN;

/// A JWKS as it was answered.
#[derive(Clone)]
pub(crate) struct Answer {
    /// The keys.
    pub(crate) keys: Vec<PublicJwk>,
    /// How long it is fresh.
    pub(crate) max_age: Duration,
    /// How long it may be used after that, while another one is fetched.
    pub(crate) stale_while_revalidate: Duration,
}

/// A JWKS that is kept.
pub(crate) struct Cache {
    /// The keys.
    pub(crate) keys: Vec<PublicJwk>,
    /// As of when they are true.
    pub(crate) since: Timestamp,
    /// Until when it is fresh.
    fresh_until: Timestamp,
    /// Until when it may be used, fresh or not.
    until: Timestamp,
}

/// One who receives tokens.
pub(crate) struct Verifier {
    /// Its clock, in milliseconds ahead of true time.
    pub(crate) ahead: i64,
    /// Whether it uses what is stale while it fetches.
    uses_stale: bool,
    cache: Option<Cache>,
    asked_at: Option<Timestamp>,
    was_cut_off: bool,
}

impl Verifier {
    /// One that knows nothing yet.
    pub(crate) const fn new(ahead: i64, uses_stale: bool) -> Self {
        Self { ahead, uses_stale, cache: None, asked_at: None, was_cut_off: false }
    }

    /// The JWKS that it may use now without waiting for another.
    pub(crate) fn usable(&self, now: Timestamp) -> Option<&Cache> {
        self.cache.as_ref().filter(|cache| now < cache.until)
    }

    /// Whether what it uses is not fresh any more.
    pub(crate) fn is_stale(&self, now: Timestamp) -> bool {
        self.usable(now).is_some_and(|cache| cache.fresh_until <= now)
    }

    /// Keeps an answer that is true as of an earlier instant, where who gave it has not reached the store for long.
    pub(crate) fn keep(&mut self, answer: Answer, now: Timestamp, as_of: Timestamp) {
        self.was_cut_off = as_of < now;
        let stale = if self.uses_stale { answer.stale_while_revalidate } else { Duration::ZERO };
        let fresh_until = now.plus(answer.max_age);
        self.cache = Some(Cache { keys: answer.keys, since: as_of, fresh_until, until: fresh_until.plus(stale) });
    }

    /// Whether who answered last had not reached the store for long.
    pub(crate) const fn was_cut_off(&self) -> bool {
        self.was_cut_off
    }

    /// Whether it may ask for a kid that it does not know; it is about to.
    pub(crate) fn asks(&mut self, now: Timestamp) -> bool {
        let may = self.asked_at.is_none_or(|asked_at| now >= asked_at.plus(COOLDOWN));
        if may {
            self.asked_at = Some(now);
        }
        may
    }

    /// What it makes of a token with the keys that it has; `None` where it does not know the key.
    pub(crate) fn verify(&self, token: &Held) -> Option<bool> {
        let key = self.cache.as_ref()?.find(&token.kid)?;
        Some(FakeVerifier.verify(key, token.signing_input.as_bytes(), &token.signature).unwrap())
    }
}

impl Cache {
    /// The key of that kid.
    pub(crate) fn find(&self, kid: &Kid) -> Option<&PublicJwk> {
        self.keys.iter().find(|key| key.kid() == kid)
    }
}
