//! What every `Entropy` promises.

use std::collections::HashSet;
use std::sync::Arc;

use jwksd_domain::ports::Entropy;

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn Entropy>`.
#[macro_export]
macro_rules! entropy_suite {
    ($make:ident) => {
        $crate::expand_cases!(entropy, $make, [fills_every_byte, never_repeats, takes_no_bytes_too]);
    };
}

/// Each of 33 bytes changes within 64 draws; one that does not was never filled (chance of a false alarm: 2^-500).
pub async fn fills_every_byte(entropy: &Arc<dyn Entropy>) {
    let mut changed = [false; 33];
    for _ in 0..64 {
        let mut bytes = [0; 33];
        entropy.fill(&mut bytes);
        changed.iter_mut().zip(bytes).for_each(|(changed, byte)| *changed |= byte != 0);
    }
    assert_eq!(changed, [true; 33]);
}

/// A thousand draws of a nonce's length are a thousand nonces.
pub async fn never_repeats(entropy: &Arc<dyn Entropy>) {
    let draw = |_| {
        let mut bytes = [0; 12];
        entropy.fill(&mut bytes);
        bytes
    };
    assert_eq!((0..1000).map(draw).collect::<HashSet<_>>().len(), 1000);
}

/// Nothing to fill is no failure.
pub async fn takes_no_bytes_too(entropy: &Arc<dyn Entropy>) {
    entropy.fill(&mut []);
}
