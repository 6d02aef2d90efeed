//! Asking callers again who they are, before what guards their account is changed: a token alone may have been stolen.

use std::sync::Arc;

use super::{Caller, CheckPassword, CheckSecondFactor, LogInError, Outage};
use crate::audit::AuditEntry;
use crate::limit::{Allowance, Bucket};
use crate::ports::RateLimiter;
use crate::second_factor::{SecondFactor, SecondFactorProof};
use crate::user::{LoginName, Password};

/// What callers show once more.
pub enum CallerProof {
    /// Their password.
    Password(Password),
    /// A code of their second factor, or a recovery code.
    SecondFactor(SecondFactorProof),
}

/// Knows callers anew.
pub struct StepUp {
    check: Arc<CheckPassword>,
    second_factor: Arc<CheckSecondFactor>,
    limiter: Arc<dyn RateLimiter>,
}

impl StepUp {
    /// Checks passwords with `check` and second factors with `second_factor`; attempts count as logins in `limiter`.
    pub fn new(
        check: Arc<CheckPassword>,
        second_factor: Arc<CheckSecondFactor>,
        limiter: Arc<dyn RateLimiter>,
    ) -> Self {
        Self { check, second_factor, limiter }
    }

    /// Whether the password is that of `caller`.
    ///
    /// # Errors
    /// Those of a login.
    pub(super) async fn with_password(
        &self,
        caller: &Caller,
        password: &Password,
        entry: &mut AuditEntry,
    ) -> Result<(), LogInError> {
        let allowance = self.spend(entry).await?;
        let name = LoginName::parse(&caller.user.username).map_err(|_| LogInError::BadCredentials(allowance))?;
        self.check.run(&name, password, entry, allowance).await.map(|_| ())
    }

    /// Whether what is shown is of `caller`, whose second factor is `factor`.
    ///
    /// # Errors
    /// Those of a login.
    pub(super) async fn run(
        &self,
        caller: &Caller,
        factor: &SecondFactor,
        proof: &CallerProof,
        entry: &mut AuditEntry,
    ) -> Result<(), LogInError> {
        match proof {
            CallerProof::Password(password) => self.with_password(caller, password, entry).await,
            CallerProof::SecondFactor(proof) => {
                let allowance = self.spend(entry).await?;
                self.second_factor.prove(factor, proof, entry, allowance).await
            }
        }
    }

    pub(super) async fn spend(&self, entry: &AuditEntry) -> Result<Allowance, LogInError> {
        let address = Bucket::address(entry.origin.ip);
        self.limiter.spend(&address).await.map_err(Outage::from)?.map_err(LogInError::AddressLimited)
    }
}
