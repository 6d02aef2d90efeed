//! Reading the audit log.

use std::sync::Arc;

use super::Outage;
use crate::ports::{AuditCursor, AuditFilter, AuditLog, AuditPage};

/// Tells what was attempted.
pub struct ListAuditLog {
    audit: Arc<dyn AuditLog>,
}

impl ListAuditLog {
    /// Reads from `audit`.
    pub fn new(audit: Arc<dyn AuditLog>) -> Self {
        Self { audit }
    }

    /// One page, newest first.
    ///
    /// # Errors
    /// [`Outage`] if the store is down.
    pub async fn run(&self, filter: AuditFilter, cursor: Option<AuditCursor>, limit: u32) -> Result<AuditPage, Outage> {
        Ok(self.audit.page(filter, cursor, limit).await?)
    }
}
