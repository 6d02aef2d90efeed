//! Tokens that were changed after they were signed.

use super::recipe::{base64url, json};
use super::{Card, Ingredients};
use crate::token::compact;

/// What was changed of a signed token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TamperingFlaw {
    /// The header, in a member that means nothing.
    Header,
    /// The payload.
    Payload,
    /// One bit of the signature.
    Signature,
    /// The signature was left out.
    BlankSignature,
    /// The signature lost its last byte.
    TruncatedSignature,
}

impl TamperingFlaw {
    /// Every flaw of this kind.
    pub const ALL: [Self; 5] =
        [Self::Header, Self::Payload, Self::Signature, Self::BlankSignature, Self::TruncatedSignature];

    pub(super) const fn card(self) -> Card {
        match self {
            Self::Header => Card::refused(
                "tampered-header",
                "RFC 7515 section 5.2",
                "A member that means nothing was added to the header after it was signed: the header is signed as well.",
            ),
            Self::Payload => Card::refused(
                "tampered-payload",
                "RFC 7515 section 5.2",
                "role was set to admin after the token was signed: whoever looks at the payload alone makes administrators.",
            ),
            Self::Signature => Card::refused(
                "tampered-signature",
                "RFC 7515 section 5.2",
                "One bit in the middle of the signature is another.",
            ),
            Self::BlankSignature => Card::refused(
                "blank-signature",
                "RFC 7515 section 5.2",
                "The signature is empty while alg still asks for one: nothing was signed, and nothing was checked.",
            ),
            Self::TruncatedSignature => Card::refused(
                "truncated-signature",
                "RFC 7518 section 3",
                "The signature lacks its last byte. Whoever compares only what is there needs no key to be believed.",
            ),
        }
    }

    pub(super) fn finished(self, with: &Ingredients<'_>, input: &str, signature: &[u8]) -> String {
        let (header, payload) = input.split_once('.').unwrap_or((input, ""));
        let draft = with.sound.draft();
        match self {
            Self::Header => {
                let header = json(&draft.header("x-lab", "added later").header);
                compact(&format!("{}.{payload}", base64url(header.as_bytes())), signature)
            }
            Self::Payload => {
                let payload = json(&draft.claim("role", "admin").claims);
                compact(&format!("{header}.{}", base64url(payload.as_bytes())), signature)
            }
            Self::Signature => {
                let mut signature = signature.to_vec();
                let middle = signature.len() / 2;
                signature.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 1);
                compact(input, &signature)
            }
            Self::BlankSignature => compact(input, &[]),
            Self::TruncatedSignature => compact(input, &signature[..signature.len().saturating_sub(1)]),
        }
    }
}
