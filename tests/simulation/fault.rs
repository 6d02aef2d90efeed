//! What may be wrong with a replica: planted from outside, around the ports and between the use cases, never in them.

use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::key::{KeyPolicy, KeyRing};
use jwksd_domain::ports::{AuditLog, KeyRepository, SealedSecrets};

use crate::replica::Use;
use crate::verifier::Answer;

/// A fault. Each method hands back what it was given, where the fault is not there.
pub(crate) trait Fault: Sync {
    /// What stands before the store where a ring is used for that; `None` where nothing does.
    fn keys(&self, _: Arc<dyn KeyRepository>, _: Use) -> Option<Arc<dyn KeyRepository>> {
        None
    }

    /// What stands before the secrets of a store that keeps these keys.
    fn secrets(&self, secrets: Arc<dyn SealedSecrets>, _: Arc<dyn KeyRepository>) -> Arc<dyn SealedSecrets> {
        secrets
    }

    /// What stands before the audit log.
    fn audit(&self, audit: Arc<dyn AuditLog>) -> Arc<dyn AuditLog> {
        audit
    }

    /// The policy by which it plans.
    fn policy(&self, policy: &KeyPolicy) -> KeyPolicy {
        policy.clone()
    }

    /// How long its tokens live.
    fn token_life(&self, policy: &KeyPolicy) -> Duration {
        policy.token_life
    }

    /// What it answers instead of the JWKS of that ring.
    fn answer(&self, answer: Answer, _: &KeyRing, _: &KeyPolicy) -> Answer {
        answer
    }

    /// Its clock, in milliseconds ahead of true time.
    fn ahead(&self, ahead: i64) -> i64 {
        ahead
    }
}

/// No fault.
pub(crate) struct Sound;

impl Fault for Sound {}
