//! Hashes of other programs and of other times.

use std::num::NonZeroUsize;
use std::sync::Arc;

use jwksd_argon2::{Argon2Hasher, Argon2Params, Bounds};
use jwksd_domain::ports::{PasswordHasher, Verification};
use jwksd_domain::user::{Password, PasswordHash};
use jwksd_testkit::SeededEntropy;

const CHEAP: Argon2Params = Argon2Params { memory_kib: 64, iterations: 1, parallelism: 1 };

fn hasher(params: Argon2Params) -> Argon2Hasher {
    let bounds = Bounds { concurrent: NonZeroUsize::MIN, queue: 0, stored_memory_kib: 65_536 };
    Argon2Hasher::new(params, bounds, Arc::new(SeededEntropy::new(1))).expect("the parameters are possible")
}

fn password() -> Password {
    Password::parse("password".to_owned()).expect("a password is not empty")
}

async fn verify(params: Argon2Params, hash: &str) -> Verification {
    let verification = hasher(params).verify(&password(), Some(&PasswordHash(hash.to_owned()))).await;
    verification.expect("nobody else is hashing")
}

/// From the tests of the reference implementation: `password` with the salt `somesalt`.
#[tokio::test]
async fn knows_the_hashes_of_the_reference_implementation() {
    let argon2id = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    assert_eq!(verify(CHEAP, argon2id).await, Verification::Matches { outdated: false });
    let argon2i = "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA";
    assert_eq!(verify(CHEAP, argon2i).await, Verification::Matches { outdated: true });
    let before_versions = "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ";
    assert_eq!(verify(CHEAP, before_versions).await, Verification::Matches { outdated: true });
}

#[tokio::test]
async fn tells_each_parameter_that_is_weaker() {
    let hash = hasher(CHEAP).hash(&password()).await.unwrap().0;
    let more_memory = Argon2Params { memory_kib: 65, ..CHEAP };
    let more_passes = Argon2Params { iterations: 2, ..CHEAP };
    let more_lanes = Argon2Params { parallelism: 2, ..CHEAP };
    assert_eq!(verify(CHEAP, &hash).await, Verification::Matches { outdated: false });
    for stronger in [more_memory, more_passes, more_lanes] {
        assert_eq!(verify(stronger, &hash).await, Verification::Matches { outdated: true }, "{stronger:?}");
    }
}

/// One row of a database must not take all memory, nor a minute.
#[tokio::test]
async fn refuses_a_hash_that_costs_too_much() {
    for costs in ["m=65537,t=1,p=1", "m=4194304,t=1,p=1", "m=8,t=17,p=1", "m=8,t=4294967295,p=1"] {
        let hash = format!("$argon2id$v=19${costs}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
        assert_eq!(verify(CHEAP, &hash).await, Verification::Differs, "{costs}");
    }
}

/// OWASP's first choice, in the form that every Argon2 library reads.
#[tokio::test]
async fn writes_phc_strings() {
    let hash = hasher(Argon2Params::default()).hash(&password()).await.unwrap().0;
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    let parts: Vec<_> = hash.split('$').collect();
    assert_eq!((parts[4].len(), parts[5].len()), (22, 43), "16 bytes of salt, 32 of tag");
}

#[test]
fn refuses_impossible_parameters() {
    let bounds = Bounds::of_cores(NonZeroUsize::MIN);
    for (memory_kib, iterations, parallelism) in [(7, 1, 1), (64, 0, 1), (64, 1, 0), (64, 1, 9)] {
        let params = Argon2Params { memory_kib, iterations, parallelism };
        assert!(Argon2Hasher::new(params, bounds, Arc::new(SeededEntropy::new(1))).is_err(), "{params:?}");
    }
}
