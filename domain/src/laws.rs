//! How the laws are tested: with the same cases in each run, and with others where `PROPTEST_RNG_SEED` or `PROPTEST_CASES` say so.

use proptest::test_runner::{Config, RngSeed};

/// The configuration of every property test.
pub(crate) fn config() -> Config {
    let given = Config { failure_persistence: None, ..Config::default() };
    match given.rng_seed {
        RngSeed::Random => Config { rng_seed: RngSeed::Fixed(1), ..given },
        RngSeed::Fixed(_) => given,
    }
}
