//! Second factors, by their users.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use jwksd_domain::ports::{SecondFactorRepository, StoreError};
use jwksd_domain::second_factor::{Enrolment, SecondFactor, SecondFactorChange};
use jwksd_domain::user::UserId;

use crate::lock;

/// Keeps second factors in memory.
#[derive(Default)]
pub struct MemorySecondFactorRepository {
    pub(crate) factors: Mutex<BTreeMap<UserId, SecondFactor>>,
}

#[async_trait]
impl SecondFactorRepository for MemorySecondFactorRepository {
    async fn find(&self, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
        Ok(lock(&self.factors).get(&user).cloned())
    }

    async fn enrol(&self, factor: &SecondFactor) -> Result<bool, StoreError> {
        let (mut factors, user) = (lock(&self.factors), factor.enrolment.user);
        let is_free = !factors.get(&user).is_some_and(SecondFactor::is_confirmed);
        if is_free {
            factors.insert(user, factor.clone());
        }
        Ok(is_free)
    }

    async fn update(&self, enrolment: Enrolment, change: &SecondFactorChange) -> Result<bool, StoreError> {
        let mut factors = lock(&self.factors);
        let found = factors.get_mut(&enrolment.user).filter(|factor| factor.enrolment == enrolment);
        match (found, change) {
            (None, _) => Ok(false),
            (Some(_), SecondFactorChange::Remove) => Ok(factors.remove(&enrolment.user).is_some()),
            (Some(factor), change) => Ok(factor.apply(change)),
        }
    }
}
