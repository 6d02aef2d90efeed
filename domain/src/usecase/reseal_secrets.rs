//! Sealing anew what is sealed beside the signing keys: the secrets of sessions, and whatever else has a purpose of its own.

use std::sync::Arc;

use super::{Outage, RewrapMode};
use crate::ports::{Cipher, CipherError, Resealing, SealContext, SealedSecret, SealedSecrets};

/// How many secrets are sealed anew as one: few enough that nobody has to wait for it.
const PAGE: u32 = 500;

/// What came of it, or would.
#[derive(Debug, Default)]
pub struct ResealedSecrets {
    /// How many are sealed with the present encryption key now and were not before.
    pub resealed: u64,
    /// How many were already.
    pub current: u64,
    /// Those that do not open, and why; they stay as they are.
    pub unopened: Vec<(SealContext, CipherError)>,
}

/// Seals secrets anew.
pub struct ResealSecrets {
    kept: Vec<Arc<dyn SealedSecrets>>,
    cipher: Arc<dyn Cipher>,
}

impl ResealSecrets {
    /// Seals what is `kept` anew with the present encryption key of `cipher`.
    pub const fn new(kept: Vec<Arc<dyn SealedSecrets>>, cipher: Arc<dyn Cipher>) -> Self {
        Self { kept, cipher }
    }

    /// Seals all secrets anew that are sealed with another encryption key, page by page. Where it is interrupted the pages so far
    /// are done, and are found so when it is begun again.
    pub(super) async fn run(&self, mode: RewrapMode) -> Result<ResealedSecrets, Outage> {
        let mut report = ResealedSecrets::default();
        for secrets in &self.kept {
            self.reseal(&**secrets, mode, &mut report).await?;
        }
        Ok(report)
    }

    async fn reseal(
        &self,
        secrets: &dyn SealedSecrets,
        mode: RewrapMode,
        report: &mut ResealedSecrets,
    ) -> Result<(), Outage> {
        let mut after = None;
        loop {
            let page = secrets.page(after, PAGE).await?;
            after = page.last().map(|last| last.context.subject().to_owned());
            if after.is_none() {
                return Ok(());
            }
            let mut resealings = Vec::new();
            for secret in page {
                resealings.extend(self.resealing(secret, report).await?);
            }
            report.resealed += match mode {
                RewrapMode::DryRun => u64::try_from(resealings.len()).unwrap_or(u64::MAX),
                RewrapMode::Write if resealings.is_empty() => 0,
                // What was changed meanwhile is gone, or was sealed anew by somebody else.
                RewrapMode::Write => secrets.replace(&resealings).await?,
            };
        }
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
                report.unopened.push((context, error));
                Ok(None)
            }
        }
    }
}
