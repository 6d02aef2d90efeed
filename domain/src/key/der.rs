//! As much of DER (ITU-T X.690) as a public key takes to be written down.

/// An element of several others.
pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// A number that is not negative, from its big-endian bytes.
pub(crate) fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros.min(number.len().saturating_sub(1))..];
    // A first bit that is set would make it negative.
    let sign: &[u8] = if digits.first().is_none_or(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    element(0x02, &[sign, digits].concat())
}

/// A string of whole bytes as one of bits.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], bytes].concat())
}

/// The null element.
pub(crate) fn null() -> Vec<u8> {
    element(0x05, &[])
}

/// The name of an algorithm or of a curve, its arcs already encoded.
pub(crate) fn object_id(arcs: &[u8]) -> Vec<u8> {
    element(0x06, arcs)
}

/// An element of that tag.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag], &length(content.len())[..], content].concat()
}

/// Up to 127 in one byte, else behind a byte that says in how many (section 8.1.3).
fn length(length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short @ 0..0x80) => vec![short],
        _ => {
            let bytes: Vec<_> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            [&[0x80 | bytes.len() as u8], &bytes[..]].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_signs_are_those_of_der() {
        assert_eq!(integer(&[0]), [2, 1, 0]);
        assert_eq!(integer(&[]), [2, 1, 0]);
        assert_eq!(integer(&[0, 0, 0x7f]), [2, 1, 0x7f]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(element(4, &[7; 127])[..3], [4, 127, 7]);
        assert_eq!(element(4, &[7; 128])[..4], [4, 0x81, 128, 7]);
        assert_eq!(element(4, &[7; 300])[..5], [4, 0x82, 1, 44, 7]);
    }
}
