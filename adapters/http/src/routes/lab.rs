//! The lab of the dev profile: tokens that are wrong in exactly one way, for whoever tests a verifier.

use std::sync::Arc;

use jwksd_domain::lab::{Card, Specimen};
use jwksd_domain::usecase::{MintSpecimenError, Minted, RequestSpecimen, RequestSpecimenError};
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Capability;
use crate::extract::ClientOrigin;
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Metered, Reply};

/// A token of the lab, as the catalogue has it.
#[derive(Object)]
pub(crate) struct SpecimenEntry {
    /// The name by which it is minted.
    name: String,
    /// What is wrong with it, and whom that would let in.
    reason: String,
    /// The rule that it breaks, by RFC and section.
    rule: String,
    /// What a verifier should say to it: `accept`, `refuse`, or `either` where the standard leaves that open.
    verdict: String,
    /// What a protected route should answer to it.
    answer: String,
}

/// The catalogue of the lab.
#[derive(Object)]
pub(crate) struct SpecimenList {
    /// The tokens that can be minted; the first is sound, each of the others wrong in one way.
    tokens: Vec<SpecimenEntry>,
}

/// A token of the lab.
#[derive(Object)]
pub(crate) struct MintedSpecimen {
    /// The token, as it would be presented: mostly a compact JWS, though not where that is what is wrong.
    token: String,
    /// What it is.
    specimen: SpecimenEntry,
}

/// What the catalogue answers.
#[derive(ApiResponse)]
pub(crate) enum SpecimensAnswer {
    /// The catalogue.
    #[oai(status = 200)]
    Found(Json<SpecimenList>),
}

/// What minting a token of the lab comes to.
#[derive(ApiResponse)]
pub(crate) enum SpecimenAnswer {
    /// The token.
    #[oai(status = 200)]
    Minted(Json<Box<MintedSpecimen>>),
    /// The catalogue has no token of this name.
    #[oai(status = 404)]
    Unknown(Problem),
    /// Too many attempts from this address.
    #[oai(status = 429)]
    Limited(Problem),
    /// Something is down, or the fixture user is gone.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// The lab.
pub(crate) struct Lab {
    /// Mints its tokens for anyone.
    pub(crate) request: Arc<RequestSpecimen>,
}

#[OpenApi]
impl Lab {
    /// List the tokens of the lab: a sound one, and those that are wrong in exactly one way.
    #[oai(path = "/lab/tokens", method = "get", operation_id = "listLabTokens", tag = "Capability::Lab")]
    async fn list(&self) -> Reply<SpecimensAnswer> {
        let tokens = Specimen::all().map(|specimen| specimen.card().into()).collect();
        SpecimensAnswer::Found(Json(SpecimenList { tokens })).into()
    }

    /// Mint a token that is wrong in one way, for the fixture user.
    ///
    /// The name is one of those that `GET /lab/tokens` lists. `sound` is a token with which nothing is wrong.
    #[oai(path = "/lab/tokens/:flaw", method = "post", operation_id = "mintLabToken", tag = "Capability::Lab")]
    async fn mint(
        &self,
        origin: ClientOrigin,
        /// The name of the flaw.
        #[oai(example = "example_flaw")]
        flaw: Path<String>,
    ) -> Reply<Metered<SpecimenAnswer>> {
        let Some(specimen) = Specimen::from_name(&flaw.0) else {
            let problem = Problem::with(&kind::UNKNOWN_FLAW, "flaw", "is none of the names that GET /lab/tokens lists");
            return Metered::unmetered(SpecimenAnswer::Unknown(problem)).into();
        };
        match self.request.run(specimen, origin.0).await {
            Ok((minted, allowance)) => {
                Metered::allowed(SpecimenAnswer::Minted(Json(Box::new(minted.into()))), allowance).into()
            }
            Err(RequestSpecimenError::AddressLimited(refusal)) => {
                let problem = Problem::of(&kind::ADDRESS_LIMITED).retry_after(refusal.retry_after);
                Metered::refused(SpecimenAnswer::Limited(problem), refusal).into()
            }
            Err(RequestSpecimenError::NotMinted(error, allowance)) => {
                Metered::allowed(SpecimenAnswer::Unavailable(not_minted(&error)), allowance).into()
            }
            Err(RequestSpecimenError::Unavailable(cause)) => {
                Metered::unmetered(SpecimenAnswer::Unavailable(outage::reported(&cause))).into()
            }
        }
    }
}

fn not_minted(error: &MintSpecimenError) -> Problem {
    match error {
        MintSpecimenError::NoUser => Problem::of(&kind::UNAVAILABLE),
        MintSpecimenError::Unavailable(cause) => outage::reported(cause),
    }
}

/// The first that anybody tries.
fn example_flaw() -> String {
    "expired".to_owned()
}

impl From<Card> for SpecimenEntry {
    fn from(card: Card) -> Self {
        Self {
            name: card.name.to_owned(),
            reason: card.reason.to_owned(),
            rule: card.rule.to_owned(),
            verdict: card.verdict.as_str().to_owned(),
            answer: card.verdict.answer().to_owned(),
        }
    }
}

impl From<Minted> for MintedSpecimen {
    fn from(minted: Minted) -> Self {
        Self { token: minted.token, specimen: minted.specimen.card().into() }
    }
}
