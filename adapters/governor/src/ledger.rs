//! The buckets of one quota: when each will be full again. A bucket that is full is not in the table.

use std::collections::HashMap;
use std::time::Duration;

use jwksd_domain::limit::{Allowance, Bucket, Quota, Refusal};
use jwksd_domain::time::Timestamp;

use crate::decision::Rule;

/// The table is swept when it has grown to this size, or to twice what the last sweep left.
const SWEPT_FROM: usize = 1024;

/// The most buckets that are kept: at some hundred bytes each, some megabytes.
const BUCKETS_MAX: usize = 65_536;

/// A table of buckets.
pub(crate) struct Ledger {
    rule: Rule,
    /// The theoretical arrival time of each bucket, since the Unix epoch.
    full_again: HashMap<Bucket, Duration>,
    sweep_at: usize,
}

impl Ledger {
    pub(crate) fn new(quota: Quota) -> Self {
        Self { rule: Rule::new(quota), full_again: HashMap::new(), sweep_at: SWEPT_FROM }
    }

    pub(crate) fn spend(&mut self, bucket: &Bucket, now: Timestamp) -> Result<Allowance, Refusal> {
        let ahead = self.ahead(bucket, now);
        let decision = self.rule.decide(ahead);
        if decision.answer.is_ok() {
            self.make_room(now);
            self.full_again.insert(bucket.clone(), since_epoch(now) + decision.ahead);
        }
        decision.answer
    }

    pub(crate) fn peek(&mut self, bucket: &Bucket, now: Timestamp) -> Result<Allowance, Refusal> {
        let ahead = self.ahead(bucket, now);
        self.rule.decide(ahead).answer
    }

    pub(crate) fn clear(&mut self, bucket: &Bucket) {
        self.full_again.remove(bucket);
    }

    /// How far the bucket is from being full. Further than one that is spent entirely it can only be if the clock was put back;
    /// then it is brought to that, so that nobody is locked out until the clock has caught up.
    fn ahead(&mut self, bucket: &Bucket, now: Timestamp) -> Duration {
        let (now, whole) = (since_epoch(now), self.rule.whole);
        self.full_again.get_mut(bucket).map_or(Duration::ZERO, |full_again| {
            *full_again = (*full_again).min(now + whole);
            full_again.saturating_sub(now)
        })
    }

    /// Drops what is full again, each time the table has doubled, so that a try costs the same on average however many there are.
    fn make_room(&mut self, now: Timestamp) {
        if self.full_again.len() < self.sweep_at {
            return;
        }
        let now = since_epoch(now);
        self.full_again.retain(|_, full_again| *full_again > now);
        if self.full_again.len() >= BUCKETS_MAX {
            self.drop_the_fullest();
        }
        self.sweep_at = (2 * self.full_again.len()).clamp(SWEPT_FROM, BUCKETS_MAX);
        self.full_again.shrink_to(self.sweep_at);
    }

    /// Drops a quarter, of those that were tried least: under a flood of addresses the stubborn ones stay.
    fn drop_the_fullest(&mut self) {
        let mut instants: Vec<_> = self.full_again.values().copied().collect();
        let quarter = instants.len() / 4;
        let (_, bound, _) = instants.select_nth_unstable(quarter);
        self.full_again.retain(|_, full_again| full_again > bound);
    }
}

fn since_epoch(instant: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(instant.unix_millis()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    fn ledger() -> Ledger {
        Ledger::new(Quota { burst: NonZeroU32::new(10).unwrap(), every: Duration::from_secs(1) })
    }

    fn account(number: usize) -> Bucket {
        Bucket::Account(number.to_string())
    }

    #[test]
    fn forgets_what_is_full_again() {
        let mut ledger = ledger();
        for number in 0..100_000 {
            let now = NOW.plus(Duration::from_millis(10) * u32::try_from(number).unwrap());
            ledger.spend(&account(number), now).unwrap();
        }
        assert!(ledger.full_again.len() <= SWEPT_FROM, "{} buckets", ledger.full_again.len());
    }

    #[test]
    fn a_flood_of_buckets_does_not_wash_away_a_spent_one() {
        let mut ledger = ledger();
        while ledger.spend(&account(0), NOW).is_ok() {}
        for number in 1..200_000 {
            let now = NOW.plus(Duration::from_micros(5) * u32::try_from(number).unwrap());
            ledger.spend(&account(number), now).unwrap();
        }
        assert!(ledger.full_again.len() <= BUCKETS_MAX, "{} buckets", ledger.full_again.len());
        assert!(ledger.full_again.contains_key(&account(0)));
    }

    #[test]
    fn a_clock_that_is_put_back_locks_nobody_out() {
        let mut ledger = ledger();
        while ledger.spend(&account(0), NOW).is_ok() {}
        let year_before = NOW.minus(Duration::from_hours(365 * 24));
        let refusal = ledger.peek(&account(0), year_before).unwrap_err();
        assert_eq!(refusal.retry_after, Duration::from_secs(1));
        assert_eq!(refusal.reset_after, Duration::from_secs(10));
        ledger.spend(&account(0), year_before.plus(refusal.retry_after)).unwrap();
    }

    #[test]
    fn a_quota_without_measure_is_cut_to_what_can_be_reckoned() {
        for every in [Duration::ZERO, Duration::MAX] {
            let mut ledger = Ledger::new(Quota { burst: NonZeroU32::MAX, every });
            assert_eq!(ledger.spend(&account(0), NOW).unwrap().limit, u32::MAX);
        }
    }
}
