//! Random identifiers.

use crate::ports::Entropy;

/// A version 4 UUID in its usual form (RFC 9562 section 5.4).
pub(super) fn uuid_v4(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = |range: std::ops::Range<usize>| bytes[range].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    [hex(0..4), hex(4..6), hex(6..8), hex(8..10), hex(10..16)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::MockEntropy;

    #[test]
    fn version_and_variant_are_set() {
        let mut entropy = MockEntropy::new();
        entropy.expect_fill().returning(|bytes| bytes.fill(0xff));
        assert_eq!(uuid_v4(&entropy), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
