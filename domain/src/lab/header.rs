//! Tokens whose header would lead a verifier where an attacker wants it (RFC 8725 section 3.10), or that it must not understand.
//!
//! What is wrong with a key id is whom it leads to, so whoever is led astray finds the signature of a stranger there; a verifier
//! that has one key only, and looks at no key id, refuses these tokens as well.

use super::recipe::{json, spelled, with_member_in_front};
use super::{Card, Ingredients, Signatory};
use crate::key::Algorithm;

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeaderFlaw {
    /// It brings its own key.
    EmbeddedJwk,
    /// It says where to fetch its own key.
    EmbeddedJku,
    /// It says where to fetch a certificate of its own key.
    EmbeddedX5u,
    /// Its key id is a path.
    KidPath,
    /// Its key id is SQL.
    KidSql,
    /// Its key id is empty.
    KidEmpty,
    /// Its key id has ten thousand characters.
    KidLong,
    /// It names two algorithms.
    DuplicateMember,
    /// It names an extension that must be understood.
    UnknownCritical,
}

const PATH: &str = "../../../../../../../../dev/null";
const SQL: &str = "x' UNION SELECT 'c2VjcmV0' AS key; --";
const LONG: usize = 10_000;
/// An extension that there is not (RFC 7515 section 4.1.11).
const EXTENSION: &str = "urn:jwksd:lab:unknown";

impl HeaderFlaw {
    /// Every flaw of this kind.
    pub const ALL: [Self; 9] = [
        Self::EmbeddedJwk,
        Self::EmbeddedJku,
        Self::EmbeddedX5u,
        Self::KidPath,
        Self::KidSql,
        Self::KidEmpty,
        Self::KidLong,
        Self::DuplicateMember,
        Self::UnknownCritical,
    ];

    pub(super) const fn card(self) -> Card {
        match self {
            Self::EmbeddedJwk => Card::refused(
                "embedded-jwk",
                "RFC 7515 section 4.1.3",
                "A stranger has signed and put the own public key into the header: a token must not vouch for itself.",
            ),
            Self::EmbeddedJku => Card::refused(
                "embedded-jku",
                "RFC 8725 section 3.10",
                "A stranger has signed, and jku says where that key is: who fetches it lets tokens send requests, and trusts the answer.",
            ),
            Self::EmbeddedX5u => Card::refused(
                "embedded-x5u",
                "RFC 8725 section 3.10",
                "A stranger has signed, and x5u says where a certificate is: who fetches it lets tokens send requests from inside.",
            ),
            Self::KidPath => Card::refused(
                "kid-path-traversal",
                "RFC 8725 section 3.10",
                "kid leads to /dev/null: where keys are read from files of that name the key would be empty.",
            ),
            Self::KidSql => Card::refused(
                "kid-sql",
                "RFC 8725 section 3.10",
                "kid is SQL: where keys are looked up with it unbound, the database answers with a key of the attacker's choice.",
            ),
            Self::KidEmpty => Card::refused(
                "kid-empty",
                "RFC 7515 section 4.1.4",
                "kid is empty. Whoever takes that for missing may fall back to a key that was never meant.",
            ),
            Self::KidLong => Card::refused(
                "kid-10kb",
                "RFC 8725 section 3.10",
                "kid has ten thousand characters, which fill logs, caches and URLs where it is copied unread.",
            ),
            Self::DuplicateMember => Card::tolerable(
                "duplicate-header",
                "RFC 7515 section 4",
                "alg is there twice, none first. A verifier refuses that or reads the last; two that read differently are a hole.",
            ),
            Self::UnknownCritical => Card::refused(
                "crit-unknown",
                "RFC 7515 section 4.1.11",
                "crit names an extension that nobody knows: whoever does not understand it must not go on.",
            ),
        }
    }

    pub(super) const fn signatory(self, algorithm: Algorithm) -> Signatory {
        match self {
            Self::EmbeddedJwk
            | Self::EmbeddedJku
            | Self::EmbeddedX5u
            | Self::KidPath
            | Self::KidSql
            | Self::KidEmpty
            | Self::KidLong => Signatory::Stranger(algorithm),
            Self::DuplicateMember | Self::UnknownCritical => Signatory::Published(algorithm),
        }
    }

    pub(super) fn signing_input(self, with: &Ingredients<'_>) -> String {
        let draft = with.sound.draft();
        let stranger = || with.sound.draft().header("kid", with.signer.kid().as_str());
        let draft = match self {
            Self::EmbeddedJwk => {
                let jwk = serde_json::to_value(with.signer).expect("strings always serialize");
                stranger().header("jwk", jwk)
            }
            Self::EmbeddedJku => stranger().header("jku", format!("{}/lab/jwks/stranger", with.sound.issuer())),
            Self::EmbeddedX5u => stranger().header("x5u", format!("{}/lab/x5u", with.sound.issuer())),
            Self::KidPath => draft.header("kid", PATH),
            Self::KidSql => draft.header("kid", SQL),
            Self::KidEmpty => draft.header("kid", ""),
            Self::KidLong => draft.header("kid", "A".repeat(LONG)),
            Self::DuplicateMember => {
                return spelled(&with_member_in_front(&draft.header, "alg", "none"), &json(&draft.claims));
            }
            Self::UnknownCritical => draft.header("crit", vec![EXTENSION]).header(EXTENSION, true),
        };
        draft.signing_input()
    }
}
