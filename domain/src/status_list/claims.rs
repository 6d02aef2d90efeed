//! What is told of a list: the claims of a Status List Token (section 5.1 of the draft).

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use miniz_oxide::deflate::compress_to_vec_zlib;
use serde::Serialize;

use super::LIST_SIZE;
use crate::time::Timestamp;

/// The most that zlib can do, which section 4.1 of the draft recommends.
const COMPRESSION_LEVEL: u8 = 9;

/// The claims of a Status List Token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusListClaims {
    /// The issuer, that of the tokens.
    pub iss: String,
    /// Where the list is: what the tokens have for `status.status_list.uri`.
    pub sub: String,
    /// When it was issued, in Unix seconds.
    pub iat: i64,
    /// From when on it says nothing any more, in Unix seconds.
    pub exp: i64,
    /// For how many seconds it may be kept before another is asked for.
    pub ttl: u64,
    /// The list itself.
    pub status_list: EncodedList,
}

/// A list of bits: the first entry is the lowest bit of the first byte. Set is INVALID, not set VALID (section 7.1 of the draft).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EncodedList {
    /// How many bits an entry has.
    bits: u8,
    /// The bytes, compressed by zlib (RFC 1950), in base64url.
    lst: String,
}

impl StatusListClaims {
    /// What is told at `now` of the list at `uri` by `iss`, of which the tokens `invalid` were called back. It may be kept for `ttl`,
    /// and is of no use from `until` on.
    pub fn new(iss: &str, uri: String, invalid: &[u16], (now, until): (Timestamp, Timestamp), ttl: Duration) -> Self {
        let mut bytes = vec![0; usize::try_from(LIST_SIZE / u8::BITS).unwrap_or(usize::MAX)];
        for index in invalid {
            bytes[usize::from(index / 8)] |= 1 << (index % 8);
        }
        Self {
            iss: iss.to_owned(),
            sub: uri,
            iat: now.unix_seconds(),
            exp: until.unix_seconds(),
            ttl: ttl.as_secs(),
            status_list: EncodedList { bits: 1, lst: encoded(&bytes) },
        }
    }
}

fn encoded(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(&compress_to_vec_zlib(bytes, COMPRESSION_LEVEL))
}

#[cfg(test)]
mod tests {
    use miniz_oxide::inflate::decompress_to_vec_zlib;

    use super::*;

    fn bytes(lst: &str) -> Vec<u8> {
        decompress_to_vec_zlib(&Base64UrlUnpadded::decode_vec(lst).unwrap()).unwrap()
    }

    /// Section 4.2 of the draft, which packs the statuses 1 0 0 1 1 1 0 1 and 1 1 0 0 0 1 0 1 of sixteen tokens.
    #[test]
    fn it_is_written_as_in_the_draft() {
        assert_eq!(encoded(&[0xb9, 0xa3]), "eNrbuRgAAhcBXQ");
        let invalid = [0, 3, 4, 5, 7, 8, 9, 13, 15];
        let at = Timestamp::from_unix_seconds;
        let claims = StatusListClaims::new("i", "u".to_owned(), &invalid, (at(1), at(9)), Duration::from_secs(5));
        let list = bytes(&claims.status_list.lst);
        assert_eq!((list[..2].to_vec(), list.len()), (vec![0xb9, 0xa3], 8192));
        assert!(list[2..].iter().all(|byte| *byte == 0));
        assert_eq!((claims.iat, claims.exp, claims.ttl, claims.status_list.bits), (1, 9, 5, 1));
    }

    #[test]
    fn the_last_entry_is_the_highest_bit_of_the_last_byte() {
        let at = Timestamp::from_unix_seconds(0);
        let claims = StatusListClaims::new("i", "u".to_owned(), &[u16::MAX], (at, at), Duration::ZERO);
        assert_eq!(bytes(&claims.status_list.lst).last(), Some(&0x80));
    }

    #[test]
    fn a_list_of_which_nothing_was_called_back_is_short() {
        let at = Timestamp::from_unix_seconds(0);
        let claims = StatusListClaims::new("i", "u".to_owned(), &[], (at, at), Duration::ZERO);
        assert!(claims.status_list.lst.len() < 64, "{}", claims.status_list.lst.len());
    }
}
