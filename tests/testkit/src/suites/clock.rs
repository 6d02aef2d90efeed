//! What every `Clock` promises.

use std::sync::Arc;

use jwksd_domain::ports::Clock;
use jwksd_domain::time::Timestamp;

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn Clock>`.
#[macro_export]
macro_rules! clock_suite {
    ($make:ident) => {
        $crate::expand_cases!(clock, $make, [shows_an_instant_of_this_millennium, does_not_run_backwards]);
    };
}

/// Milliseconds taken for seconds, or seconds for milliseconds, would be far outside.
pub async fn shows_an_instant_of_this_millennium(clock: &Arc<dyn Clock>) {
    let now = clock.now();
    assert!(now > Timestamp::from_unix_seconds(1_577_836_800), "{now} is before 2020");
    assert!(now < Timestamp::from_unix_seconds(32_503_680_000), "{now} is after 2999");
}

/// Two readings in a row stand in order.
pub async fn does_not_run_backwards(clock: &Arc<dyn Clock>) {
    let earlier = clock.now();
    assert!(clock.now() >= earlier);
}
