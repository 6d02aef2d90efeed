//! Sealing the secret of every second factor anew, so that an earlier encryption key can be dropped.

use std::sync::Arc;

use super::{Outage, RewrapMode, SecondFactorSecrets};
use crate::ports::{CipherError, SecondFactorRepository};
use crate::second_factor::{SecondFactor, SecondFactorChange};

/// How many factors are asked for at once.
const PAGE: u32 = 500;

/// How many second factors came to what, or would.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondFactorsRewrapped {
    /// Sealed with the present encryption key now and not before.
    pub resealed: u64,
    /// Sealed with it already, or removed in the meantime.
    pub current: u64,
    /// Not opened; they stay as they are.
    pub unopened: u64,
}

/// Seals second factors anew.
pub struct RewrapSecondFactors {
    factors: Arc<dyn SecondFactorRepository>,
    secrets: Arc<SecondFactorSecrets>,
}

impl RewrapSecondFactors {
    /// Seals those of `factors` anew.
    pub fn new(factors: Arc<dyn SecondFactorRepository>, secrets: Arc<SecondFactorSecrets>) -> Self {
        Self { factors, secrets }
    }

    /// Seals all of them anew that are sealed with another encryption key, one by one: where it is interrupted it is simply begun
    /// again. Users go on logging in meanwhile.
    ///
    /// # Errors
    /// [`Outage`] if the store is down; some may have been sealed anew then.
    pub async fn run(&self, mode: RewrapMode) -> Result<SecondFactorsRewrapped, Outage> {
        let (mut report, mut after) = (SecondFactorsRewrapped::default(), None);
        loop {
            let page = self.factors.list(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(report) };
            after = Some(last.enrolment.user);
            for factor in &page {
                self.rewrap(factor, mode, &mut report).await?;
            }
        }
    }

    async fn rewrap(
        &self,
        factor: &SecondFactor,
        mode: RewrapMode,
        report: &mut SecondFactorsRewrapped,
    ) -> Result<(), Outage> {
        let secret = match self.secrets.open(factor).await {
            Ok(secret) => secret,
            Err(CipherError::Rejected | CipherError::UnknownKey(_)) => {
                report.unopened += 1;
                return Ok(());
            }
            Err(error @ CipherError::Unavailable(_)) => return Err(error.into()),
        };
        let sealed = self.secrets.seal(factor.enrolment.user, &secret).await?;
        let is_outdated = sealed.sealed_by != factor.secret.sealed_by;
        let is_done = match mode {
            RewrapMode::DryRun => true,
            RewrapMode::Write if is_outdated => {
                self.factors.update(factor.enrolment, &SecondFactorChange::Reseal(sealed)).await?
            }
            RewrapMode::Write => false,
        };
        if is_outdated && is_done {
            report.resealed += 1
        } else {
            report.current += 1
        }
        Ok(())
    }
}
