//! The keys of a remote JWKS: fetched when they are needed, kept for as long as they are good, and asked for anew before that is over.

mod cache;
mod freshness;
mod source;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use self::cache::{Cache, Do, Limits, Outcome};
use self::freshness::Freshness;
use crate::clock::since_epoch;
use crate::fetch::{Fetch, FetchError, Get};
use crate::{Clock, JWK_SET_MAX, JwkSet, SystemClock, Unavailable};

pub use self::source::Source;

/// For how long the place of a JWKS is known at least, and where its metadata does not say for how long.
const LOCATED_FOR_MIN: Duration = Duration::from_secs(300);
const LOCATED_FOR: Duration = Duration::from_secs(3600);
const LOCATED_FOR_MAX: Duration = Duration::from_secs(24 * 3600);

/// The keys of an issuer, wherever it publishes them. A clone shares what is held.
///
/// - A set is kept for as long as its `Cache-Control` says, from the cooldown to a day, and for five minutes where it says nothing.
///   After four fifths of that time the next one is fetched in the background, with `If-None-Match`.
/// - One fetch is under way at most; whoever needs it waits for that one.
/// - A kid that is not known is asked for at once, if the last fetch was a cooldown ago; one that the issuer did not know is not asked
///   for again within two minutes. So no flood of made-up kids makes more than one fetch in a cooldown.
/// - While no set can be fetched, the last good one is used for `max_stale` beyond its time, and nobody waits; then tokens are
///   answered with [`Unavailable`]. A set without any usable key is taken at its word, and nothing verifies until there is another.
///
/// Fetches run as tasks of the tokio runtime in which a token is verified, so that one who goes away stops none.
#[derive(Clone)]
pub struct RemoteJwks {
    shared: Arc<Shared>,
}

struct Shared {
    source: Source,
    fetch: Box<dyn Fetch>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    cache: Mutex<Cache>,
    located: Mutex<Option<Located>>,
    /// Counts the fetches that are over.
    over: watch::Sender<u64>,
}

/// Where the JWKS was found to be, and until when that is taken for granted.
#[derive(Clone)]
struct Located {
    url: String,
    until: Duration,
}

impl RemoteJwks {
    /// The keys of `source`, fetched by `fetch`.
    pub fn builder(source: Source, fetch: impl Fetch + 'static) -> RemoteJwksBuilder {
        RemoteJwksBuilder {
            source,
            fetch: Box::new(fetch),
            clock: Arc::new(SystemClock),
            timeout: Duration::from_secs(5),
            limits: Limits { cooldown: Duration::from_secs(30), max_stale: Duration::from_secs(3600) },
        }
    }

    /// A set in which the key `kid` is, if the issuer has it.
    ///
    /// # Errors
    /// [`Unavailable`] where there is no set that may be used.
    pub async fn key_set(&self, kid: Option<&str>) -> Result<Arc<JwkSet>, Unavailable> {
        let (step, mut over) = {
            let mut cache = self.shared.cache();
            (cache.step(kid, self.shared.now()), self.shared.over.subscribe())
        };
        if step.begin {
            tokio::spawn(Shared::refresh(UnderWay(Arc::clone(&self.shared))));
        }
        let then = match step.now {
            Do::Wait => {
                // The sender lives as long as `self`.
                let _over = over.changed().await;
                self.shared.cache().after_fetch(kid, self.shared.now())
            }
            other => other,
        };
        match then {
            Do::Use(set) => Ok(set),
            Do::GiveUp(unavailable) => Err(unavailable),
            Do::Wait => Err(Unavailable::NoKeys(None)),
        }
    }

    /// The set that is held, however old: for a health check or a log. [`JwkSet::passed_over`] says which keys are not used.
    pub fn held(&self) -> Option<Arc<JwkSet>> {
        self.shared.cache().held().cloned()
    }

    /// Why the last fetch failed; nothing where it did not.
    pub fn failure(&self) -> Option<Arc<FetchError>> {
        self.shared.cache().failure().cloned()
    }
}

impl fmt::Debug for RemoteJwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteJwks").field("source", &self.shared.source).finish_non_exhaustive()
    }
}

impl Shared {
    fn cache(&self) -> MutexGuard<'_, Cache> {
        // Nothing that holds the lock can leave the cache half changed.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        since_epoch(self.clock.now())
    }

    async fn refresh(under_way: UnderWay) {
        let shared = &under_way.0;
        let outcome = match tokio::time::timeout(shared.timeout, shared.ask()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => Outcome::Failed(error),
            Err(_elapsed) => Outcome::Failed(FetchError::Timeout),
        };
        if matches!(outcome, Outcome::Failed(_)) {
            // The JWKS may have moved: the metadata is asked for anew.
            *shared.located.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        under_way.finish(outcome);
    }

    async fn ask(&self) -> Result<Outcome, FetchError> {
        let url = self.locate().await?;
        let etag = self.cache().etag().map(str::to_owned);
        let accept = "application/jwk-set+json, application/json";
        let request = Get { url: &url, accept, if_none_match: etag.as_deref(), max_bytes: JWK_SET_MAX };
        let answer = self.fetch.get(request).await?;
        let freshness = Freshness::of(&answer);
        match answer.status {
            200 => Ok(Outcome::New(JwkSet::parse(&answer.body)?, answer.etag, freshness)),
            304 if etag.is_some() => Ok(Outcome::NotModified(freshness)),
            other => Err(FetchError::Status(other)),
        }
    }

    async fn locate(&self) -> Result<String, FetchError> {
        let now = self.now();
        let located = self.located.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(located) = located.filter(|located| now < located.until) {
            return Ok(located.url);
        }
        let (url, freshness) = self.source.locate(&*self.fetch).await?;
        let known_for = freshness.max_age.unwrap_or(LOCATED_FOR).clamp(LOCATED_FOR_MIN, LOCATED_FOR_MAX);
        let located = Located { url: url.clone(), until: now + known_for };
        *self.located.lock().unwrap_or_else(PoisonError::into_inner) = Some(located);
        Ok(url)
    }
}

/// A fetch that is under way. Whatever becomes of its task, whoever waits for it learns that it is over.
struct UnderWay(Arc<Shared>);

impl UnderWay {
    fn finish(&self, outcome: Outcome) {
        // Both under one lock: whoever begins another fetch meanwhile is not told of this one.
        let mut cache = self.0.cache();
        cache.finish(outcome, self.0.now());
        self.0.over.send_modify(|count| *count += 1);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.0.cache().is_fetching() {
            self.finish(Outcome::Failed(FetchError::Aborted));
        }
    }
}

/// How a [`RemoteJwks`] is made.
pub struct RemoteJwksBuilder {
    source: Source,
    fetch: Box<dyn Fetch>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    limits: Limits,
}

impl RemoteJwksBuilder {
    /// How much time is between two fetches at least: thirty seconds without this, a second at least. Only as long as nothing was
    /// ever fetched it is one second.
    #[must_use]
    pub fn cooldown(mut self, cooldown: Duration) -> Self {
        self.limits.cooldown = cooldown.max(Duration::from_secs(1));
        self
    }

    /// For how long a set is used beyond its time while no other can be fetched: an hour without this, a day at most. A key that was
    /// revoked meanwhile is believed for as long.
    #[must_use]
    pub fn max_stale(mut self, max_stale: Duration) -> Self {
        self.limits.max_stale = max_stale.min(Duration::from_secs(24 * 3600));
        self
    }

    /// For how long a fetch may take: five seconds without this.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Another clock than that of the machine.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The keys. Nothing is fetched before the first token is verified.
    pub fn build(self) -> RemoteJwks {
        let shared = Shared {
            source: self.source,
            fetch: self.fetch,
            clock: self.clock,
            timeout: self.timeout,
            cache: Mutex::new(Cache::new(self.limits)),
            located: Mutex::new(None),
            over: watch::Sender::new(0),
        };
        RemoteJwks { shared: Arc::new(shared) }
    }
}
