//! Enrolling a second factor: the secret is made, and counts for nothing until it is confirmed.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Caller, LogInError, Outage, SecondFactorSecrets, StepUp};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::ports::{AuditLog, Clock, SecondFactorRepository};
use crate::second_factor::{Enrolment, SecondFactor, SecondFactorChange, issuer_name, otpauth_uri};
use crate::user::Password;

/// Why nothing was done with a second factor.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// The caller did not show to be the user.
    #[error(transparent)]
    Refused(#[from] LogInError),
    /// The user has one that is confirmed; it must be removed first.
    #[error("a second factor is confirmed already")]
    AlreadyConfirmed,
    /// The user has none, or none in that state.
    #[error("there is no such second factor")]
    NotEnrolled,
}

impl SecondFactorError {
    /// How the log names it.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Refused(error) => error.outcome(),
            Self::AlreadyConfirmed => Outcome::Duplicate,
            Self::NotEnrolled => Outcome::NotFound,
        }
    }
}

impl From<Outage> for SecondFactorError {
    fn from(outage: Outage) -> Self {
        Self::Refused(outage.into())
    }
}

/// What an authenticator app has to be told. Has no `Debug`: it is the secret.
pub struct Enrolled {
    /// The secret, for typing.
    pub secret: Zeroizing<String>,
    /// The same as apps read it from a QR code.
    pub uri: Zeroizing<String>,
}

/// What [`EnrolTotp`] needs beside the issuer.
pub struct EnrolTotpParts {
    /// The second factors.
    pub factors: Arc<dyn SecondFactorRepository>,
    /// Makes the secret.
    pub secrets: Arc<SecondFactorSecrets>,
    /// Knows callers anew.
    pub step_up: Arc<StepUp>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Enrols second factors.
pub struct EnrolTotp {
    parts: EnrolTotpParts,
    issuer: String,
}

impl EnrolTotp {
    /// Enrols by `parts`; apps show the host of the URL `issuer`.
    pub fn new(parts: EnrolTotpParts, issuer: &str) -> Self {
        Self { parts, issuer: issuer_name(issuer).to_owned() }
    }

    /// Makes a secret for `caller`, in the place of one that was never confirmed. Whatever comes of it is in the log before it is
    /// answered.
    ///
    /// # Errors
    /// See [`SecondFactorError`].
    pub async fn run(
        &self,
        caller: &Caller,
        password: &Password,
        origin: Origin,
    ) -> Result<Enrolled, SecondFactorError> {
        let mut entry = own_entry(caller, &*self.parts.clock, origin, Event::TotpEnrolled);
        let result = self.attempt(caller, password, &mut entry).await;
        logged(result, entry, &*self.parts.audit).await
    }

    async fn attempt(
        &self,
        caller: &Caller,
        password: &Password,
        entry: &mut AuditEntry,
    ) -> Result<Enrolled, SecondFactorError> {
        self.parts.step_up.with_password(caller, password, entry).await?;
        let user = &caller.user;
        let secret = self.parts.secrets.draw();
        let sealed = self.parts.secrets.seal(user.id, &secret).await?;
        let factor = SecondFactor::begin(Enrolment { user: user.id, at: entry.at }, sealed);
        match self.parts.factors.enrol(&factor).await.map_err(Outage::from)? {
            true => {
                let uri = otpauth_uri(&secret, &self.issuer, &user.username);
                Ok(Enrolled { secret: secret.base32(), uri })
            }
            false => Err(SecondFactorError::AlreadyConfirmed),
        }
    }
}

/// An entry of what `caller` does with the second factor.
pub(super) fn own_entry(caller: &Caller, clock: &dyn Clock, origin: Origin, event: Event) -> AuditEntry {
    let mut entry = AuditEntry::new(clock.now(), origin, event, Outcome::Success);
    (entry.user_id, entry.name) = (Some(caller.user.id), Some(caller.user.username.clone()));
    entry
}

/// Changes `factor`, unless somebody has removed it, confirmed it or begun anew in the meantime: then there is none like that.
pub(super) async fn changed(
    factors: &dyn SecondFactorRepository,
    factor: &SecondFactor,
    change: &SecondFactorChange,
) -> Result<(), SecondFactorError> {
    match factors.update(factor.enrolment, change).await.map_err(Outage::from)? {
        true => Ok(()),
        false => Err(SecondFactorError::NotEnrolled),
    }
}

/// Appends `entry` with the outcome of `result`, which is then to be answered.
pub(super) async fn logged<T: Send>(
    result: Result<T, SecondFactorError>,
    mut entry: AuditEntry,
    audit: &dyn AuditLog,
) -> Result<T, SecondFactorError> {
    entry.outcome = result.as_ref().map_or_else(SecondFactorError::outcome, |_| Outcome::Success);
    audit.append(entry).await.map_err(Outage::from)?;
    result
}
