//! Minting the tokens of the lab: a sound one, of which a specimen is made that is wrong in exactly one way.

use std::sync::Arc;

use super::{FIXTURE_USER, IssueToken, Keyring, Outage, TokenLife};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::{Algorithm, PublicJwk, SigningKey};
use crate::lab::{Ingredients, Signatory, SoundToken, Specimen};
use crate::ports::{AuditLog, Clock, Signer, UserLookup, UserRepository};
use crate::user::{LoginName, UserState};

/// A token of the lab.
pub struct Minted {
    /// What it is.
    pub specimen: Specimen,
    /// The token, in whatever form the specimen has.
    pub token: String,
}

/// Why no specimen was minted.
#[derive(Debug, thiserror::Error)]
pub enum MintSpecimenError {
    /// The fixture user is gone or disabled.
    #[error("the fixture user is gone or disabled")]
    NoUser,
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// What [`MintSpecimen`] needs.
pub struct MintSpecimenParts {
    /// The users, of whom the fixture user has every specimen.
    pub users: Arc<dyn UserRepository>,
    /// Issues the sound tokens.
    pub tokens: Arc<IssueToken>,
    /// The keys.
    pub keyring: Arc<Keyring>,
    /// Signs.
    pub signer: Arc<dyn Signer>,
    /// Writes down what was minted.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Mints specimens for whoever is in this process; [`super::RequestSpecimen`] is for those outside.
pub struct MintSpecimen(MintSpecimenParts);

impl MintSpecimen {
    /// Mints specimens by `parts`.
    pub const fn new(parts: MintSpecimenParts) -> Self {
        Self(parts)
    }

    /// Mints one for the fixture user; it is in the log before it is answered.
    ///
    /// # Errors
    /// See [`MintSpecimenError`].
    pub async fn run(&self, specimen: Specimen, origin: Origin) -> Result<Minted, MintSpecimenError> {
        let name = LoginName::parse(FIXTURE_USER).map_err(|_| MintSpecimenError::NoUser)?;
        let found = self.0.users.find(UserLookup::Name(&name)).await.map_err(Outage::from)?;
        let user = found.filter(|user| user.state == UserState::Active).ok_or(MintSpecimenError::NoUser)?;
        let sound = self.0.tokens.run(&user, TokenLife::Usual).await?;
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, Event::SpecimenMinted, Outcome::Success);
        (entry.user_id, entry.name) = (Some(user.id), Some(user.username));
        sound.note_in(&mut entry);
        let published = self.0.keyring.current().find(&sound.kid).cloned().ok_or(Outage::NoKey)?;
        let sound = SoundToken::parse(sound.token).ok_or(Outage::NoKey)?;
        let token = self.made(specimen, &sound, &published).await?;
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        Ok(Minted { specimen, token })
    }

    async fn made(&self, specimen: Specimen, sound: &SoundToken, published: &SigningKey) -> Result<String, Outage> {
        let key = match specimen.signatory(published.algorithm()) {
            Signatory::Published(algorithm) => by(published, algorithm),
        };
        let with = Ingredients { sound, published: &published.public, signer: &key.public, now: self.0.clock.now() };
        let input = specimen.signing_input(&with);
        let signature = self.0.signer.sign(&key, input.as_bytes()).await?;
        Ok(specimen.finished(&with, &input, &signature))
    }
}

/// `key`, signing by that algorithm.
fn by(key: &SigningKey, algorithm: Algorithm) -> SigningKey {
    SigningKey { public: PublicJwk::new(algorithm, key.public.parameters().clone()), ..key.clone() }
}
