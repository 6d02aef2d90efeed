//! What a service is put to, beside the specimens: no token at all, and keys that change under it.

use super::{Card, Specimen, Verdict};

/// One request to a service, and what it should come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trial {
    /// It brings no token.
    NoToken,
    /// It brings a specimen.
    Of(Specimen),
    /// The stand-by has begun to sign, and this token is of it.
    NewKey,
    /// The same, and this token is of the key that signed before.
    RetiredKey,
    /// The key that signed before was revoked, and this token is of it.
    RevokedAfterUse,
}

impl Trial {
    /// Before the keys change: the sound token first, for without it no refusal shows anything.
    pub fn before_rotation() -> impl Iterator<Item = Self> {
        let flawed = Specimen::all().filter(|specimen| *specimen != Specimen::Sound).map(Self::Of);
        [Self::Of(Specimen::Sound), Self::NoToken].into_iter().chain(flawed)
    }

    /// What is told of it.
    pub const fn card(self) -> Card {
        match self {
            Self::NoToken => Card::refused(
                "no-token",
                "RFC 6750 section 3",
                "There is no Authorization header: the address is open to everybody, and nothing else was shown.",
            ),
            Self::Of(specimen) => specimen.card(),
            Self::NewKey => Card {
                name: "new-key",
                reason: "Signed by the key that was the stand-by until now. It was in the JWKS all the time, so no cache is in the way.",
                rule: "RFC 7517 section 4.5",
                verdict: Verdict::Accept,
            },
            Self::RetiredKey => Card {
                name: "retired-key",
                reason: "Signed before the rotation by a key that the JWKS still holds: whoever drops it logs everybody out.",
                rule: "RFC 7517 section 5",
                verdict: Verdict::Accept,
            },
            Self::RevokedAfterUse => Card::tolerable(
                "revoked-after-use",
                "RFC 8725 section 3.8",
                "Signed by a key that was in the JWKS until it was revoked just now. A cache may keep it for as long as max-age says.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_trial_has_a_name_of_its_own_and_the_sound_token_comes_first() {
        let mut trials: Vec<_> = Trial::before_rotation().collect();
        assert_eq!(trials[0], Trial::Of(Specimen::Sound));
        trials.extend([Trial::NewKey, Trial::RetiredKey, Trial::RevokedAfterUse]);
        let names: BTreeSet<_> = trials.iter().map(|trial| trial.card().name).collect();
        assert_eq!(names.len(), trials.len());
    }
}
