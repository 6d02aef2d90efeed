//! Revoking one key: it leaves the JWKS at once and never comes back.

use std::sync::Arc;

use super::change_ring::{Change, ChangeError};
use super::{ChangeRing, Outage};
use crate::audit::{AuditEntry, Event, IssuedTokens, Origin, Outcome};
use crate::field::FieldError;
use crate::key::{KeyPolicy, KeyRing, Kid, RevocationRefused, Withdrawal, plan_revocation, withdrawal};
use crate::ports::AuditLog;
use crate::time::Timestamp;

/// The longest reason, in characters.
const REASON_MAX: usize = 200;

/// Why a key is revoked, in the words of whoever does it: 1 to 200 characters without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationReason(String);

impl RevocationReason {
    /// Reads a reason; white space around it is dropped.
    ///
    /// # Errors
    /// Names the field `reason` and says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(FieldError::new("reason", "must not be empty")),
            1..=REASON_MAX if text.chars().any(char::is_control) => {
                Err(FieldError::new("reason", "must not contain control characters"))
            }
            1..=REASON_MAX => Ok(Self(text.to_owned())),
            _ => Err(FieldError::new("reason", "must have at most 200 characters")),
        }
    }
}

/// What came of a revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRevoked {
    /// Whether it was revoked before; the first reason and instant stand.
    pub already: bool,
    /// What it means for those who verify.
    pub withdrawal: Withdrawal,
    /// What the key has signed that would be valid still: by the audit log, at the instant of this call.
    pub issued: IssuedTokens,
}

/// Why a key was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// The rules are against it.
    #[error(transparent)]
    Refused(#[from] RevocationRefused),
    /// Something was down.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

/// Revokes keys.
pub struct RevokeKey {
    change: Arc<ChangeRing>,
    audit: Arc<dyn AuditLog>,
    policy: KeyPolicy,
}

impl RevokeKey {
    /// Revokes by `policy`.
    pub fn new(change: Arc<ChangeRing>, audit: Arc<dyn AuditLog>, policy: KeyPolicy) -> Self {
        Self { change, audit, policy }
    }

    /// Revokes the key; the stand-by signs at once if it was the signer. The same call again answers the same, and is in the log as
    /// [`Outcome::AlreadyDone`]. Entries have the reason that was given.
    ///
    /// # Errors
    /// [`RevokeError::Refused`] where there is no such key. After [`RevokeError::Unavailable`] the key may be revoked although
    /// that is not in the log: the same call again tells.
    pub async fn run(&self, kid: &Kid, reason: RevocationReason, origin: Origin) -> Result<KeyRevoked, RevokeError> {
        let wanted = |ring: &KeyRing, now: Timestamp| plan_revocation(ring, &self.policy, now, kid, &reason.0);
        let (ring, now, already) = match self.change.run(&wanted, &[]).await {
            Ok(Change::Done(ring, now, _)) => (ring, now, false),
            Ok(Change::Settled(ring, now) | Change::Overtaken(ring, now)) => (ring, now, true),
            Err(ChangeError::Refused(refused)) => return Err(refused.into()),
            Err(ChangeError::Unavailable(outage)) => return Err(outage.into()),
        };
        let unknown = || RevocationRefused::UnknownKey(kid.clone());
        let key = ring.find(kid).ok_or_else(unknown)?;
        let withdrawal = withdrawal(&ring, &self.policy, now, key).ok_or_else(unknown)?;
        let outcome = if already { Outcome::AlreadyDone } else { Outcome::Success };
        let mut entry = AuditEntry::new(now, origin, Event::KeyRevoked, outcome);
        (entry.kid, entry.detail) = (Some(kid.clone()), Some(reason.0.clone()));
        self.audit.append(entry).await.map_err(Outage::from)?;
        let issued = self.audit.issued_by(kid, now).await.map_err(Outage::from)?;
        Ok(KeyRevoked { already, withdrawal, issued })
    }
}
