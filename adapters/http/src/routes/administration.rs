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
        /// Not earlier than this, in Unix seconds.
        since: Query<Option<i64>>,
        /// Earlier than this, in Unix seconds.
        until: Query<Option<i64>>,
        /// How it ended, such as `success` or `bad_credentials`.
        outcome: Query<Option<String>>,
        /// Where the page begins: `next` of the page before.
        cursor: Query<Option<i64>>,
        /// How many entries at most, 50 where it is not given.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
    ) -> Reply<Listing<AuditLogPage>> {
        let outcome = outcome.0.map(|name| Outcome::from_name(&name).ok_or("outcome")).transpose();
        let ip = ip.0.map(|text| text.parse().map_err(|_| "ip")).transpose();
        let (outcome, ip) = match (outcome, ip) {
            (Ok(outcome), Ok(ip)) => (outcome, ip),
            (Err(parameter), _) | (_, Err(parameter)) => {
                let problem = Problem::with(&kind::INVALID_PARAMETER, parameter, "is not one that there is");
                return Reply::Refused(problem.into());
            }
        };
        let filter =
            AuditFilter { name: user.0, ip, since: since.0.map(instant), until: until.0.map(instant), outcome };
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

/// How long a page is for which so many entries were asked.
pub(super) fn page_length(asked: Option<u32>) -> u32 {
    asked.unwrap_or(PAGE_USUAL).clamp(1, PAGE_MAX)
}

/// The answer with `value`.
pub(super) fn found<T: poem_openapi::types::ToJSON>(value: T) -> Reply<Listing<T>> {
    Listing::Found(Json(value)).into()
}
