//! The system's clock and randomness keep the contracts of their ports.

use std::sync::Arc;

use jwksd_domain::ports::{Clock, Entropy};
use jwksd_system::{OsEntropy, SystemClock};

jwksd_testkit::clock_suite!(system_clock);
jwksd_testkit::entropy_suite!(os_entropy);

async fn system_clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

async fn os_entropy() -> Arc<dyn Entropy> {
    Arc::new(OsEntropy)
}
