//! The decoys as this process knows them: surveyed now and then, picked from memory at each login.

use std::sync::{Arc, PoisonError, RwLock};

use super::Outage;
use crate::decoy::{DecoyKey, Decoys};
use crate::ports::{Entropy, PasswordHashSurvey};
use crate::user::{LoginName, PasswordHash};

/// Gives names that nobody has a hash to be compared with.
pub struct DecoyHashes {
    survey: Arc<dyn PasswordHashSurvey>,
    key: DecoyKey,
    decoys: RwLock<Decoys>,
}

impl DecoyHashes {
    /// Decoys like the hashes that `survey` sees; none until they are refreshed.
    pub fn new(survey: Arc<dyn PasswordHashSurvey>, entropy: &dyn Entropy) -> Self {
        Self { survey, key: DecoyKey::draw(entropy), decoys: RwLock::default() }
    }

    /// Looks over the stored hashes.
    ///
    /// # Errors
    /// [`Outage`] if the store is down; the decoys known so far stay.
    pub async fn refresh(&self) -> Result<(), Outage> {
        let decoys = Decoys::like(self.survey.survey().await?);
        *self.decoys.write().unwrap_or_else(PoisonError::into_inner) = decoys;
        Ok(())
    }

    /// What the password is to be compared with where `name` is nobody's; `None` leaves it to the hasher.
    pub fn of(&self, name: &LoginName) -> Option<PasswordHash> {
        self.decoys.read().unwrap_or_else(PoisonError::into_inner).pick(&self.key, name).cloned()
    }
}
