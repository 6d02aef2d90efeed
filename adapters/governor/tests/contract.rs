//! The limiter keeps the contract of its port.

use std::sync::Arc;

use jwksd_governor::GovernorLimiter;
use jwksd_testkit::ManualClock;
use jwksd_testkit::suites::rate_limiter::{ACCOUNT, ADDRESS, LimiterUnderTest};

jwksd_testkit::rate_limiter_suite!(limiter);

async fn limiter() -> LimiterUnderTest {
    let clock = Arc::new(ManualClock::default());
    LimiterUnderTest { limiter: Arc::new(GovernorLimiter::new(ADDRESS, ACCOUNT, Arc::clone(&clock) as _)), clock }
}
