//! The lab of the dev profile: key sets that misbehave, and the certificate of a stranger, for whoever tests a verifier.

use std::sync::Arc;

use jwksd_domain::lab::{Delivery, Misbehaviour, MisbehaviourCard};
use jwksd_domain::usecase::{CertifyStranger, MisshapeKeys};
use poem::{IntoResponse, Response};
use poem_openapi::param::Path;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object, OpenApi};
use tokio::sync::watch;

use super::Capability;
use crate::lab_body::{Unmeasured, body};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Reply};

/// Scripts of any origin may read what they may read of the JWKS.
const ANY_ORIGIN: &str = "*";

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

/// A chain of certificates (RFC 8555 section 9.1).
pub(crate) struct CertificateChain(String);

impl Payload for CertificateChain {
    const CONTENT_TYPE: &'static str = "application/pem-certificate-chain";

    fn schema_ref() -> MetaSchemaRef {
        String::schema_ref()
    }
}

impl IntoResponse for CertificateChain {
    fn into_response(self) -> Response {
        Response::builder().content_type(Self::CONTENT_TYPE).body(self.0)
    }
}

/// What fetching the certificate comes to.
#[derive(ApiResponse)]
pub(crate) enum CertificateAnswer {
    /// The certificate.
    #[oai(status = 200)]
    Found(CertificateChain),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What a verifier may fetch, or should not.
pub(crate) struct LabKeySets {
    /// Misshapes the published keys.
    pub(crate) misshape: Arc<MisshapeKeys>,
    /// Certifies the stranger.
    pub(crate) certify: Arc<CertifyStranger>,
    /// Turns true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

#[OpenApi]
impl LabKeySets {
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

    /// Get the certificate of a stranger, to which the x5u of the token `embedded-x5u` leads.
    ///
    /// It is self-signed, and nobody should fetch it: a token does not say where its key is (RFC 8725 section 3.10).
    #[oai(path = "/lab/x5u", method = "get", operation_id = "getLabCertificate", tag = "Capability::Lab")]
    async fn certificate(&self) -> Reply<CertificateAnswer> {
        match self.certify.run().await {
            Ok(pem) => CertificateAnswer::Found(CertificateChain(pem)).into(),
            Err(cause) => CertificateAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }
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
