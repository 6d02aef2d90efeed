//! That the simulation has teeth: each fault is planted from outside, and caught as what it is within a few schedules.

mod caches;
mod faulty_store;
mod life;
mod operations;

use crate::fault::Fault;
use crate::invariant::Invariant;
use crate::world::run;

/// How many schedules a fault may survive.
const SEEDS: u64 = 100;
/// How many steps each of them has.
const STEPS: u64 = 4000;

/// That the fault is caught, and what is said of it first is that one of these does not hold.
fn is_caught_as(fault: &'static dyn Fault, expected: &[Invariant]) {
    for seed in 1..=SEEDS {
        if let Err(failure) = run(seed, STEPS, fault) {
            println!("caught by seed {seed} at step {}: {}", failure.step, failure.violation);
            let found = failure.violation.invariant;
            assert!(expected.contains(&found), "{}\n{}", failure.violation, failure.tail);
            return;
        }
    }
    panic!("none of {SEEDS} schedules caught it; {expected:?} should not have held");
}
