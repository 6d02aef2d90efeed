//! Asking for a code to log in with. Whether anybody is known by the address is not even looked at: who is not yet comes to be
//! known by the login.

use std::sync::Arc;

use super::{OneTimeCodes, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::limit::{Allowance, Bucket, Refusal};
use crate::mail::Mail;
use crate::ports::{AuditLog, Clock, MailError, Mailer, RateLimiter};
use crate::user::Email;

/// Why nothing was mailed.
#[derive(Debug, thiserror::Error)]
pub enum MailRequestError {
    /// Too many attempts from this address.
    #[error("too many attempts from this address")]
    AddressLimited(Refusal),
    /// Too many mails to this e-mail address, known or not.
    #[error("too many mails to this e-mail address")]
    MailLimited(Refusal),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

impl MailRequestError {
    /// How the log names it.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::AddressLimited(_) => Outcome::AddressLimited,
            Self::MailLimited(_) => Outcome::MailLimited,
            Self::Unavailable(_) => Outcome::Failed,
        }
    }
}

/// What everything needs that mails something to whoever asks.
pub struct MailRequestParts {
    /// Makes what is mailed.
    pub codes: Arc<OneTimeCodes>,
    /// Mails it.
    pub mailer: Arc<dyn Mailer>,
    /// Counts attempts, and mails.
    pub limiter: Arc<dyn RateLimiter>,
    /// Writes every request down.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Mails codes to whoever asks for one.
pub struct RequestSignInCode(MailRequestParts);

impl RequestSignInCode {
    /// Mails codes by `parts`.
    pub const fn new(parts: MailRequestParts) -> Self {
        Self(parts)
    }

    /// Mails a code to `email`; the one before is no good any more. A mail that finds no place in the queue is dropped, and
    /// whoever misses it asks again.
    ///
    /// # Errors
    /// See [`MailRequestError`].
    pub async fn run(&self, email: &Email, origin: Origin) -> Result<Allowance, MailRequestError> {
        let mut entry = AuditEntry::new(self.0.clock.now(), origin, Event::OtpRequested, Outcome::Success);
        entry.name = Some(email.as_str().to_owned());
        let result = self.attempt(email, &entry).await;
        entry.outcome = result.as_ref().map_or_else(MailRequestError::outcome, |(_, outcome)| *outcome);
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        result.map(|(allowance, _)| allowance)
    }

    async fn attempt(&self, email: &Email, entry: &AuditEntry) -> Result<(Allowance, Outcome), MailRequestError> {
        let allowance = self.0.spend(email, entry).await?;
        let code = self.0.codes.make_code(email, entry.at).await?;
        let outcome = self.0.mail(Mail::sign_in(email.clone(), code, entry.at)).await;
        Ok((allowance, outcome))
    }
}

impl MailRequestParts {
    /// Spends an attempt of the address, and a mail of the e-mail address.
    pub(super) async fn spend(&self, email: &Email, entry: &AuditEntry) -> Result<Allowance, MailRequestError> {
        let address = Bucket::address(entry.origin.ip);
        let allowance =
            self.limiter.spend(&address).await.map_err(Outage::from)?.map_err(MailRequestError::AddressLimited)?;
        let mails = self.limiter.spend(&Bucket::mail(email)).await.map_err(Outage::from)?;
        mails.map_err(MailRequestError::MailLimited)?;
        Ok(allowance)
    }

    /// Has a mail delivered, and says how the log names what came of it.
    pub(super) async fn mail(&self, mail: Mail) -> Outcome {
        match self.mailer.send(mail).await {
            Ok(()) => Outcome::Success,
            Err(MailError::Full) => Outcome::Busy,
        }
    }
}
