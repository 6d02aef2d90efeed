//! Publishing key sets that misbehave, for whoever tests what a verifier does with them.

use std::sync::Arc;

use super::{LabKeys, Outage, PublishKeys};
use crate::lab::{Delivery, KeySetIngredients, Misbehaviour, NOISE};
use crate::ports::Entropy;

/// A set that misbehaves.
pub struct MisshapenKeys {
    /// The set as JSON.
    pub json: String,
    /// How it is to be handed over.
    pub delivery: Delivery,
}

/// Misshapes the published set.
pub struct MisshapeKeys {
    publish: Arc<PublishKeys>,
    keys: Arc<LabKeys>,
    entropy: Arc<dyn Entropy>,
}

impl MisshapeKeys {
    /// Misshapes what `publish` publishes; strangers are among `keys`. No private half of a published key is at hand here, so a set
    /// with private members has made-up ones.
    pub fn new(publish: Arc<PublishKeys>, keys: Arc<LabKeys>, entropy: Arc<dyn Entropy>) -> Self {
        Self { publish, keys, entropy }
    }

    /// The set that misbehaves like that.
    ///
    /// # Errors
    /// [`Outage`] if no key is published, or the signer is down, which makes the stranger's key.
    pub async fn run(&self, misbehaviour: Misbehaviour) -> Result<MisshapenKeys, Outage> {
        let published = self.publish.run().keys;
        let signer = published.first().ok_or(Outage::NoKey)?;
        let stranger = self.keys.stranger(signer.algorithm()).await?;
        let mut noise = [0; NOISE];
        self.entropy.fill(&mut noise);
        let with = KeySetIngredients { published: &published, stranger: &stranger.public, noise: &noise };
        Ok(MisshapenKeys { json: misbehaviour.key_set(&with), delivery: misbehaviour.delivery() })
    }
}
