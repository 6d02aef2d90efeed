//! The hasher keeps the contract of its port. It hashes cheaply here: what a hash costs changes none of the promises.

use std::num::NonZeroUsize;
use std::sync::Arc;

use jwksd_argon2::{Argon2Hasher, Argon2Params, Bounds};
use jwksd_testkit::SeededEntropy;
use jwksd_testkit::suites::password_hasher::HasherUnderTest;

jwksd_testkit::password_hasher_suite!(hashers);

async fn hashers() -> HasherUnderTest {
    HasherUnderTest { hasher: hasher(64), stronger: hasher(128) }
}

fn hasher(memory_kib: u32) -> Arc<Argon2Hasher> {
    let params = Argon2Params { memory_kib, iterations: 1, parallelism: 1 };
    let bounds = Bounds::of_cores(NonZeroUsize::new(2).expect("two is not zero"));
    Arc::new(Argon2Hasher::new(params, bounds, Arc::new(SeededEntropy::new(1))).expect("the parameters are possible"))
}
