//! Minting the tokens of the lab: a sound one, of which a specimen is made that is wrong in exactly one way.

use std::sync::Arc;

use super::{FIXTURE_USER, IssueToken, Keyring, LabKeys, Outage, TokenLife};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::key::SigningKey;
use crate::lab::{Ingredients, NOISE, SoundToken, Specimen};
use crate::ports::{AuditLog, Clock, Entropy, Signer, UserLookup, UserRepository};
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
    /// Those that nobody should believe.
    pub keys: Arc<LabKeys>,
    /// Signs.
    pub signer: Arc<dyn Signer>,
    /// Writes down what was minted.
    pub audit: Arc<dyn AuditLog>,
    /// Draws what is random.
    pub entropy: Arc<dyn Entropy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// What a specimen is made of, and for whom.
struct Made<'a> {
    sound: &'a SoundToken,
    published: &'a SigningKey,
    origin: &'a Origin,
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
        let sound = SoundToken::parse(sound.token).expect("what was just issued has three parts, two of them JSON");
        let of = Made { sound: &sound, published: &published, origin: &entry.origin };
        let token = self.made(specimen, &of).await?;
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        Ok(Minted { specimen, token })
    }

    async fn made(&self, specimen: Specimen, of: &Made<'_>) -> Result<String, Outage> {
        let Made { sound, published, origin } = of;
        let key = self.0.keys.of(specimen.signatory(published.algorithm()), published, origin).await?;
        let mut noise = [0; NOISE];
        self.0.entropy.fill(&mut noise);
        let signer = key.as_ref().map_or(&published.public, |key| &key.public);
        let now = self.0.clock.now();
        let with = Ingredients { sound, published: &published.public, signer, now, noise: &noise };
        let input = specimen.signing_input(&with);
        let signature = match &key {
            Some(key) => self.0.signer.sign(key, input.as_bytes()).await?,
            None => Vec::new(),
        };
        Ok(specimen.finished(&with, &input, &signature))
    }
}
