//! The names and values of forms (`application/x-www-form-urlencoded`), as they were meant.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

/// One name or one value of a form; none where it is no UTF-8. It may be a secret, and is zeroed when dropped.
pub(crate) fn decode(text: &str) -> Option<Zeroizing<String>> {
    // Nearly all are meant as they stand. Every byte is looked at, so that many are at once.
    if !text.bytes().fold(false, |is_coded, byte| is_coded | (byte == b'+') | (byte == b'%')) {
        return Some(Zeroizing::new(text.to_owned()));
    }
    let spaced = Zeroizing::new(text.replace('+', " "));
    percent_decode_str(&spaced).decode_utf8().ok().map(|decoded| Zeroizing::new(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_is_a_blank_and_what_is_coded_is_utf_8() {
        let of = |text| decode(text).map(|decoded| decoded.to_string());
        for (text, meant) in [("", ""), ("plain", "plain"), ("a+b", "a b"), ("%2B%25", "+%"), ("J%C3%B6rg+X", "Jörg X")]
        {
            assert_eq!(of(text).as_deref(), Some(meant), "{text}");
        }
        assert_eq!(of("%ff"), None);
        assert_eq!(of("%zz").as_deref(), Some("%zz"), "no code: it stands for itself");
    }
}
