//! Encrypted tokens (RFC 7516), which are no access tokens here, and cost whoever looks into them before saying so.
//!
//! No key opens them. What they do is done before a verifier could find that out: a key is derived, or a payload is inflated.

use std::sync::LazyLock;

use miniz_oxide::deflate::compress_to_vec;
use serde_json::json;

use super::recipe::base64url;
use super::{Card, Ingredients};

/// What an encrypted token does to whoever opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EncryptedFlaw {
    /// It asks for a key to be derived that takes minutes.
    Pbes2Count,
    /// Its payload is small until it is inflated.
    ZipBomb,
}

/// How often PBKDF2 is to be iterated: the most that 32 bits with a sign can say.
const ITERATIONS: u32 = i32::MAX as u32;
/// How large the payload is that the bomb inflates to, in bytes.
pub(super) const INFLATED: usize = 8 * 1024 * 1024;
/// The most that DEFLATE can do: about a thousandth.
const COMPRESSION_LEVEL: u8 = 9;

/// The bomb in DEFLATE (RFC 1951): some eight kilobytes.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| compress_to_vec(&vec![0; INFLATED], COMPRESSION_LEVEL));

impl EncryptedFlaw {
    /// Every flaw of this kind.
    pub const ALL: [Self; 2] = [Self::Pbes2Count, Self::ZipBomb];

    pub(super) const fn card(self) -> Card {
        match self {
            Self::Pbes2Count => Card::refused(
                "pbes2-count",
                "RFC 8725 section 3.1",
                "A JWE by PBES2 with p2c 2147483647: whoever derives its key first is busy for minutes (RFC 7518 section 4.8.1.2).",
            ),
            Self::ZipBomb => Card::refused(
                "zip-bomb",
                "RFC 8725 section 3.6",
                "A JWE with zip DEF of eight kilobytes that inflate to eight megabytes, for whoever inflates before the tag is checked.",
            ),
        }
    }

    pub(super) fn finished(self, with: &Ingredients<'_>) -> String {
        let (iv, tag) = (&with.noise[..12], &with.noise[12..28]);
        let (salt, wrapped) = (&with.noise[28..44], &with.noise[44..68]);
        let kid = with.published.kid().as_str();
        match self {
            Self::Pbes2Count => {
                let header = json!({
                    "alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "cty": "JWT", "kid": kid,
                    "p2c": ITERATIONS, "p2s": base64url(salt),
                });
                encrypted(&header.to_string(), [wrapped, iv, &with.noise[68..], tag])
            }
            Self::ZipBomb => {
                let header = json!({ "alg": "dir", "enc": "A128GCM", "cty": "JWT", "kid": kid, "zip": "DEF" });
                encrypted(&header.to_string(), [&[], iv, BOMB.as_slice(), tag])
            }
        }
    }
}

/// The compact form of a JWE (RFC 7516 section 7.1): header, encrypted key, initialization vector, ciphertext, tag.
fn encrypted(header: &str, parts: [&[u8]; 4]) -> String {
    let [key, iv, ciphertext, tag] = parts.map(base64url);
    format!("{}.{key}.{iv}.{ciphertext}.{tag}", base64url(header.as_bytes()))
}

#[cfg(test)]
mod tests {
    use miniz_oxide::inflate::decompress_to_vec_with_limit;

    use super::*;
    use crate::token::TOKEN_MAX;

    #[test]
    fn the_bomb_is_small_until_it_is_inflated() {
        assert!(BOMB.len() * 4 / 3 < TOKEN_MAX / 4 * 3, "{}", BOMB.len());
        assert_eq!(decompress_to_vec_with_limit(&BOMB, INFLATED).unwrap().len(), INFLATED);
        assert!(decompress_to_vec_with_limit(&BOMB, INFLATED - 1).is_err());
    }
}
