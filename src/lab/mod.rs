//! The evil twin: an issuer that somebody's API trusts, which sends it the good token and every bad one, and changes its keys
//! meanwhile. What each answer is worth is decided in `jwksd_domain::lab`.

mod score_card;
mod target;

use anyhow::{Context, anyhow};
use jwksd_domain::audit::Origin;
use jwksd_domain::key::{Kid, RotationMode};
use jwksd_domain::lab::{Specimen, Trial};
use jwksd_domain::usecase::{Minted, RevocationReason, Rotation, Trigger};

use crate::App;
use crate::config::{Config, Database};
use crate::serve::Beside;
use crate::wiring::LabUseCases;

pub use score_card::{ScoreCard, Scored};
pub use target::{NoTarget, Target};

/// What is told of the key that is revoked at the end.
const REASON: &str = "revoked by the lab, to see who notices";

const NO_LAB: &str = "the lab is of the dev profile: leave --profile prod away";

/// The issuer that the API trusts. All of it is in memory, and ends with it.
pub struct Twin {
    server: Beside,
    lab: LabUseCases,
}

impl Twin {
    /// Starts one by `config`, where it says to listen; whatever database is configured is not touched.
    ///
    /// # Errors
    /// Says in one line why it cannot start, or that there is no lab outside of the dev profile.
    pub async fn start(mut config: Config) -> anyhow::Result<Self> {
        config.database = Database::Memory;
        let server = Beside::start(config).await?;
        let lab = server.app().use_cases().dev.as_ref().map(|dev| dev.lab.clone()).ok_or_else(|| anyhow!(NO_LAB));
        match lab {
            Ok(lab) => Ok(Self { server, lab }),
            Err(no_lab) => {
                server.stop().await;
                Err(no_lab)
            }
        }
    }

    /// What is served.
    pub const fn app(&self) -> &App {
        self.server.app()
    }

    /// Puts `target` to every trial, one after the other. Where the sound token is not let in, that is the only one.
    ///
    /// # Errors
    /// Says in one line what of the issuer is down; whatever the API does is no error.
    pub async fn check(&self, target: &Target) -> anyhow::Result<ScoreCard> {
        let mut card = ScoreCard::new(target, self.app().config());
        for trial in Trial::before_rotation() {
            let token = match trial {
                Trial::Of(specimen) => Some(self.mint(specimen).await?),
                Trial::NoToken | Trial::NewKey | Trial::RetiredKey | Trial::RevokedAfterUse => None,
            };
            card.add(trial, target.ask(token.as_deref()).await);
            if !card.is_trusted() {
                return Ok(card);
            }
        }
        self.change_keys(target, &mut card).await?;
        Ok(card)
    }

    /// Ends it.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    /// The stand-by signs from now on, and what signed until then is revoked.
    async fn change_keys(&self, target: &Target, card: &mut ScoreCard) -> anyhow::Result<()> {
        let (retiring, kid) = (self.mint(Specimen::Sound).await?, self.signing().context("no key signs")?);
        let use_cases = self.app().use_cases();
        let asked = Trigger::Asked(RotationMode::Forced, Origin::of_the_server());
        match use_cases.rotate_keys.run(asked).await? {
            Rotation::Done(Some(_)) => {}
            Rotation::Done(None) | Rotation::Settled | Rotation::AlreadyDone => {
                return Err(anyhow!("the keys were not rotated"));
            }
        }
        card.add(Trial::NewKey, target.ask(Some(&self.mint(Specimen::Sound).await?)).await);
        card.add(Trial::RetiredKey, target.ask(Some(&retiring)).await);
        let reason = RevocationReason::parse(REASON)?;
        use_cases.revoke_key.run(&kid, reason, Origin::of_the_server()).await?;
        card.add(Trial::RevokedAfterUse, target.ask(Some(&retiring)).await);
        Ok(())
    }

    fn signing(&self) -> Option<Kid> {
        let (ring, now) = (self.app().use_cases().keyring.current(), self.app().ports().clock.now());
        ring.signer_at(now).map(|key| key.kid().clone())
    }

    async fn mint(&self, specimen: Specimen) -> anyhow::Result<String> {
        let Minted { token, .. } = self.lab.mint.run(specimen, Origin::of_the_server()).await?;
        Ok(token)
    }
}
