//! The clock of the machine.

use std::time::{SystemTime, UNIX_EPOCH};

use jwksd_domain::ports::Clock;
use jwksd_domain::time::Timestamp;

/// Shows the time of the operating system, in UTC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the time; all else asks the `Clock` port"
        )]
        let now = SystemTime::now();
        // A machine whose clock stands before 1970 gets the epoch: its tokens are long expired, and nothing panics.
        let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_millis(0).plus(since_epoch)
    }
}
