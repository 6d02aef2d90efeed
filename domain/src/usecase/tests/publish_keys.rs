//! What caches are told while the store is not reached.

use std::time::Duration;

use super::{HOUR, NOW, clock, policy, settled_keyring};
use crate::usecase::{Keyring, PublishKeys};

/// The simulation found that a replica which was cut off told caches to keep what it knew, while another published a key and
/// began to sign with it.
#[tokio::test]
async fn a_set_that_may_be_out_of_date_is_kept_for_less_and_less() {
    let publish = PublishKeys::new(settled_keyring().await, clock(), policy());
    let age = |since: Duration| publish.freshness(&publish.run(), NOW.plus(since)).max_age;
    assert_eq!(age(Duration::ZERO), HOUR / 12);
    assert_eq!(age(Keyring::GOOD_FOR), HOUR / 12);
    assert_eq!(age(Keyring::GOOD_FOR + Duration::from_secs(10)), HOUR / 12 - Duration::from_secs(10));
    assert_eq!(age(HOUR / 4), Duration::ZERO);
}
