//! Comparing what must not be guessed byte by byte.

/// Whether the two are the same. Looks at every byte, wherever the first difference is.
pub(crate) fn is_equal(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.iter().zip(other).fold(0, |differences, (one, other)| differences | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_makes_a_difference() {
        assert!(is_equal(&[7; 32], &[7; 32]));
        for i in 0..32 {
            let mut bytes = [7; 32];
            bytes[i] ^= 1;
            assert!(!is_equal(&bytes, &[7; 32]), "byte {i}");
        }
    }
}
