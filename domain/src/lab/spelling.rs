//! Tokens whose signature is right, written down in a way that a compact JWS is not.

use serde_json::json;

use super::recipe::{base64url, json as text_of};
use super::{Card, Ingredients};
use crate::token::compact;

/// How a token is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpellingFlaw {
    /// Bits are set that no byte is made of.
    SpareBits,
    /// With `=` at the end of a part.
    Padding,
    /// Without a place for a signature.
    TwoParts,
    /// With a part more.
    FourParts,
    /// With as many parts as a JWE has.
    FiveParts,
    /// As a flattened JWS.
    FlattenedJson,
    /// As a general JWS.
    GeneralJson,
}

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl SpellingFlaw {
    /// Every flaw of this kind.
    pub const ALL: [Self; 7] = [
        Self::SpareBits,
        Self::Padding,
        Self::TwoParts,
        Self::FourParts,
        Self::FiveParts,
        Self::FlattenedJson,
        Self::GeneralJson,
    ];

    pub(super) const fn card(self) -> Card {
        match self {
            Self::SpareBits => Card::tolerable(
                "non-canonical-base64url",
                "RFC 4648 section 3.5",
                "The payload's last character has bits that no byte is made of. Two spellings of one token pass by a list of tokens.",
            ),
            Self::Padding => Card::refused(
                "padded-base64url",
                "RFC 7515 section 2",
                "The payload ends with =, which JOSE leaves out: a token that is spelled in two ways is two to whoever keeps a list.",
            ),
            Self::TwoParts => Card::refused(
                "two-parts",
                "RFC 7515 section 7.1",
                "There is a header and a payload, and not even a dot for a signature.",
            ),
            Self::FourParts => Card::refused(
                "four-parts",
                "RFC 7515 section 7.1",
                "A part follows the signature, which nobody has signed.",
            ),
            Self::FiveParts => Card::refused(
                "five-parts",
                "RFC 7516 section 7.1",
                "Two parts follow the signature, so that it counts as a JWE, and its header is that of a JWS.",
            ),
            Self::FlattenedJson => Card::refused(
                "json-flattened",
                "RFC 7519 section 3",
                "A JWS in flattened JSON. A JWT is always compact, and an unprotected header could stand beside this one.",
            ),
            Self::GeneralJson => Card::refused(
                "json-general",
                "RFC 7519 section 3",
                "A JWS in general JSON, which may have several signatures. A JWT is always compact and has one.",
            ),
        }
    }

    pub(super) fn signing_input(self, with: &Ingredients<'_>) -> String {
        let draft = with.sound.draft();
        let mut payload = text_of(&draft.claims);
        // White space is no part of what JSON says; with it the last character has room to spare.
        if payload.len().is_multiple_of(3) {
            payload.push(' ');
        }
        let (header, spelled) = (base64url(text_of(&draft.header).as_bytes()), base64url(payload.as_bytes()));
        match self {
            Self::SpareBits => format!("{header}.{}", with_spare_bits(&spelled)),
            Self::Padding => format!("{header}.{spelled}{}", "=".repeat(3 - payload.len() % 3)),
            Self::TwoParts | Self::FourParts | Self::FiveParts | Self::FlattenedJson | Self::GeneralJson => {
                with.sound.signing_input().to_owned()
            }
        }
    }

    pub(super) fn finished(self, input: &str, signature: &[u8]) -> String {
        let (header, payload) = input.split_once('.').unwrap_or((input, ""));
        let signed = base64url(signature);
        match self {
            Self::SpareBits | Self::Padding => compact(input, signature),
            Self::TwoParts => input.to_owned(),
            Self::FourParts => format!("{}.{}", compact(input, signature), base64url(b"{}")),
            Self::FiveParts => format!("{}.{}.{}", compact(input, signature), base64url(b"{}"), base64url(b"{}")),
            Self::FlattenedJson => json!({ "payload": payload, "protected": header, "signature": signed }).to_string(),
            Self::GeneralJson => {
                let signatures = json!([{ "protected": header, "signature": signed }]);
                json!({ "payload": payload, "signatures": signatures }).to_string()
            }
        }
    }
}

/// The same bytes, with the lowest of the bits set that belong to none.
fn with_spare_bits(spelled: &str) -> String {
    let Some((last, before)) = spelled.as_bytes().split_last() else { return String::new() };
    let value = ALPHABET.iter().position(|character| character == last).unwrap_or_default();
    let spare = char::from(ALPHABET[value | 1]);
    format!("{}{spare}", String::from_utf8_lossy(before))
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;

    #[test]
    fn spare_bits_belong_to_no_byte() {
        assert_eq!(with_spare_bits(&base64url(b"a")), "YR");
        assert_eq!(with_spare_bits(&base64url(b"ab")), "YWJ");
        assert_eq!(base64url(b"ab"), "YWI");
        assert!(Base64UrlUnpadded::decode_vec("YWJ").is_err(), "a strict reader takes one spelling only");
    }
}
