//! What has happened, in words: the last of it is shown when a schedule fails, and all of it is hashed, so that two runs compare.

use std::collections::VecDeque;

use jwksd_domain::key::Kid;
use jwksd_domain::time::Timestamp;

/// How many events are kept.
const KEPT: usize = 60;
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// The events of one schedule.
pub(crate) struct Trace {
    start: Timestamp,
    last: VecDeque<String>,
    hash: u64,
}

impl Trace {
    /// A trace that begins at `start`.
    pub(crate) const fn new(start: Timestamp) -> Self {
        Self { start, last: VecDeque::new(), hash: FNV_OFFSET }
    }

    /// Writes an event down.
    pub(crate) fn add(&mut self, now: Timestamp, event: &str) {
        let millis = now.since(self.start).as_millis();
        let line = format!("{:>8}.{:03} s  {event}", millis / 1000, millis % 1000);
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    /// The FNV-1a hash of all events.
    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    /// The last events.
    pub(crate) fn tail(&self) -> String {
        Vec::from_iter(self.last.iter().map(String::as_str)).join("\n")
    }
}

/// As much of a kid as people compare.
pub(crate) fn short(kid: &Kid) -> &str {
    &kid.as_str()[..6]
}
