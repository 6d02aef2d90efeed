//! Log entries as administrators see them.

use std::time::UNIX_EPOCH;

use jwksd_domain::audit::AuditEntry;
use jwksd_domain::time::Timestamp;
use poem_openapi::Object;

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
    /// The id of the user, where known: who tried, or to whom it was done.
    user_id: Option<i64>,
    /// The id of the administrator who asked for it, where one did.
    administrator_id: Option<i64>,
    /// The name that was tried.
    username: Option<String>,
    /// The user agent.
    user_agent: Option<String>,
    /// The key that signed the token that was issued, or that something was done to.
    kid: Option<String>,
    /// The id of the token that was issued.
    jti: Option<String>,
    /// When the token that was issued ends, in RFC 3339.
    expires_at: Option<String>,
    /// The session that the token names, where it is a user's.
    sid: Option<String>,
    /// The reason of a revocation, or what was changed of a user or a client, such as `role=admin, state=active`.
    detail: Option<String>,
}

impl AuditLogEntry {
    /// The entry of that id.
    pub(crate) fn of(id: i64, entry: AuditEntry) -> Self {
        let AuditEntry { at, origin, event, outcome, user_id, name, kid, jti, expires_at, sid, status: _, detail } =
            entry;
        Self {
            id,
            at: at.to_string(),
            ip: origin.ip.to_string(),
            event: event.as_str().to_owned(),
            outcome: outcome.as_str().to_owned(),
            user_id: user_id.map(|id| id.0),
            administrator_id: origin.administrator.map(|id| id.0),
            username: name,
            user_agent: origin.user_agent,
            kid: kid.map(|kid| kid.to_string()),
            jti,
            expires_at: expires_at.map(|at| at.to_string()),
            sid,
            detail,
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

/// The instant in `text`: RFC 3339 in UTC, as entries tell theirs, or Unix seconds.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let unix_seconds = || {
        let since = humantime::parse_rfc3339(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    };
    text.parse().ok().or_else(unix_seconds).map(Timestamp::from_unix_seconds)
}
