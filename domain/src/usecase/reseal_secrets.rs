//! Sealing anew what is sealed beside the signing keys: the secrets of sessions and second factors, the keys of one-time codes.

use std::sync::Arc;

use super::Outage;
use crate::key::KeyRing;
use crate::ports::{
    BoxError, Cipher, CipherError, Resealing, SealContext, Sealed, SealedSecret, SealedSecrets, StoreError,
};

/// How many secrets are asked for at once.
const PAGE: u32 = 500;

/// What came of it, or would.
#[derive(Debug, Default)]
pub struct ResealedSecrets {
    /// How many are sealed with the present encryption key now and were not before.
    pub resealed: u64,
    /// How many were already.
    pub current: u64,
    /// Those that do not open; they stay as they are.
    pub unopened: Vec<Unopened>,
}

/// A secret that does not open.
#[derive(Debug)]
pub struct Unopened {
    /// What it is for, and whose it is.
    pub context: SealContext,
    /// Why, to be read by whoever looks after the database.
    pub why: BoxError,
}

impl Unopened {
    /// That `sealed` did not open with `error`. What can be seen to be wrong with it tells more than that it was rejected.
    pub(super) fn new(context: SealContext, sealed: &Sealed, error: impl Into<BoxError>) -> Self {
        Self { context, why: sealed.flaw().map_or_else(|| error.into(), BoxError::from) }
    }
}

/// Seals secrets anew.
pub struct ResealSecrets {
    kept: Arc<dyn SealedSecrets>,
    cipher: Arc<dyn Cipher>,
}

impl ResealSecrets {
    /// Seals what is `kept` anew with the present encryption key of `cipher`.
    pub const fn new(kept: Arc<dyn SealedSecrets>, cipher: Arc<dyn Cipher>) -> Self {
        Self { kept, cipher }
    }

    /// How all secrets are to be sealed that are sealed with another encryption key, and what would come of it. Writes nothing, and
    /// holds nobody up however slow the cipher is.
    pub(super) async fn prepare(&self) -> Result<(Vec<Resealing>, ResealedSecrets), Outage> {
        let (mut resealings, mut report, mut after) = (Vec::new(), ResealedSecrets::default(), None);
        loop {
            let page = self.kept.page(after, PAGE).await?;
            after = page.last().map(|last| last.context.clone());
            if after.is_none() {
                report.resealed = count(&resealings);
                return Ok((resealings, report));
            }
            for secret in page {
                resealings.extend(self.resealing(secret, &mut report).await?);
            }
        }
    }

    /// Puts secrets that are sealed anew in place, as one with `ring`; answers how many.
    pub(super) async fn put(&self, ring: &KeyRing, resealings: &[Resealing]) -> Result<u64, StoreError> {
        self.kept.replace(ring, resealings).await
    }

    /// How a secret is to be sealed, unless it is sealed like that or does not open.
    async fn resealing(
        &self,
        secret: SealedSecret,
        report: &mut ResealedSecrets,
    ) -> Result<Option<Resealing>, CipherError> {
        let SealedSecret { context, sealed: from } = secret;
        match self.cipher.open(&context, &from).await {
            Ok(opened) => {
                let to = self.cipher.seal(&context, &opened).await?;
                if to.sealed_by == from.sealed_by {
                    report.current += 1;
                    return Ok(None);
                }
                Ok(Some(Resealing { context, from, to }))
            }
            Err(error @ CipherError::Unavailable(_)) => Err(error),
            Err(error @ (CipherError::Rejected | CipherError::UnknownKey(_))) => {
                report.unopened.push(Unopened::new(context, &from, error));
                Ok(None)
            }
        }
    }
}

fn count(resealings: &[Resealing]) -> u64 {
    u64::try_from(resealings.len()).unwrap_or(u64::MAX)
}
