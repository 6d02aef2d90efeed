//! Vectors that nobody here wrote. Each one that is left out is named with its reason.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod rfc;
mod wycheproof_ecdsa;
mod wycheproof_eddsa;
mod wycheproof_rsa;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwksd_verifier::{Algorithm, JwkSet};
use wycheproof::{HashFunction, TestResult};

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// How many vectors were accepted and refused.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Refused by the algorithm of its set, and a good signature by another one, as its flags say.
    of_another: usize,
}

impl Tally {
    /// Accepted, refused, of another algorithm.
    const fn counts(&self) -> [usize; 3] {
        [self.accepted, self.refused, self.of_another]
    }

    /// Checks one vector of a set for `algorithm`, or for none that JOSE has.
    fn check(&mut self, keys: &JwkSet, algorithm: Option<Algorithm>, vector: &Vector<'_>) {
        let is_accepted = |algorithm| keys.check_signature(None, algorithm, vector.message, vector.signature).is_ok();
        let accepted: Vec<_> = Algorithm::ALL.into_iter().filter(|algorithm| is_accepted(*algorithm)).collect();
        let what = format!("{} {}: {}", vector.set, vector.id, vector.comment);
        if vector.is_of_another && !accepted.is_empty() {
            assert_eq!(accepted.iter().find(|accepted| algorithm == Some(**accepted)), None, "{what}");
            self.of_another += 1;
            return;
        }
        // What is acceptable is one more spelling of a signature: it is refused.
        let expected = algorithm.filter(|_| vector.result == TestResult::Valid);
        assert_eq!(accepted, Vec::from_iter(expected), "{what}");
        match accepted.is_empty() {
            true => self.refused += 1,
            false => self.accepted += 1,
        }
    }
}

struct Vector<'a> {
    set: String,
    id: usize,
    comment: &'a str,
    message: &'a [u8],
    signature: &'a [u8],
    result: TestResult,
    /// Whether it is signed by another algorithm than that of its set.
    is_of_another: bool,
}

/// The algorithm of `three` that hashes by `hash`: SHA-256, SHA-384 or SHA-512. JOSE signs with no other one (RFC 7518 section 3.1).
fn by_hash(hash: HashFunction, three: [Algorithm; 3]) -> Option<Algorithm> {
    match hash {
        HashFunction::Sha2_256 => Some(three[0]),
        HashFunction::Sha2_384 => Some(three[1]),
        HashFunction::Sha2_512 => Some(three[2]),
        _ => None,
    }
}
