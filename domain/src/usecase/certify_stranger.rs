//! Certifying the stranger of the lab by itself: what the x5u of a token leads to.

use std::sync::Arc;

use super::{LabKeys, Outage, PublishKeys};
use crate::key::{PublicJwk, SigningKey};
use crate::lab::{certificate, certified_by, to_be_certified};
use crate::ports::Signer;

/// Certifies the stranger, who signs the certificate too.
pub struct CertifyStranger {
    publish: Arc<PublishKeys>,
    keys: Arc<LabKeys>,
    signer: Arc<dyn Signer>,
}

impl CertifyStranger {
    /// Certifies the stranger among `keys` who signs by the algorithm of what `publish` publishes.
    pub fn new(publish: Arc<PublishKeys>, keys: Arc<LabKeys>, signer: Arc<dyn Signer>) -> Self {
        Self { publish, keys, signer }
    }

    /// A certificate of the key that signs the token `embedded-x5u`, in PEM.
    ///
    /// # Errors
    /// [`Outage`] if no key is published, or the signer is down.
    pub async fn run(&self) -> Result<String, Outage> {
        let published = self.publish.run().keys;
        let algorithm = published.first().ok_or(Outage::NoKey)?.algorithm();
        let stranger = self.keys.stranger(algorithm).await?;
        let public = PublicJwk::new(certified_by(algorithm), stranger.public.parameters().clone());
        let key = SigningKey { public, ..stranger };
        let signed = to_be_certified(&key.public, self.publish.now());
        let signature = self.signer.sign(&key, &signed).await?;
        Ok(certificate(&key.public, signed, &signature))
    }
}
