//! Base32 without padding (RFC 4648 section 6), the form in which people copy secrets by hand.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `bytes` in base32, in capitals. Their number must be a multiple of five: then no bit is left over.
pub(super) fn encode(bytes: &[u8]) -> String {
    let groups = bytes.chunks_exact(5);
    debug_assert!(groups.remainder().is_empty(), "whole groups of 40 bits");
    let digits = groups.flat_map(|group| {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| char::from(ALPHABET[(bits >> (5 * place) & 31) as usize]))
    });
    digits.collect()
}

/// The bytes that [`encode`] writes like `digits`, in letters of either case, if it writes any like that and they are `N`.
pub(super) fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    if !N.is_multiple_of(5) || digits.len() != N / 5 * 8 {
        return None;
    }
    let mut bytes = [0; N];
    for (group, decoded) in digits.chunks_exact(8).zip(bytes.chunks_exact_mut(5)) {
        let mut bits = 0_u64;
        for digit in group {
            bits = bits << 5 | value(*digit)?;
        }
        decoded.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u64> {
    match digit.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(u64::from(letter - b'A')),
        number @ b'2'..=b'7' => Some(u64::from(number - b'2') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 section 10, as far as no padding is needed.
    #[test]
    fn the_vector_of_the_rfc() {
        assert_eq!(encode(b"fooba"), "MZXW6YTB");
        assert_eq!(decode(b"MZXW6YTB"), Some(*b"fooba"));
        assert_eq!(decode(b"mzxw6ytb"), Some(*b"fooba"));
    }

    #[test]
    fn every_bit_comes_back_and_nothing_else_is_read() {
        let bytes: [u8; 10] = [0, 255, 1, 128, 7, 64, 33, 99, 200, 254];
        assert_eq!(decode(encode(&bytes).as_bytes()), Some(bytes));
        for digits in ["", "MZXW6YT", "MZXW6YTBA", "MZXW6YT0", "MZXW6YT1", "MZXW6YT8", "MZXW6YT=", "MZXW6YT "] {
            assert_eq!(decode::<5>(digits.as_bytes()), None, "{digits}");
        }
    }
}
