//! The lab over the ports.

use std::sync::Arc;

use jwksd_domain::usecase::{IssueToken, Keyring, MintSpecimen, MintSpecimenParts, RequestSpecimen};

use crate::compose::Ports;

/// What the dev profile does to test verifiers with.
#[derive(Clone)]
pub struct LabUseCases {
    /// Mints specimens, for whoever is in this process.
    pub mint: Arc<MintSpecimen>,
    /// Gives specimens to anyone.
    pub request: Arc<RequestSpecimen>,
}

impl LabUseCases {
    /// The lab over `ports`, beside what issues tokens.
    pub(super) fn new(ports: &Ports, tokens: &Arc<IssueToken>, keyring: &Arc<Keyring>) -> Self {
        let (audit, clock) = (|| Arc::clone(&ports.stores.audit), || Arc::clone(&ports.clock));
        let mint = Arc::new(MintSpecimen::new(MintSpecimenParts {
            users: Arc::clone(&ports.stores.users),
            tokens: Arc::clone(tokens),
            keyring: Arc::clone(keyring),
            signer: Arc::clone(&ports.signer),
            audit: audit(),
            clock: clock(),
        }));
        let request = RequestSpecimen::new(Arc::clone(&mint), Arc::clone(&ports.limiter), audit(), clock());
        Self { mint, request: Arc::new(request) }
    }
}
