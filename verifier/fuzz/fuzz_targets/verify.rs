//! A good token that is changed, and a policy that looks at all of it: only the token itself is accepted.
//!
//! The first half of the input is put in the place of as much of the token, the second half is signed, as the
//! payload of a token. `cargo fuzz run verify -- -max_total_time=60`

#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwksd_verifier::{Algorithm, JwkSet, NoMore, Policy};
use libfuzzer_sys::fuzz_target;

const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"Ed25519","use":"sig",
    "kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// The token of the crate's documentation.
const TOKEN: &str = concat!(
    "eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiSldUIiwia2lkIjoia1ByS19xbXhWV2FZVkE5d3dCRjZJdW8zdlZ6ejdUeEhDVHdYQnlnclM0ayJ9.",
    "eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJzdWIiOiI3IiwiYXVkIjoiaHR0cHM6Ly9hcGkuZXhhbXBsZS5jb20iLCJpYXQiOjE3",
    "OTU1MTIwMDAsImV4cCI6MTc5NTUxMjkwMCwianRpIjoiMSIsInJvbGUiOiJ3cml0ZSJ9.",
    "fZhG-3FuYza7MMHR59EOEFuP8eIXlHr-DqsX5-vLCAywU_jhkUTZB-mu_Q30mTCdgM7LjBj8y9xv-n-c2L1QCg",
);

/// The private half of the key, which RFC 8037 appendix A.1 publishes.
static PAIR: LazyLock<Ed25519KeyPair> = LazyLock::new(|| {
    let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").expect("it is base64url");
    Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed has 32 bytes")
});

static PARTS: LazyLock<(JwkSet, Policy, SystemTime)> = LazyLock::new(|| {
    let keys = JwkSet::parse(KEYS).expect("it is a set");
    let policy = Policy::builder("https://auth.example.com", "https://api.example.com", &Algorithm::ALL);
    (keys, policy.build().expect("it is a policy"), SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_512_060))
});

fuzz_target!(|data: &[u8]| {
    let (keys, policy, now) = &*PARTS;
    assert!(policy.verify::<NoMore>(TOKEN, keys, *now).is_ok());
    let [high, low, rest @ ..] = data else { return };
    let (change, payload) = rest.split_at(rest.len() / 2);
    let start = usize::from(u16::from_be_bytes([*high, *low])) % TOKEN.len();
    let end = (start + change.len()).min(TOKEN.len());
    let changed = [&TOKEN.as_bytes()[..start], change, &TOKEN.as_bytes()[end..]].concat();
    if let Ok(changed) = std::str::from_utf8(&changed) {
        assert_eq!(policy.verify::<NoMore>(changed, keys, *now).is_ok(), changed == TOKEN);
    }
    if let Ok(verified) = policy.verify::<NoMore>(&signed(payload), keys, *now) {
        assert_eq!(verified.claims.iss, "https://auth.example.com");
        assert!(verified.claims.aud.iter().any(|audience| audience == "https://api.example.com"));
        assert!(verified.claims.exp + 10 > 1_795_512_060);
    }
});

/// A token of that payload, whatever it is.
fn signed(payload: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"Ed25519"}"#), URL_SAFE_NO_PAD.encode(payload));
    let signature = PAIR.sign(input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}
