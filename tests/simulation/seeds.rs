//! Schedules without a fault: none of them breaks an invariant, and each seed is the same schedule whenever it runs.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::fault::Sound;
use crate::tally::Tally;
use crate::world::{Failure, run};

/// How many steps a schedule has.
const STEPS: u64 = 4000;
/// How many seeds are run unless `JWKSD_SIMULATION_SEEDS` says otherwise; as many meet everything below.
const SEEDS: u64 = 200;
/// What must happen somewhere in so many schedules: what never happens is not looked at.
const MUST_HAPPEN: [&str; 27] = [
    "authenticated",
    "configured",
    "conflicts",
    "cut off",
    "dropped",
    "encryption keys dropped",
    "forced",
    "frozen",
    "held",
    "key_imported",
    "key_revoked",
    "keys_cleaned_up",
    "keys_rewrapped",
    "keys_rotated",
    "killed",
    "on schedule",
    "outages",
    "refetched",
    "refused",
    "rotated",
    "signed cold",
    "sleeps",
    "stored",
    "steps",
    "tokens",
    "used stale",
    "verified",
];

fn from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

/// A failure with what is needed to see it again.
fn told(seed: u64, failure: &Failure) -> String {
    let Failure { violation, step, tail, setting } = failure;
    format!(
        "seed {seed}, step {step}: {violation}\n\n{setting:?}\n\n{tail}\n\nTo replay it:\n  \
         JWKSD_SIMULATION_FIRST_SEED={seed} JWKSD_SIMULATION_SEEDS=1 cargo test --test simulation no_schedule\n"
    )
}

/// Runs these seeds on every processor, and answers what happened in all of them.
fn run_all(first: u64, count: u64) -> Tally {
    let (next, total) = (AtomicU64::new(first), Mutex::new(Tally::default()));
    let failed = Mutex::new(None::<(u64, Box<Failure>)>);
    let work = || {
        while failed.lock().unwrap().is_none() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                break;
            }
            match run(seed, STEPS, &Sound) {
                Ok(passed) => total.lock().unwrap().add(&passed.tally),
                Err(failure) => *failed.lock().unwrap() = Some((seed, failure)),
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    if let Some((seed, failure)) = failed.into_inner().unwrap() {
        panic!("{}", told(seed, &failure));
    }
    total.into_inner().unwrap()
}

#[test]
fn no_schedule_breaks_an_invariant() {
    let first = from_environment("JWKSD_SIMULATION_FIRST_SEED", 1);
    let count = from_environment("JWKSD_SIMULATION_SEEDS", SEEDS);
    let start = Instant::now();
    let tally = run_all(first, count);
    println!("seeds {first} to {}, in {:?}:\n{tally}", first + count - 1, start.elapsed());
    let never: Vec<_> = MUST_HAPPEN.into_iter().filter(|what| count >= SEEDS && tally.of(what) == 0).collect();
    assert!(never.is_empty(), "the schedules say nothing about what never happens in them: {never:?}");
}

#[test]
fn a_seed_replays_exactly() {
    let [once, again, other] = [1, 1, 2].map(|seed| run(seed, STEPS, &Sound).unwrap());
    assert_eq!(once, again);
    assert_ne!(once.hash, other.hash, "another seed is another schedule");
}
