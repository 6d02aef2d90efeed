//! Version 4 UUIDs in their usual form (RFC 9562 sections 4 and 5.4).

/// The bytes of a version 4 UUID, made of random ones.
pub(crate) const fn v4(mut random: [u8; 16]) -> [u8; 16] {
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    random
}

/// Lower-case hexadecimal in five groups.
pub(crate) fn text(bytes: [u8; 16]) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.into_iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend([digit(byte >> 4), digit(byte & 0x0f)]);
    }
    text
}

/// The bytes that [`text`] writes like this; another spelling of the same UUID is none.
pub(crate) fn parse(given: &str) -> Option<[u8; 16]> {
    let digits: Vec<u32> = given.chars().filter_map(|c| c.to_digit(16)).collect();
    let digits: [u32; 32] = digits.try_into().ok()?;
    let byte = |i: usize| u8::try_from(digits[2 * i] << 4 | digits[2 * i + 1]).ok();
    let mut bytes = [0; 16];
    for (i, slot) in bytes.iter_mut().enumerate() {
        *slot = byte(i)?;
    }
    (text(bytes) == given).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_variant_are_set() {
        assert_eq!(text(v4([0xff; 16])), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(text(v4([0; 16])), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn there_is_one_spelling() {
        let usual = "279ac4e4-d353-4cf8-9e90-5054d1498d71";
        assert_eq!(parse(usual).map(text).as_deref(), Some(usual));
        for other in ["", "x", "279AC4E4-D353-4CF8-9E90-5054D1498D71", "279ac4e4d3534cf89e905054d1498d71", "{279ac4e4}"]
        {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
