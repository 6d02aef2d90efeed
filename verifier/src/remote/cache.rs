//! What is held of a remote JWKS, and what to do when somebody needs a key: decided here, without asking anybody.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::freshness::Freshness;
use crate::fetch::FetchError;
use crate::{JwkSet, Unavailable};

/// For how long a set is good that does not say so.
const GOOD_FOR_DEFAULT: Duration = Duration::from_secs(300);
/// For how long a set is good at most, whatever it says.
const GOOD_FOR_MAX: Duration = Duration::from_secs(24 * 3600);
/// How soon another try is made as long as nothing was ever fetched.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// For how long a kid that the issuer did not know is not asked for again.
const UNKNOWN_FOR: Duration = Duration::from_secs(120);
/// How many such kids are remembered; of more the oldest is forgotten.
const UNKNOWN_MAX: usize = 1024;

/// How patient the cache is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How much time is between two fetches at least.
    pub(crate) cooldown: Duration,
    /// For how long a set is used after its time while no other can be had.
    pub(crate) max_stale: Duration,
}

/// What is held. Instants are durations since the beginning of 1970.
#[derive(Debug)]
pub(crate) struct Cache {
    limits: Limits,
    held: Option<Held>,
    /// When the last fetch began.
    asked_at: Option<Duration>,
    is_fetching: bool,
    failure: Option<Arc<FetchError>>,
    unknown: VecDeque<(String, Duration)>,
}

#[derive(Debug)]
struct Held {
    set: Arc<JwkSet>,
    etag: Option<String>,
    since: Duration,
    good_for: Duration,
    stale_while_revalidate: Duration,
}

/// What came of a fetch.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Another set.
    New(JwkSet, Option<String>, Freshness),
    /// The set that is held is still the one.
    NotModified(Freshness),
    /// None.
    Failed(FetchError),
}

/// What to do for somebody who needs a key.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) now: Do,
    /// Whether to begin a fetch. The cache takes it for begun.
    pub(crate) begin: bool,
}

#[derive(Debug)]
pub(crate) enum Do {
    /// Use this set.
    Use(Arc<JwkSet>),
    /// Wait for the fetch that is under way, and then call [`Cache::after_fetch`].
    Wait,
    /// There is nothing to use.
    GiveUp(Unavailable),
}

impl Cache {
    pub(crate) const fn new(limits: Limits) -> Self {
        Self { limits, held: None, asked_at: None, is_fetching: false, failure: None, unknown: VecDeque::new() }
    }

    /// What to do for somebody who needs the key `kid` at `now`.
    pub(crate) fn step(&mut self, kid: Option<&str>, now: Duration) -> Step {
        let may_ask = self.is_fetching || self.may_begin(now);
        let Some(held) = &self.held else {
            return if may_ask { self.wait(now) } else { self.no_fetch(now) };
        };
        let is_news = kid.is_some_and(|kid| !held.set.has(kid) && !self.is_known_unknown(kid, now));
        // While the issuer is down nobody waits for as long as the last good set may be used.
        let is_over = held.is_over(now) && (self.failure.is_none() || !self.is_usable(held, now));
        if may_ask && (is_over || is_news || held.set.is_empty()) {
            return self.wait(now);
        }
        let begin = may_ask && held.is_due(now) && !self.is_fetching;
        if begin {
            self.begin(now);
        }
        Step { begin, ..self.no_fetch(now) }
    }

    /// What to do once the fetch that somebody waited for is over.
    pub(crate) fn after_fetch(&mut self, kid: Option<&str>, now: Duration) -> Do {
        let is_unknown = |held: &Held| kid.filter(|kid| !held.set.has(kid)).map(str::to_owned);
        if let Some(kid) = self.held.as_ref().and_then(is_unknown) {
            self.remember_unknown(kid, now);
        }
        self.no_fetch(now).now
    }

    /// Takes in what came of the fetch that was begun.
    pub(crate) fn finish(&mut self, outcome: Outcome, now: Duration) {
        self.is_fetching = false;
        self.failure = None;
        match (outcome, &mut self.held) {
            (Outcome::New(set, etag, freshness), _) => {
                self.held = Some(Held::new(Arc::new(set), etag, (freshness, now), self.limits));
            }
            (Outcome::NotModified(freshness), Some(held)) => {
                *held = Held::new(Arc::clone(&held.set), held.etag.take(), (freshness, now), self.limits);
            }
            (Outcome::NotModified(_), None) => self.failure = Some(Arc::new(FetchError::Status(304))),
            (Outcome::Failed(failure), _) => self.failure = Some(Arc::new(failure)),
        }
    }

    /// The set that is held, however old.
    pub(crate) fn held(&self) -> Option<&Arc<JwkSet>> {
        self.held.as_ref().map(|held| &held.set)
    }

    /// The validator of the set that is held.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.held.as_ref()?.etag.as_deref()
    }

    /// Why the last fetch failed; nothing where it did not.
    pub(crate) const fn failure(&self) -> Option<&Arc<FetchError>> {
        self.failure.as_ref()
    }

    pub(crate) const fn is_fetching(&self) -> bool {
        self.is_fetching
    }

    fn may_begin(&self, now: Duration) -> bool {
        let pause = if self.held.is_some() { self.limits.cooldown } else { FIRST_RETRY };
        // A clock that was put back must not keep anybody waiting.
        self.asked_at.is_none_or(|asked_at| now < asked_at || now - asked_at >= pause)
    }

    fn begin(&mut self, now: Duration) {
        self.asked_at = Some(now);
        self.is_fetching = true;
    }

    fn wait(&mut self, now: Duration) -> Step {
        let begin = !self.is_fetching;
        if begin {
            self.begin(now);
        }
        Step { now: Do::Wait, begin }
    }

    /// What there is without a fetch.
    fn no_fetch(&self, now: Duration) -> Step {
        let now = match &self.held {
            Some(held) if held.set.is_empty() => Do::GiveUp(Unavailable::NoUsableKey),
            Some(held) if self.is_usable(held, now) => Do::Use(Arc::clone(&held.set)),
            _ => Do::GiveUp(Unavailable::NoKeys(self.failure.clone())),
        };
        Step { now, begin: false }
    }

    fn is_usable(&self, held: &Held, now: Duration) -> bool {
        held.age(now) < held.good_for + self.limits.max_stale
    }

    fn is_known_unknown(&self, kid: &str, now: Duration) -> bool {
        self.unknown.iter().any(|(unknown, until)| unknown == kid && now < *until)
    }

    fn remember_unknown(&mut self, kid: String, now: Duration) {
        self.unknown.retain(|(unknown, until)| *unknown != kid && now < *until);
        if self.unknown.len() == UNKNOWN_MAX {
            self.unknown.pop_front();
        }
        self.unknown.push_back((kid, now + UNKNOWN_FOR));
    }
}

impl Held {
    fn new(set: Arc<JwkSet>, etag: Option<String>, (freshness, since): (Freshness, Duration), limits: Limits) -> Self {
        let good_for = freshness.max_age.unwrap_or(GOOD_FOR_DEFAULT).clamp(limits.cooldown, GOOD_FOR_MAX);
        let stale_while_revalidate = freshness.stale_while_revalidate.min(limits.max_stale);
        Self { set, etag, since, good_for, stale_while_revalidate }
    }

    /// How old it is; of a clock that was put back nothing is known, so it is as old as can be.
    fn age(&self, now: Duration) -> Duration {
        now.checked_sub(self.since).unwrap_or(Duration::MAX)
    }

    /// Whether it must not be used before another one was asked for.
    fn is_over(&self, now: Duration) -> bool {
        self.age(now) >= self.good_for + self.stale_while_revalidate
    }

    /// Whether another one should be fetched in the background: before its time is over, so that nobody waits.
    fn is_due(&self, now: Duration) -> bool {
        self.age(now) >= self.good_for * 4 / 5
    }
}
