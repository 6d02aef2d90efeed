//! Where second factors are kept.

use async_trait::async_trait;

use super::StoreError;
use crate::second_factor::{Enrolment, SecondFactor, SecondFactorChange};
use crate::user::UserId;

/// Keeps second factors, at most one a user.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait SecondFactorRepository: Send + Sync {
    /// The second factor of a user, confirmed or not; absence is not an error.
    /// MUST answer what was written by any call that was answered before, in whatever process.
    async fn find(&self, user: UserId) -> Result<Option<SecondFactor>, StoreError>;

    /// Adds a factor that is not confirmed, in the place of one that is not confirmed either, and answers whether it did.
    /// MUST change nothing and answer `false` if its user has one that is confirmed. MUST be durable before it answers.
    async fn enrol(&self, factor: &SecondFactor) -> Result<bool, StoreError>;

    /// Makes a change to the factor of that enrolment and answers whether it was made, see [`SecondFactorChange`].
    ///
    /// MUST change nothing and answer `false` where there is no such factor, another enrolment has taken its place, or the change
    /// cannot be made to it. MUST be atomic: of calls at the same instant that accept one step, or spend one recovery code, exactly
    /// one answers `true`. MUST be durable before it answers.
    async fn update(&self, enrolment: Enrolment, change: &SecondFactorChange) -> Result<bool, StoreError>;
}
