//! What governor decides, at an instant that stands still.
//!
//! governor keeps its own table of keys and offers neither to look without spending nor to forget a key. So the table is ours
//! (`ledger.rs`) and governor is asked for one decision at a time: for it, now is always zero, and all it knows of a bucket is
//! how far the bucket's theoretical arrival time lies ahead.

use std::cell::Cell;
use std::time::Duration;

use governor::RateLimiter;
use governor::clock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use jwksd_domain::limit::{Allowance, Quota, Refusal};

/// A quota as governor has it.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    quota: governor::Quota,
    /// How far ahead a bucket is that is spent entirely.
    pub(crate) whole: Duration,
}

/// One decision, and how far ahead the bucket is after it.
pub(crate) struct Decision {
    pub(crate) answer: Result<Allowance, Refusal>,
    pub(crate) ahead: Duration,
}

impl Rule {
    pub(crate) fn new(quota: Quota) -> Self {
        // governor counts nanoseconds in 64 bits: a burst takes 73 years to come back at most.
        let longest = Duration::from_nanos(u64::MAX / 8 / u64::from(quota.burst.get()));
        let every = quota.every.clamp(Duration::from_nanos(1), longest);
        let one_by_one = governor::Quota::with_period(every).expect("a nanosecond at least is not zero");
        Self { quota: one_by_one.allow_burst(quota.burst), whole: every * quota.burst.get() }
    }

    /// What a try comes to at a bucket that is so far `ahead`.
    pub(crate) fn decide(self, ahead: Duration) -> Decision {
        let bucket = Ahead(Cell::new(ahead.into()));
        let limiter: RateLimiter<_, _, _, StateInformationMiddleware> =
            RateLimiter::new(self.quota, bucket, Standstill);
        let result = limiter.check();
        let after = Duration::from(limiter.into_state_store().0.get());
        let limit = self.quota.burst_size().get();
        let answer = match result {
            Ok(state) => Ok(Allowance { limit, remaining: state.remaining_burst_capacity(), reset_after: after }),
            Err(until) => Err(Refusal { limit, retry_after: until.wait_time_from(ZERO), reset_after: after }),
        };
        Decision { answer, ahead: after }
    }
}

const ZERO: Nanos = Nanos::new(0);

/// governor's clock: it is always now.
struct Standstill;

/// governor's state of the one bucket that is asked about.
struct Ahead(Cell<Nanos>);

impl clock::Clock for Standstill {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        ZERO
    }
}

impl StateStore for Ahead {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, after) = decide(Some(self.0.get()))?;
        self.0.set(after);
        Ok(outcome)
    }
}
