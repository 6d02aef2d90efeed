//! The id of a request: the client's where it is well-formed, else one of ours.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use poem::http::{HeaderMap, HeaderValue};

use super::REQUEST_ID;

/// The longest id that is taken from a client.
const LONGEST: usize = 128;

/// Makes ids that do not repeat within a process, and by all odds not between processes. They are no secret.
pub(super) struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(super) fn new() -> Self {
        Self { process: RandomState::new().hash_one(()), next: AtomicU64::new(0) }
    }

    /// The id of the request with these headers.
    pub(super) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        match headers.get(REQUEST_ID) {
            Some(given) if is_well_formed(given.as_bytes()) => given.clone(),
            _ => self.make(),
        }
    }

    fn make(&self) -> HeaderValue {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let number = u128::from(self.process) << 64 | u128::from(self.next.fetch_add(1, Ordering::Relaxed));
        let mut text = [0; 32];
        for (place, digit) in text.iter_mut().enumerate() {
            *digit = DIGITS[(number >> (124 - 4 * place) & 15) as usize];
        }
        HeaderValue::from_bytes(&text).expect("hexadecimal digits are visible ASCII")
    }
}

fn is_well_formed(id: &[u8]) -> bool {
    let allowed = |c: &u8| c.is_ascii_alphanumeric() || b"._-".contains(c);
    (1..=LONGEST).contains(&id.len()) && id.iter().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_not_well_formed_is_replaced() {
        let ids = RequestIds::new();
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, value.parse().unwrap());
            ids.of(&headers).to_str().unwrap().to_owned()
        };
        assert_eq!(of("a-B_9.z"), "a-B_9.z");
        for bad in ["", "a b", "a;b", "é", &"a".repeat(129)] {
            assert_eq!(of(bad).len(), 32, "{bad}");
        }
        assert_ne!(of(""), of(""));
    }
}
