//! base64url as JOSE has it: without padding, and in the one spelling that its bytes have (RFC 7515 section 2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The bytes, or nothing where the text has padding, white space, a foreign letter, or bits that no byte takes.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_one_spelling() {
        assert_eq!(decode("AQAB"), Some(vec![1, 0, 1]));
        assert_eq!(decode("_-8"), Some(vec![0xff, 0xef]));
        assert_eq!(decode(""), Some(vec![]));
        for bad in ["A", "AQ==", "AQ=", "AR", "AQF", "AQA\n", " AQAB", "A+AB", "A/AB", "AQAB\0", "ÀQAB"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
