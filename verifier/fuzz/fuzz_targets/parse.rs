//! Any bytes as a token and as a JWKS: nothing may panic, and nothing may be accepted that no key has signed.
//!
//! `cargo fuzz run parse -- -max_total_time=60`

#![no_main]

use jwksd_verifier::{Algorithm, JwkSet, Token};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let set = JwkSet::parse(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(token) = Token::parse(text) else { return };
    let keys = set.unwrap_or_default();
    assert!(token.verify_signature(&keys, &Algorithm::ALL).is_err(), "a text is no token and a JWKS at once");
});
