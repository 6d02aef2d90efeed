//! The limiter keeps the contract of its port.

use std::sync::Arc;

use jwksd_governor::GovernorLimiter;
use jwksd_testkit::ManualClock;
use jwksd_testkit::suites::rate_limiter::{LimiterUnderTest, QUOTAS};

jwksd_testkit::rate_limiter_suite!(limiter);

async fn limiter() -> LimiterUnderTest {
    let clock = Arc::new(ManualClock::default());
    LimiterUnderTest { limiter: Arc::new(GovernorLimiter::new(QUOTAS, Arc::clone(&clock) as _)), clock }
}
