//! Tokens that are signed as they must be, and say what must not be believed.

use std::time::Duration;

use super::recipe::{json, spelled, with_member_in_front};
use super::{Card, Ingredients};
use crate::time::Timestamp;

/// What is wrong with what a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimFlaw {
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// Its issuer is another.
    WrongIssuer,
    /// Its issuer is nearly the right one.
    IssuerWithSlash,
    /// It is for somebody else.
    WrongAudience,
    /// It is a JWT for another purpose.
    WrongType,
    /// Its end is text.
    ExpiryAsText,
    /// Its end is before 1970.
    NegativeExpiry,
    /// Its end is never.
    HugeExpiry,
    /// It says two things of one matter.
    DuplicateClaim,
}

const HOUR: Duration = Duration::from_secs(3600);
/// More seconds than 64 bits with a sign can count.
const BEYOND_64_BITS: u64 = 10_000_000_000_000_000_000;

impl ClaimFlaw {
    /// Every flaw of this kind.
    pub const ALL: [Self; 10] = [
        Self::Expired,
        Self::NotYetValid,
        Self::WrongIssuer,
        Self::IssuerWithSlash,
        Self::WrongAudience,
        Self::WrongType,
        Self::ExpiryAsText,
        Self::NegativeExpiry,
        Self::HugeExpiry,
        Self::DuplicateClaim,
    ];

    pub(super) const fn card(self) -> Card {
        match self {
            Self::Expired => Card::refused(
                "expired",
                "RFC 7519 section 4.1.4",
                "exp was an hour ago. Whoever finds an old token would be let in for ever.",
            ),
            Self::NotYetValid => Card::refused(
                "not-yet-valid",
                "RFC 7519 section 4.1.5",
                "nbf is in an hour: the token is good later, and not now.",
            ),
            Self::WrongIssuer => Card::refused(
                "wrong-issuer",
                "RFC 7519 section 4.1.1",
                "iss is https://issuer.invalid. One key may sign for several issuers, of which one is trusted.",
            ),
            Self::IssuerWithSlash => Card::refused(
                "issuer-with-slash",
                "RFC 8414 section 3.3",
                "iss has a slash more at its end. Issuers are compared byte for byte: one that begins alike is another.",
            ),
            Self::WrongAudience => Card::refused(
                "wrong-audience",
                "RFC 7519 section 4.1.3",
                "aud is https://api.invalid. What is given to one service would open all others (RFC 8725 section 3.9).",
            ),
            Self::WrongType => Card::refused(
                "wrong-type",
                "RFC 8725 section 3.11",
                "typ is secevent+jwt: a message about a user would be taken for a token of that user.",
            ),
            Self::ExpiryAsText => Card::refused(
                "exp-string",
                "RFC 7519 section 2",
                "exp is text with digits. A NumericDate is a number; text is compared by other rules, or not at all.",
            ),
            Self::NegativeExpiry => Card::refused(
                "exp-negative",
                "RFC 7519 section 4.1.4",
                "exp is -1, a second before 1970. Read without its sign it is the end of time.",
            ),
            Self::HugeExpiry => Card::tolerable(
                "exp-huge",
                "RFC 7519 section 2",
                "exp is 10^19, which no signed 64-bit number holds (RFC 8259 section 6): it overflows, or it never comes.",
            ),
            Self::DuplicateClaim => Card::tolerable(
                "duplicate-claim",
                "RFC 7519 section 4",
                "role is there twice, admin first. A verifier refuses that or reads the last; two that read differently are a hole.",
            ),
        }
    }

    pub(super) fn signing_input(self, with: &Ingredients<'_>) -> String {
        let (draft, now) = (with.sound.draft(), with.now);
        let seconds = |at: Timestamp| at.unix_seconds();
        match self {
            Self::Expired => {
                let from = seconds(now.minus(HOUR * 2));
                let draft = draft.claim("iat", from).claim("nbf", from);
                draft.claim("exp", seconds(now.minus(HOUR))).signing_input()
            }
            Self::NotYetValid => {
                let draft = draft.claim("nbf", seconds(now.plus(HOUR)));
                draft.claim("exp", seconds(now.plus(HOUR * 2))).signing_input()
            }
            Self::WrongIssuer => draft.claim("iss", "https://issuer.invalid").signing_input(),
            Self::IssuerWithSlash => draft.claim("iss", format!("{}/", with.sound.issuer())).signing_input(),
            Self::WrongAudience => draft.claim("aud", "https://api.invalid").signing_input(),
            Self::WrongType => draft.header("typ", "secevent+jwt").signing_input(),
            Self::ExpiryAsText => draft.claim("exp", seconds(now.plus(HOUR)).to_string()).signing_input(),
            Self::NegativeExpiry => draft.claim("exp", -1).signing_input(),
            Self::HugeExpiry => draft.claim("exp", BEYOND_64_BITS).signing_input(),
            Self::DuplicateClaim => {
                spelled(&json(&draft.header), &with_member_in_front(&draft.claims, "role", "admin"))
            }
        }
    }
}
