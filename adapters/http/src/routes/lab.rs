//! The lab of the dev profile: tokens that are wrong in exactly one way, and key sets that misbehave, for whoever tests a verifier.

use std::sync::Arc;

use jwksd_domain::lab::{Card, Delivery, Misbehaviour, MisbehaviourCard, Specimen};
use jwksd_domain::usecase::{MintSpecimenError, Minted, MisshapeKeys, RequestSpecimen, RequestSpecimenError};
use poem::{IntoResponse, Response};
use poem_openapi::param::Path;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiResponse, Object, OpenApi};
use tokio::sync::watch;

use super::Capability;
use crate::extract::ClientOrigin;
use crate::lab_body::{Unmeasured, body};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Metered, Reply};

/// Scripts of any origin may read what they may read of the JWKS.
const ANY_ORIGIN: &str = "*";

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

/// A key set of the lab, as the catalogue has it.
#[derive(Object)]
pub(crate) struct MisbehaviourEntry {
    /// The name under which it is served.
    name: String,
    /// What the set is, or does.
    behaviour: String,
    /// What whoever fetches it should do.
    expected: String,
}

/// The key sets of the lab.
#[derive(Object)]
pub(crate) struct MisbehaviourList {
    /// Those that can be fetched.
    key_sets: Vec<MisbehaviourEntry>,
}

/// What the list of key sets answers.
#[derive(ApiResponse)]
pub(crate) enum MisbehavioursAnswer {
    /// The list.
    #[oai(status = 200)]
    Found(Json<MisbehaviourList>),
}

/// A key set that misbehaves: JSON, though not always what a JWKS should be.
pub(crate) struct MisshapenKeySet(Response);

impl Payload for MisshapenKeySet {
    const CONTENT_TYPE: &'static str = "application/json";

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new("object")))
    }
}

impl IntoResponse for MisshapenKeySet {
    fn into_response(self) -> Response {
        self.0
    }
}

/// What fetching a key set of the lab comes to.
#[derive(ApiResponse)]
pub(crate) enum MisshapenAnswer {
    /// The set.
    #[oai(status = 200)]
    Found(
        MisshapenKeySet,
        /// Every origin may read it, as the JWKS.
        #[oai(header = "Access-Control-Allow-Origin")]
        String,
    ),
    /// The lab has no key set of this name.
    #[oai(status = 404)]
    Unknown(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// The lab.
pub(crate) struct Lab {
    /// Mints its tokens for anyone.
    pub(crate) request: Arc<RequestSpecimen>,
    /// Misshapes the published keys.
    pub(crate) misshape: Arc<MisshapeKeys>,
    /// Turns true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
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

    /// List the key sets of the lab, each of which misbehaves in one way.
    #[oai(path = "/lab/jwks", method = "get", operation_id = "listLabKeySets", tag = "Capability::Lab")]
    async fn list_key_sets(&self) -> Reply<MisbehavioursAnswer> {
        let key_sets = Misbehaviour::ALL.into_iter().map(|misbehaviour| misbehaviour.card().into()).collect();
        MisbehavioursAnswer::Found(Json(MisbehaviourList { key_sets })).into()
    }

    /// Get a key set that misbehaves in one way.
    ///
    /// The name is one of those that `GET /lab/jwks` lists. `slow` takes a minute, and `huge` has 32 MiB.
    #[oai(path = "/lab/jwks/:misbehaviour", method = "get", operation_id = "getLabKeySet", tag = "Capability::Lab")]
    async fn key_set(
        &self,
        /// The name of the misbehaviour.
        #[oai(example = "example_misbehaviour")]
        misbehaviour: Path<String>,
    ) -> Reply<MisshapenAnswer> {
        let Some(misbehaviour) = Misbehaviour::from_name(&misbehaviour.0) else {
            let why = "is none of the names that GET /lab/jwks lists";
            let problem = Problem::with(&kind::UNKNOWN_MISBEHAVIOUR, "misbehaviour", why);
            return MisshapenAnswer::Unknown(problem).into();
        };
        match self.misshape.run(misbehaviour).await {
            Ok(keys) => {
                let mut response = Response::builder().content_type(MisshapenKeySet::CONTENT_TYPE).finish();
                if keys.delivery != Delivery::Whole {
                    response.extensions_mut().insert(Unmeasured);
                }
                response.set_body(body(keys, &self.stopping));
                MisshapenAnswer::Found(MisshapenKeySet(response), ANY_ORIGIN.to_owned()).into()
            }
            Err(cause) => MisshapenAnswer::Unavailable(outage::reported(&cause)).into(),
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

/// A set that is answered at once.
fn example_misbehaviour() -> String {
    "duplicate-kid".to_owned()
}

impl From<MisbehaviourCard> for MisbehaviourEntry {
    fn from(card: MisbehaviourCard) -> Self {
        let MisbehaviourCard { name, behaviour, expected } = card;
        Self { name: name.to_owned(), behaviour: behaviour.to_owned(), expected: expected.to_owned() }
    }
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
