//! The second factor of one user, as it is kept.

use super::{Code, RecoveryCode, RecoveryHash, Step};
use crate::ports::Sealed;
use crate::time::Timestamp;
use crate::user::UserId;

/// Which enrolment of which user: a change that was decided over one must not be made to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Whose it is.
    pub user: UserId,
    /// When it was begun, in milliseconds.
    pub at: Timestamp,
}

/// The second factor of a user. Has no `Debug`: it holds a secret, if a sealed one.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// Whose it is, and since when.
    pub enrolment: Enrolment,
    /// What its codes are made of, sealed for its user.
    pub secret: Sealed,
    /// When its user has shown to have it; before, it is asked of nobody.
    pub confirmed_at: Option<Timestamp>,
    /// The step of the last code that was taken.
    pub last_step: Option<Step>,
    /// The recovery codes that are left, in ascending order.
    pub recovery: Vec<RecoveryHash>,
}

/// The first code of a factor was right.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// When.
    pub at: Timestamp,
    /// The step of that code.
    pub step: Step,
    /// The recovery codes, in ascending order.
    pub recovery: Vec<RecoveryHash>,
}

/// A change of a second factor, which is made where it can be.
#[derive(Clone, PartialEq, Eq)]
pub enum SecondFactorChange {
    /// It is confirmed, if it was not.
    Confirm(Confirmation),
    /// A code was taken, if it is of a later step than every one before; the secret is sealed anew, with the present encryption
    /// key.
    Accept(Step, Sealed),
    /// A recovery code is spent, if it is left.
    Spend(RecoveryHash),
    /// These recovery codes take the place of those that are left; they are in ascending order.
    Renew(Vec<RecoveryHash>),
    /// The factor is forgotten, with its recovery codes.
    Remove,
}

/// What somebody shows beside a password.
pub enum SecondFactorProof {
    /// A code of the app.
    Code(Code),
    /// A recovery code.
    Recovery(RecoveryCode),
}

impl SecondFactor {
    /// A factor that is not confirmed yet.
    pub const fn begin(enrolment: Enrolment, secret: Sealed) -> Self {
        Self { enrolment, secret, confirmed_at: None, last_step: None, recovery: Vec::new() }
    }

    /// Whether it is asked for at a login.
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// The factor after `change`, if that can be made; else it is left as it is. [`SecondFactorChange::Remove`] leaves nothing to
    /// change, and is up to the store.
    ///
    /// Tells whether it was made: what a store does in one step.
    pub fn apply(&mut self, change: &SecondFactorChange) -> bool {
        match change {
            SecondFactorChange::Confirm(confirmation) if !self.is_confirmed() => {
                self.confirmed_at = Some(confirmation.at);
                self.last_step = Some(confirmation.step);
                self.recovery.clone_from(&confirmation.recovery);
                true
            }
            SecondFactorChange::Accept(step, secret) if self.last_step.is_some_and(|last| last < *step) => {
                self.last_step = Some(*step);
                self.secret = secret.clone();
                true
            }
            SecondFactorChange::Spend(hash) => {
                let before = self.recovery.len();
                self.recovery.retain(|left| left != hash);
                self.recovery.len() < before
            }
            SecondFactorChange::Renew(hashes) if self.is_confirmed() => {
                self.recovery.clone_from(hashes);
                true
            }
            SecondFactorChange::Confirm(_)
            | SecondFactorChange::Accept(..)
            | SecondFactorChange::Renew(_)
            | SecondFactorChange::Remove => false,
        }
    }
}
