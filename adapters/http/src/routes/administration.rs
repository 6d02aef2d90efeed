//! The audit log, for administrators.

use std::sync::Arc;

use jwksd_domain::audit::{Outcome, StoredAuditEntry};
use jwksd_domain::ports::AuditFilter;
use jwksd_domain::usecase::ListAuditLog;
use poem_openapi::param::Query;
use poem_openapi::{ApiResponse, OpenApi};

use super::Capability;
use crate::administered::{AuditLogEntry, AuditLogPage, instant};
use crate::extract::Administrator;
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Reply};

/// The longest page.
const PAGE_MAX: u32 = 200;
/// A page where no length is asked for.
const PAGE_USUAL: u32 = 50;

/// An answer with `T`, or that something is down.
#[derive(ApiResponse)]
pub(crate) enum Listing<T: poem_openapi::types::ToJSON> {
    /// What was asked for.
    #[oai(status = 200)]
    Found(Json<T>),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What administrators do.
pub(crate) struct Administration {
    /// Reads the audit log.
    pub(crate) list_audit_log: Arc<ListAuditLog>,
}

#[OpenApi]
impl Administration {
    /// Read the audit log, newest first.
    #[oai(path = "/admin/auth-logs", method = "get", operation_id = "listAuthLogs", tag = "Capability::Administration")]
    #[expect(clippy::too_many_arguments, reason = "poem-openapi takes each query parameter as an argument")]
    async fn list_auth_logs(
        &self,
        _caller: Administrator,
        /// The user name that was tried.
        user: Query<Option<String>>,
        /// The address that it came from.
        ip: Query<Option<String>>,
        /// Not earlier than this, in RFC 3339 (UTC) or Unix seconds.
        since: Query<Option<String>>,
        /// Earlier than this, in RFC 3339 (UTC) or Unix seconds.
        until: Query<Option<String>>,
        /// How it ended, such as `success` or `bad_credentials`.
        outcome: Query<Option<String>>,
        /// Where the page begins: `next` of the page before.
        cursor: Query<Option<i64>>,
        /// How many entries at most, 50 where it is not given.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
    ) -> Reply<Listing<AuditLogPage>> {
        let filter = match filter(user.0, ip.0.as_deref(), since.0.as_deref(), until.0.as_deref(), outcome.0.as_deref())
        {
            Ok(filter) => filter,
            Err((parameter, why)) => {
                return Reply::Refused(Problem::with(&kind::INVALID_PARAMETER, parameter, why).into());
            }
        };
        match self.list_audit_log.run(filter, cursor.0, page_length(limit.0)).await {
            Ok(page) => found(AuditLogPage {
                entries: page
                    .entries
                    .into_iter()
                    .map(|StoredAuditEntry { id, entry }| AuditLogEntry::of(id, entry))
                    .collect(),
                next: page.next,
            }),
            Err(cause) => Listing::Unavailable(outage::reported(&cause)).into(),
        }
    }
}

/// The filter of these parameters, or the one that cannot be read and what it must be.
fn filter(
    name: Option<String>,
    ip: Option<&str>,
    since: Option<&str>,
    until: Option<&str>,
    outcome: Option<&str>,
) -> Result<AuditFilter, (&'static str, &'static str)> {
    let at = |name, text| instant(text).ok_or((name, "must be an instant in RFC 3339 (UTC) or in Unix seconds"));
    let known = |text| Outcome::from_name(text).ok_or(("outcome", "must be one that entries have, such as success"));
    Ok(AuditFilter {
        name,
        ip: ip.map(|text| text.parse().map_err(|_| ("ip", "must be an IP address"))).transpose()?,
        since: since.map(|text| at("since", text)).transpose()?,
        until: until.map(|text| at("until", text)).transpose()?,
        outcome: outcome.map(known).transpose()?,
    })
}

/// How long a page is for which so many entries were asked.
pub(super) fn page_length(asked: Option<u32>) -> u32 {
    asked.unwrap_or(PAGE_USUAL).clamp(1, PAGE_MAX)
}

/// Where the page after this one begins, which is asked for with that length: there may be one where this one is full.
pub(super) fn next<T, C>(page: &[T], length: u32, cursor: impl FnOnce(&T) -> C) -> Option<C> {
    let is_full = usize::try_from(length).is_ok_and(|length| page.len() == length);
    page.last().filter(|_| is_full).map(cursor)
}

/// The answer with `value`.
pub(super) fn found<T: poem_openapi::types::ToJSON>(value: T) -> Reply<Listing<T>> {
    Listing::Found(Json(value)).into()
}
