//! The keys of the lab: such as a verifier must not trust, made when they are first asked for.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use super::change_ring::{Change, ChangeError};
use super::{ChangeRing, Keyring, Outage, RevocationReason, RevokeError, RevokeKey};
use crate::audit::Origin;
use crate::key::{Algorithm, KeyPurpose, KeyRing, PublicJwk, SigningKey};
use crate::lab::{Signatory, plan_unpublished_key};
use crate::ports::{Clock, Signer};
use crate::time::Timestamp;

/// What is told of the key that the lab revokes.
const REASON: &str = "made by the lab, to sign what must be refused";

/// What [`LabKeys`] needs.
pub struct LabKeysParts {
    /// The keys of the server.
    pub keyring: Arc<Keyring>,
    /// Takes a key in that can be revoked.
    pub change: Arc<ChangeRing>,
    /// Revokes it.
    pub revoke: Arc<RevokeKey>,
    /// Makes keys.
    pub signer: Arc<dyn Signer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Keeps the keys of the lab. Those that the server does not know of are in memory only, and end with the process.
pub struct LabKeys {
    parts: LabKeysParts,
    kept: Mutex<Vec<(Signatory, SigningKey)>>,
}

impl LabKeys {
    /// The keys of a lab by `parts`, none of them made yet.
    pub const fn new(parts: LabKeysParts) -> Self {
        Self { parts, kept: Mutex::new(Vec::new()) }
    }

    /// The key of `signatory`, where `published` is the one that signs tokens; `None` where nobody signs. One that is revoked is
    /// taken from the ring, if it has one, and else is taken in and revoked in the name of `origin`: nothing that was published is
    /// ever touched.
    ///
    /// # Errors
    /// [`Outage`] if a store or the signer is down, or if there is no fixture.
    pub async fn of(
        &self,
        signatory: Signatory,
        published: &SigningKey,
        origin: &Origin,
    ) -> Result<Option<SigningKey>, Outage> {
        match signatory {
            Signatory::Published(algorithm) => Ok(Some(by(published, algorithm))),
            Signatory::Expired => {
                let fixture = self.parts.keyring.current().expired_fixture().cloned();
                fixture.map(Some).ok_or(Outage::NoKey)
            }
            Signatory::Revoked(algorithm) => self.revoked(algorithm, origin).await.map(Some),
            Signatory::Unpublished(algorithm) | Signatory::Stranger(algorithm) => {
                self.unknown(signatory, algorithm).await.map(Some)
            }
            Signatory::Nobody => Ok(None),
        }
    }

    /// The stranger's key for that algorithm.
    ///
    /// # Errors
    /// [`Outage`] if the signer is down.
    pub(super) async fn stranger(&self, algorithm: Algorithm) -> Result<SigningKey, Outage> {
        self.unknown(Signatory::Stranger(algorithm), algorithm).await
    }

    /// A key that is in no ring.
    async fn unknown(&self, signatory: Signatory, algorithm: Algorithm) -> Result<SigningKey, Outage> {
        let find =
            |kept: &[(Signatory, SigningKey)]| kept.iter().find(|(of, _)| *of == signatory).map(|(_, key)| key.clone());
        if let Some(key) = find(&self.kept.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(key);
        }
        let now = self.parts.clock.now();
        let order = plan_unpublished_key(algorithm, now).create.swap_remove(0);
        let made = order.fill(self.parts.signer.generate(algorithm).await?, now);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Of two that made it at the same time, the first stays.
        Ok(find(&kept).unwrap_or_else(|| {
            kept.push((signatory, made.clone()));
            made
        }))
    }

    /// A key that the server lists as revoked.
    async fn revoked(&self, algorithm: Algorithm, origin: &Origin) -> Result<SigningKey, Outage> {
        let is_fit = |key: &&SigningKey| {
            key.revocation.is_some() && key.purpose == KeyPurpose::Signing && key.algorithm() == algorithm
        };
        let ring = self.parts.keyring.fresh(self.parts.clock.now()).await?;
        if let Some(key) = ring.keys.iter().find(is_fit) {
            return Ok(key.clone());
        }
        let made = self.parts.signer.generate(algorithm).await?;
        let kid = made.public.kid().clone();
        let plan = |_: &KeyRing, now: Timestamp| Ok::<_, Infallible>(plan_unpublished_key(algorithm, now));
        match self.parts.change.run(&plan, &[made]).await {
            Ok(Change::Done(..) | Change::Settled(..) | Change::Overtaken(..)) => {}
            Err(ChangeError::Unavailable(outage)) => return Err(outage),
        }
        let reason = RevocationReason::parse(REASON).expect("some plain words are a reason");
        match self.parts.revoke.run(&kid, reason, origin.clone()).await {
            Ok(_) => self.parts.keyring.current().find(&kid).cloned().ok_or(Outage::NoKey),
            Err(RevokeError::Refused(_)) => Err(Outage::NoKey),
            Err(RevokeError::Unavailable(outage)) => Err(outage),
        }
    }
}

/// `key`, signing by that algorithm.
fn by(key: &SigningKey, algorithm: Algorithm) -> SigningKey {
    SigningKey { public: PublicJwk::new(algorithm, key.public.parameters().clone()), ..key.clone() }
}
