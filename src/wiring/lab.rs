//! The lab over the ports.

use std::sync::Arc;

use jwksd_domain::usecase::{
    CertifyStranger, ChangeRing, IssueToken, Keyring, LabKeys, LabKeysParts, MintSpecimen, MintSpecimenParts,
    MisshapeKeys, PublishKeys, RequestSpecimen, RevokeKey,
};

use crate::compose::Ports;

/// What the dev profile does to test verifiers with.
#[derive(Clone)]
pub struct LabUseCases {
    /// Mints specimens, for whoever is in this process.
    pub mint: Arc<MintSpecimen>,
    /// Gives specimens to anyone.
    pub request: Arc<RequestSpecimen>,
    /// Misshapes the published keys.
    pub misshape: Arc<MisshapeKeys>,
    /// Certifies the stranger who signs some of the specimens.
    pub certify: Arc<CertifyStranger>,
}

impl LabUseCases {
    /// The lab over `ports`, beside what issues tokens and what looks after the keys.
    pub(super) fn new(
        ports: &Ports,
        (tokens, publish): (&Arc<IssueToken>, &Arc<PublishKeys>),
        (keyring, change, revoke): (&Arc<Keyring>, &Arc<ChangeRing>, &Arc<RevokeKey>),
    ) -> Self {
        let (audit, clock) = (|| Arc::clone(&ports.stores.audit), || Arc::clone(&ports.clock));
        let keys = Arc::new(LabKeys::new(LabKeysParts {
            keyring: Arc::clone(keyring),
            change: Arc::clone(change),
            revoke: Arc::clone(revoke),
            signer: Arc::clone(&ports.signer),
            clock: clock(),
        }));
        let mint = Arc::new(MintSpecimen::new(MintSpecimenParts {
            users: Arc::clone(&ports.stores.users),
            tokens: Arc::clone(tokens),
            keyring: Arc::clone(keyring),
            keys: Arc::clone(&keys),
            signer: Arc::clone(&ports.signer),
            audit: audit(),
            entropy: Arc::clone(&ports.entropy),
            clock: clock(),
        }));
        let request = RequestSpecimen::new(Arc::clone(&mint), Arc::clone(&ports.limiter), audit(), clock());
        let certify = CertifyStranger::new(Arc::clone(publish), Arc::clone(&keys), Arc::clone(&ports.signer));
        let misshape = Arc::new(MisshapeKeys::new(Arc::clone(publish), keys, Arc::clone(&ports.entropy)));
        Self { mint, request: Arc::new(request), misshape, certify: Arc::new(certify) }
    }
}
