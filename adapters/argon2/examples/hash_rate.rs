//! What the hash alone allows: Argon2id at the default cost, in memory that is kept, on so many threads for so long.
//!
//! `hash_rate THREADS SECONDS` prints how many hashes a second there were. `tests/load` compares logins with it.

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use argon2::{Argon2, Block, Params};

fn main() -> Result<(), Box<dyn Error>> {
    let (threads, seconds) = (argument::<usize>(1)?, argument::<u64>(2)?);
    let begun = Instant::now();
    let end = begun + Duration::from_secs(seconds);
    let counts: Vec<u32> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| hash_until(end))).collect();
        running.into_iter().map(|thread| thread.join().expect("hashing does not panic")).collect()
    });
    println!("{:.3}", f64::from(counts.iter().sum::<u32>()) / begun.elapsed().as_secs_f64());
    Ok(())
}

/// Hashes until `end`, and answers how often.
fn hash_until(end: Instant) -> u32 {
    let (argon2, mut memory, mut tag) = (Argon2::default(), vec![Block::new(); Params::DEFAULT.block_count()], [0; 32]);
    let mut count = 0;
    while Instant::now() < end {
        let hashed =
            argon2.hash_password_into_with_memory(b"correct horse", b"a salt of 16 byt", &mut tag, &mut memory);
        hashed.expect("the default parameters are possible");
        black_box(&tag);
        count += 1;
    }
    count
}

fn argument<T: FromStr>(number: usize) -> Result<T, Box<dyn Error>>
where
    T::Err: Error + 'static,
{
    let text = env::args().nth(number).ok_or("hash_rate needs a number of threads and a number of seconds")?;
    Ok(text.parse()?)
}
