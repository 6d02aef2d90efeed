//! What a process is doing: a future that runs from one scheduling point to the next.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use jwksd_domain::audit::AuditEntry;
use jwksd_domain::key::{Kid, RotationMode};
use jwksd_domain::time::Timestamp;
use jwksd_domain::usecase::{
    AuthenticateError, Caller, ImportKeyError, IssuedToken, KeyRevoked, MintError, Outage, RevokeError, Rewrapped,
    RotateError, Rotation,
};

use crate::ledger::{Cause, Held};
use crate::trace::short;

/// What a process is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// To open the keys and bring them on schedule, after which it serves.
    Start,
    /// To carry out the schedule.
    Tick,
    /// To issue a token.
    Issue,
    /// To say who sent a token.
    Authenticate,
    /// To rotate now.
    Rotate(RotationMode),
    /// To erase expired keys.
    CleanUp,
    /// To revoke a key.
    Revoke,
    /// To take a key in.
    Import,
    /// To seal all keys anew.
    Rewrap,
}

/// What came of it.
pub(crate) enum Outcome {
    /// Of a start.
    Started(Result<(), String>),
    /// Of a tick, or of a rotation that was asked for.
    Rotated(Result<Rotation, RotateError>),
    /// Of issuing a token.
    Issued(Result<IssuedToken, MintError>),
    /// Of a token that somebody sent.
    Authenticated(Box<(Held, Result<Caller, AuthenticateError>)>),
    /// Of a clean-up.
    CleanedUp(Result<usize, Outage>),
    /// Of a revocation.
    Revoked(Result<KeyRevoked, RevokeError>),
    /// Of an import.
    Imported(Result<(Kid, Timestamp), ImportKeyError>),
    /// Of sealing anew.
    Rewrapped(Result<Rewrapped, Outage>),
}

/// The work that is left of an errand.
pub(crate) type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// An errand under way.
pub(crate) struct Task {
    /// The number of the process.
    pub(crate) replica: usize,
    /// What it is asked to do.
    pub(crate) errand: Errand,
    /// When it ran last.
    pub(crate) ran_at: Timestamp,
    /// When it was asked.
    pub(crate) asked_at: Timestamp,
    /// Until when it does not get on.
    pub(crate) held_until: Option<Timestamp>,
    /// Whether it waits for the store to replace the ring.
    pub(crate) is_at_store: bool,
    /// How often it has replaced the ring.
    pub(crate) stored: usize,
    /// What it wrote into the audit log.
    pub(crate) logged: Vec<AuditEntry>,
    work: Work,
}

impl Task {
    /// An errand that has just been asked for.
    pub(crate) const fn new(replica: usize, errand: Errand, work: Work, now: Timestamp) -> Self {
        Self {
            replica,
            errand,
            ran_at: now,
            asked_at: now,
            held_until: None,
            is_at_store: false,
            stored: 0,
            logged: Vec::new(),
            work,
        }
    }

    /// Runs it until its next scheduling point.
    pub(crate) fn poll(&mut self) -> Poll<Outcome> {
        self.work.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }
}

impl Errand {
    /// Whether what it stores may break something.
    pub(crate) fn cause(self) -> Cause {
        match self {
            Self::Rotate(RotationMode::Forced) => Cause::Forced,
            _ => Cause::Usual,
        }
    }
}

impl Outcome {
    /// Whether it is that of a tick with nothing to do.
    pub(crate) const fn is_settled(&self) -> bool {
        matches!(self, Self::Rotated(Ok(Rotation::Settled)))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started(result) => write!(f, "{result:?}"),
            Self::Rotated(Ok(rotation)) => write!(f, "{rotation:?}"),
            Self::Rotated(Err(error)) => write!(f, "{error}"),
            Self::Issued(Ok(token)) => write!(f, "a token for {} s", token.expires_in.as_secs()),
            Self::Issued(Err(error)) => write!(f, "{error}"),
            Self::Authenticated(asked) => match &asked.1 {
                Ok(_) => f.write_str("known"),
                Err(error) => write!(f, "{error}"),
            },
            Self::CleanedUp(Ok(count)) => write!(f, "{count} erased"),
            Self::CleanedUp(Err(error)) | Self::Rewrapped(Err(error)) => write!(f, "{error}"),
            Self::Revoked(Ok(revoked)) => write!(f, "{} is revoked", short(&revoked.withdrawal.kid)),
            Self::Revoked(Err(error)) => write!(f, "{error}"),
            Self::Imported(Ok((kid, signs_from))) => write!(f, "{} signs from {signs_from} on", short(kid)),
            Self::Imported(Err(error)) => write!(f, "{error}"),
            Self::Rewrapped(Ok(report)) => {
                let (resealed, unopened) = (report.resealed.len(), report.unopened.len());
                write!(f, "{resealed} sealed anew, {} were, {unopened} do not open", report.current)
            }
        }
    }
}
