//! What the hasher adds to the hash itself, on one core and on all, and the memory that a flood of logins takes.
//!
//! `cargo bench -p jwksd-argon2`

use std::fs;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use argon2::{Argon2, Block};
use jwksd_argon2::{Argon2Hasher, Argon2Params, Bounds};
use jwksd_domain::ports::{Entropy, PasswordHasher};
use jwksd_domain::user::{Password, PasswordHash};
use jwksd_testkit::SeededEntropy;
use jwksd_testkit::measure::{Subject, compare};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// How many log in at the same time.
const CALLERS: u32 = 32;

fn main() {
    let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let runtime = Runtime::new().expect("a runtime needs nothing to be built");
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
    let hasher = Argon2Hasher::new(Argon2Params::default(), Bounds::of_cores(cores), entropy);
    let hasher: Arc<dyn PasswordHasher> = Arc::new(hasher.expect("the default is possible"));
    let hash = runtime.block_on(hasher.hash(&password())).expect("nobody else is hashing");

    memory_of_a_flood(&runtime, &hasher, &hash);
    one_by_one(&runtime, &hasher, &hash);
    all_at_once(&runtime, &hasher, &hash, cores);
}

fn memory_of_a_flood(runtime: &Runtime, hasher: &Arc<dyn PasswordHasher>, hash: &PasswordHash) {
    flood(runtime, hasher, hash, 5);
    println!("resident memory after {} hashes by {CALLERS} callers: {} MiB", 5 * CALLERS, resident_mib());
    thread::sleep(Duration::from_secs(3));
    println!("and when nobody has logged in for three seconds: {} MiB", resident_mib());
}

fn one_by_one(runtime: &Runtime, hasher: &Arc<dyn PasswordHasher>, hash: &PasswordHash) {
    let argon2 = Argon2::default();
    let mut kept = memory();
    let password = password();
    let verify = |count| {
        runtime.block_on(async {
            for _ in 0..count {
                black_box(hasher.verify(&password, Some(hash)).await.expect("nobody else is hashing"));
            }
        });
    };
    let subjects = vec![
        Subject::new("argon2, memory kept", |count| raw(&argon2, &mut kept, count)),
        Subject::new("argon2, memory taken anew", |count| (0..count).for_each(|_| raw(&argon2, &mut memory(), 1))),
        Subject::new("jwksd, through the PasswordHasher port", verify),
    ];
    compare("Argon2id m=19456 t=2 p=1, one caller", subjects);
}

fn all_at_once(runtime: &Runtime, hasher: &Arc<dyn PasswordHasher>, hash: &PasswordHash, cores: NonZeroUsize) {
    let threads = u32::try_from(cores.get()).unwrap_or(1);
    let raw_on_each = |count: u32| {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| raw(&Argon2::default(), &mut memory(), (CALLERS * count).div_ceil(threads)));
            }
        });
    };
    let subjects = vec![
        Subject::new("argon2, memory kept, a thread a core", raw_on_each),
        Subject::new("jwksd, 32 callers", |count| flood(runtime, hasher, hash, count)),
    ];
    compare("Argon2id m=19456 t=2 p=1, all cores, 32 hashes a time", subjects);
}

/// 32 callers, each of whom logs in `count` times.
fn flood(runtime: &Runtime, hasher: &Arc<dyn PasswordHasher>, hash: &PasswordHash, count: u32) {
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (hasher, hash) = (Arc::clone(hasher), hash.clone());
        let log_in = async move {
            for _ in 0..count {
                black_box(hasher.verify(&password(), Some(&hash)).await.expect("the queue has room"));
            }
        };
        callers.spawn_on(log_in, runtime.handle());
    }
    runtime.block_on(callers.join_all());
}

fn raw(argon2: &Argon2<'_>, memory: &mut [Block], count: u32) {
    let mut tag = [0; 32];
    for _ in 0..count {
        let hashed =
            argon2.hash_password_into_with_memory(b"correct horse", b"a salt of 16 byt", &mut tag, &mut *memory);
        hashed.expect("the parameters are possible");
        black_box(&tag);
    }
}

fn password() -> Password {
    Password::parse("correct horse".to_owned()).expect("it is not empty")
}

fn memory() -> Vec<Block> {
    vec![Block::new(); argon2::Params::DEFAULT.block_count()]
}

/// 0 where the system does not tell.
fn resident_mib() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096 / (1 << 20)
}
