//! Asking for a token of the lab: what anybody may do in the dev profile, and so as often as the limit of the address lets.

use std::sync::Arc;

use super::{MintSpecimen, MintSpecimenError, Minted, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::lab::Specimen;
use crate::limit::{Allowance, Bucket, Refusal};
use crate::ports::{AuditLog, Clock, RateLimiter};

/// Why no specimen was given.
#[derive(Debug, thiserror::Error)]
pub enum RequestSpecimenError {
    /// Too many attempts from this address.
    #[error("too many attempts from this address")]
    AddressLimited(Refusal),
    /// None was minted; what is left to the address.
    #[error("no specimen was minted")]
    NotMinted(#[source] MintSpecimenError, Allowance),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Gives specimens to anyone.
pub struct RequestSpecimen {
    mint: Arc<MintSpecimen>,
    limiter: Arc<dyn RateLimiter>,
    audit: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
}

impl RequestSpecimen {
    /// Gives what `mint` mints, within the limit of the address: the one that logins have, since these are tokens too.
    pub fn new(
        mint: Arc<MintSpecimen>,
        limiter: Arc<dyn RateLimiter>,
        audit: Arc<dyn AuditLog>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { mint, limiter, audit, clock }
    }

    /// Gives one. Whatever comes of it is in the log before it is answered.
    ///
    /// # Errors
    /// See [`RequestSpecimenError`].
    pub async fn run(&self, specimen: Specimen, origin: Origin) -> Result<(Minted, Allowance), RequestSpecimenError> {
        let error = match self.limiter.spend(&Bucket::address(origin.ip)).await {
            Ok(Ok(allowance)) => match self.mint.run(specimen, origin.clone()).await {
                Ok(minted) => return Ok((minted, allowance)),
                Err(error) => RequestSpecimenError::NotMinted(error, allowance),
            },
            Ok(Err(refusal)) => RequestSpecimenError::AddressLimited(refusal),
            Err(error) => Outage::from(error).into(),
        };
        let outcome = match &error {
            RequestSpecimenError::AddressLimited(_) => Outcome::AddressLimited,
            RequestSpecimenError::NotMinted(..) | RequestSpecimenError::Unavailable(_) => Outcome::Failed,
        };
        let entry = AuditEntry::new(self.clock.now(), origin, Event::SpecimenMinted, outcome);
        self.audit.append(entry).await.map_err(Outage::from)?;
        Err(error)
    }
}
