//! Where every attempt is written down.

use std::net::IpAddr;

use async_trait::async_trait;

use super::StoreError;
use crate::audit::{AuditEntry, IssuedTokens, Outcome, StoredAuditEntry};
use crate::key::Kid;
use crate::time::Timestamp;

/// Where a page of the log begins: before (older than) the entry with this id.
pub type AuditCursor = i64;

/// Which entries are asked for; every given part must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The name that was tried, exactly.
    pub name: Option<String>,
    /// The address it came from.
    pub ip: Option<IpAddr>,
    /// Not earlier than this, in whole seconds.
    pub since: Option<Timestamp>,
    /// Earlier than this, in whole seconds.
    pub until: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// One page of the log, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<StoredAuditEntry>,
    /// Where the next page begins, if there is one.
    pub next: Option<AuditCursor>,
}

/// Keeps the audit log. Entries are never changed.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Writes an entry down. MUST be durable against the death of the process before it answers.
    async fn append(&self, entry: AuditEntry) -> Result<(), StoreError>;

    /// At most `limit` entries that `filter` lets through, newest first, from before `cursor` on.
    /// MUST set `next` exactly when older matching entries are left.
    async fn page(&self, filter: AuditFilter, cursor: Option<AuditCursor>, limit: u32)
    -> Result<AuditPage, StoreError>;

    /// How many tokens that `kid` signed end later than `now`, by their entries' `expires_at`, and for how many users.
    async fn issued_by(&self, kid: &Kid, now: Timestamp) -> Result<IssuedTokens, StoreError>;
}
