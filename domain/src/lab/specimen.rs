//! The catalogue: every specimen with its name, what is wrong with it, the rule that it breaks, and what a verifier should answer.

use super::{
    AlgorithmFlaw, ClaimFlaw, EncryptedFlaw, HeaderFlaw, Ingredients, KeyFlaw, Signatory, SpellingFlaw, TamperingFlaw,
};
use crate::key::Algorithm;
use crate::token::compact;

/// What a verifier should say to a specimen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it must be.
    Accept,
    /// It breaks a rule that leaves no choice.
    Refuse,
    /// The standard lets a verifier refuse it or read it as it says; the careful ones refuse it.
    Either,
}

/// What is told of a specimen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its stable name: lower case, words joined by hyphens.
    pub name: &'static str,
    /// What is wrong with it, and whom that would let in.
    pub reason: &'static str,
    /// The rule that it breaks, by RFC and section.
    pub rule: &'static str,
    /// What a verifier should say to it.
    pub verdict: Verdict,
}

/// A token of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Specimen {
    /// Nothing is wrong with it: whoever refuses this one, too, has shown nothing by refusing the others.
    Sound,
    /// It is wrong in exactly one way.
    Flawed(Flaw),
}

/// What is wrong with a token, by where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// What it says: signed as it must be, and not to be believed.
    Claim(ClaimFlaw),
    /// Who has signed it.
    Key(KeyFlaw),
    /// The algorithm that it names.
    Algorithm(AlgorithmFlaw),
    /// Something was changed after it was signed.
    Tampering(TamperingFlaw),
    /// Where its header leads.
    Header(HeaderFlaw),
    /// How it is written down.
    Spelling(SpellingFlaw),
    /// It is encrypted, and costs whoever opens it.
    Encrypted(EncryptedFlaw),
}

impl Verdict {
    /// The name of the verdict in answers and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refuse => "refuse",
            Self::Either => "either",
        }
    }

    /// What the answer of a protected route should be.
    pub const fn answer(self) -> &'static str {
        match self {
            Self::Accept => "What the route answers to any good token.",
            Self::Refuse => "401 with WWW-Authenticate: Bearer error=\"invalid_token\" (RFC 6750 section 3.1).",
            Self::Either => {
                "401 with error=\"invalid_token\", or what the route answers to a good token: both keep to the rule."
            }
        }
    }
}

impl Card {
    /// The card of a flaw that every verifier must notice.
    pub(super) const fn refused(name: &'static str, rule: &'static str, reason: &'static str) -> Self {
        Self { name, reason, rule, verdict: Verdict::Refuse }
    }

    /// The card of a flaw that a verifier may overlook.
    pub(super) const fn tolerable(name: &'static str, rule: &'static str, reason: &'static str) -> Self {
        Self { name, reason, rule, verdict: Verdict::Either }
    }
}

const SOUND: Card = Card {
    name: "sound",
    reason: "Nothing: it is signed, published and worded as every token of this server.",
    rule: "RFC 7519 section 7.2",
    verdict: Verdict::Accept,
};

impl Specimen {
    /// Every specimen: the sound one first, then the flaws by where they are.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Sound).chain(Flaw::all().map(Self::Flawed))
    }

    /// The specimen of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|specimen| specimen.card().name == name)
    }

    /// What is told of it.
    pub const fn card(self) -> Card {
        match self {
            Self::Sound => SOUND,
            Self::Flawed(flaw) => flaw.card(),
        }
    }

    /// Who signs it, where the server signs by `algorithm`.
    pub const fn signatory(self, algorithm: Algorithm) -> Signatory {
        match self {
            Self::Sound => Signatory::Published(algorithm),
            Self::Flawed(flaw) => flaw.signatory(algorithm),
        }
    }

    /// What is signed: a header and a payload, as the specimen spells them.
    pub fn signing_input(self, with: &Ingredients<'_>) -> String {
        match self {
            Self::Sound => with.sound.signing_input().to_owned(),
            Self::Flawed(flaw) => flaw.signing_input(with),
        }
    }

    /// The specimen, of what was signed and its signature, which is empty where nobody has signed.
    pub fn finished(self, with: &Ingredients<'_>, input: &str, signature: &[u8]) -> String {
        match self {
            Self::Sound => compact(input, signature),
            Self::Flawed(flaw) => flaw.finished(with, input, signature),
        }
    }
}

impl Flaw {
    /// Every flaw, by where it is.
    pub fn all() -> impl Iterator<Item = Self> {
        let claims = ClaimFlaw::ALL.into_iter().map(Self::Claim).chain(KeyFlaw::ALL.into_iter().map(Self::Key));
        let signed = claims.chain(AlgorithmFlaw::ALL.into_iter().map(Self::Algorithm));
        let changed = signed.chain(TamperingFlaw::ALL.into_iter().map(Self::Tampering));
        let led = changed.chain(HeaderFlaw::ALL.into_iter().map(Self::Header));
        let spelled = led.chain(SpellingFlaw::ALL.into_iter().map(Self::Spelling));
        spelled.chain(EncryptedFlaw::ALL.into_iter().map(Self::Encrypted))
    }

    const fn card(self) -> Card {
        match self {
            Self::Claim(flaw) => flaw.card(),
            Self::Key(flaw) => flaw.card(),
            Self::Algorithm(flaw) => flaw.card(),
            Self::Tampering(flaw) => flaw.card(),
            Self::Header(flaw) => flaw.card(),
            Self::Spelling(flaw) => flaw.card(),
            Self::Encrypted(flaw) => flaw.card(),
        }
    }

    const fn signatory(self, algorithm: Algorithm) -> Signatory {
        match self {
            Self::Claim(_) | Self::Tampering(_) | Self::Spelling(_) => Signatory::Published(algorithm),
            Self::Key(flaw) => flaw.signatory(algorithm),
            Self::Algorithm(flaw) => flaw.signatory(algorithm),
            Self::Header(flaw) => flaw.signatory(algorithm),
            Self::Encrypted(_) => Signatory::Nobody,
        }
    }

    fn signing_input(self, with: &Ingredients<'_>) -> String {
        match self {
            Self::Claim(flaw) => flaw.signing_input(with),
            Self::Key(flaw) => flaw.signing_input(with),
            Self::Algorithm(flaw) => flaw.signing_input(with),
            Self::Header(flaw) => flaw.signing_input(with),
            Self::Spelling(flaw) => flaw.signing_input(with),
            Self::Tampering(_) | Self::Encrypted(_) => with.sound.signing_input().to_owned(),
        }
    }

    fn finished(self, with: &Ingredients<'_>, input: &str, signature: &[u8]) -> String {
        match self {
            Self::Claim(_) | Self::Key(_) | Self::Header(_) => compact(input, signature),
            Self::Algorithm(flaw) => flaw.finished(with, input, signature),
            Self::Tampering(flaw) => flaw.finished(with, input, signature),
            Self::Spelling(flaw) => flaw.finished(input, signature),
            Self::Encrypted(flaw) => flaw.finished(with),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_leads_back_to_one_specimen() {
        let names: BTreeSet<_> = Specimen::all().map(|specimen| specimen.card().name).collect();
        assert_eq!(names.len(), Specimen::all().count());
        for specimen in Specimen::all() {
            assert_eq!(Specimen::from_name(specimen.card().name), Some(specimen));
        }
        assert_eq!(Specimen::from_name("sounds"), None);
    }

    #[test]
    fn every_card_tells_why_and_by_which_rule() {
        for Card { name, reason, rule, verdict } in Specimen::all().map(Specimen::card) {
            assert!(name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-'), "{name}");
            assert!(reason.ends_with('.') && reason.len() > 20, "{name}: {reason}");
            assert!(rule.starts_with("RFC ") && rule.contains(" section "), "{name}: {rule}");
            assert_eq!(verdict == Verdict::Accept, name == "sound");
        }
    }
}
