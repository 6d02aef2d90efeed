//! Telling callers of their second factor.

use std::sync::Arc;

use super::{Caller, Outage};
use crate::ports::SecondFactorRepository;
use crate::second_factor::SecondFactor;

/// Tells users of their second factors.
pub struct FindTotp {
    factors: Arc<dyn SecondFactorRepository>,
}

impl FindTotp {
    /// Finds them in `factors`.
    pub fn new(factors: Arc<dyn SecondFactorRepository>) -> Self {
        Self { factors }
    }

    /// That of `caller`, if there is one.
    ///
    /// # Errors
    /// [`Outage`] if the store is down.
    pub async fn run(&self, caller: &Caller) -> Result<Option<SecondFactor>, Outage> {
        Ok(self.factors.find(caller.user.id).await?)
    }
}
