//! Those who are not let in.

use crate::door::Subject;

/// Who is not let in, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody has the name.
    Nobody,
    /// The password is another one, or whatever is shown in its place.
    WrongSecret,
    /// The password is another one, and there is a second factor.
    SecondFactor,
    /// The password is right, who shows it is disabled.
    Disabled,
    /// The password is right, the user is a demo user and this no dev profile.
    Demo,
}

impl Kind {
    /// Every kind of `subject`, the yardstick first.
    pub(crate) const fn of(subject: Subject) -> &'static [Self] {
        match subject {
            Subject::User => &[Self::Nobody, Self::WrongSecret, Self::SecondFactor, Self::Disabled, Self::Demo],
            Subject::Client => &[Self::Nobody, Self::WrongSecret, Self::Disabled],
        }
    }

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::WrongSecret => "known, wrong secret",
            Self::SecondFactor => "with a second factor",
            Self::Disabled => "disabled",
            Self::Demo => "a demo user",
        }
    }

    /// The name of that number: of the same length whatever the kind.
    pub(crate) fn user(self, number: usize) -> String {
        let letter = match self {
            Self::Nobody => 'n',
            Self::WrongSecret => 'w',
            Self::SecondFactor => 's',
            Self::Disabled => 'd',
            Self::Demo => 'o',
        };
        format!("{letter}{number:07}")
    }
}
