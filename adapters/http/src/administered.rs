//! Keys and log entries as administrators see them.

use jwksd_domain::audit::AuditEntry;
use jwksd_domain::key::{KeyRing, SigningKey};
use jwksd_domain::time::Timestamp;
use jwksd_domain::usecase::Rotation;
use poem_openapi::Object;
use poem_openapi::types::Example;
use serde::Deserialize;

use crate::extract::BodyOf;

/// A key, and when it does what; instants in RFC 3339.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct KeyEntry {
    /// The id.
    kid: String,
    /// The algorithm.
    alg: String,
    /// What it is now: `pending`, `standby`, `active`, `retired`, `expired` or `revoked`.
    state: String,
    /// What it is kept for: `signing`, or `expired_fixture` in dev.
    purpose: String,
    /// When it was made.
    created_at: String,
    /// From when on it is in the JWKS.
    published_at: String,
    /// From when on it signs.
    activated_at: String,
    /// From when on it signs no more.
    retired_at: String,
    /// From when on it is out of the JWKS.
    expired_at: String,
    /// Since when it is revoked.
    revoked_at: Option<String>,
    /// Why it was revoked.
    revocation_reason: Option<String>,
    /// The id of the encryption key that sealed its private half.
    sealed_by: String,
}

/// Every key.
#[derive(Object)]
pub(crate) struct KeyList {
    /// The keys, oldest first.
    keys: Vec<KeyEntry>,
}

impl KeyList {
    /// The keys of `ring` as they are at `now`.
    pub(crate) fn of(ring: &KeyRing, now: Timestamp) -> Self {
        Self { keys: ring.keys.iter().map(|key| KeyEntry::of(key, now)).collect() }
    }
}

impl KeyEntry {
    fn of(key: &SigningKey, now: Timestamp) -> Self {
        let schedule = &key.schedule;
        Self {
            kid: key.kid().to_string(),
            alg: key.algorithm().to_string(),
            state: key.state_at(now).as_str().to_owned(),
            purpose: key.purpose.as_str().to_owned(),
            created_at: key.created_at.to_string(),
            published_at: schedule.published_from.to_string(),
            activated_at: schedule.signs_from.to_string(),
            retired_at: schedule.signs_until.to_string(),
            expired_at: schedule.published_until.to_string(),
            revoked_at: key.revocation.as_ref().map(|revocation| revocation.at.to_string()),
            revocation_reason: key.revocation.as_ref().map(|revocation| revocation.reason.clone()),
            sealed_by: key.private.sealed_by.to_string(),
        }
    }
}

/// How a rotation is wanted.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct RotationRequest {
    /// Whether to rotate whatever it breaks.
    #[serde(default)]
    pub(crate) force: Option<bool>,
}

impl BodyOf for RotationRequest {}

impl Example for RotationRequest {
    fn example() -> Self {
        Self { force: Some(false) }
    }
}

/// What came of a rotation.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RotationResult {
    /// Whether another replica was faster.
    already_done: bool,
    /// The key that signs now, where this call did it.
    kid: Option<String>,
}

impl From<Rotation> for RotationResult {
    fn from(rotation: Rotation) -> Self {
        match rotation {
            Rotation::Settled | Rotation::AlreadyDone => Self { already_done: true, kid: None },
            Rotation::Done(kid) => Self { already_done: false, kid: kid.map(|kid| kid.to_string()) },
        }
    }
}

/// What came of a clean-up.
#[derive(Object)]
pub(crate) struct CleanUpResult {
    /// How many expired keys were erased.
    pub(crate) erased: u64,
}

/// An entry of the audit log.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct AuditLogEntry {
    /// The id; later entries have larger ones.
    id: i64,
    /// When it happened, in RFC 3339.
    at: String,
    /// Where it came from.
    ip: String,
    /// What was attempted.
    event: String,
    /// How it ended.
    outcome: String,
    /// The id of the user, where known.
    user_id: Option<i64>,
    /// The name that was tried.
    username: Option<String>,
    /// The user agent.
    user_agent: Option<String>,
    /// The key that signed the token that was issued.
    kid: Option<String>,
    /// The id of the token that was issued.
    jti: Option<String>,
}

impl AuditLogEntry {
    /// The entry of that id.
    pub(crate) fn of(id: i64, entry: AuditEntry) -> Self {
        let AuditEntry { at, origin, event, outcome, user_id, name, kid, jti } = entry;
        Self {
            id,
            at: at.to_string(),
            ip: origin.ip.to_string(),
            event: event.as_str().to_owned(),
            outcome: outcome.as_str().to_owned(),
            user_id: user_id.map(|id| id.0),
            username: name,
            user_agent: origin.user_agent,
            kid: kid.map(|kid| kid.to_string()),
            jti,
        }
    }
}

/// A page of the audit log.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct AuditLogPage {
    /// The entries, newest first.
    pub(crate) entries: Vec<AuditLogEntry>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<i64>,
}

/// The instant of that many Unix seconds.
pub(crate) fn instant(unix_seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(unix_seconds)
}
