//! The audit log, oldest entry first.

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use jwksd_domain::audit::{AuditEntry, IssuedTokens, StoredAuditEntry};
use jwksd_domain::key::Kid;
use jwksd_domain::ports::{AuditCursor, AuditFilter, AuditLog, AuditPage, StoreError};
use jwksd_domain::time::Timestamp;

use crate::lock;

/// Keeps the audit log in memory.
#[derive(Default)]
pub struct MemoryAuditLog {
    entries: Mutex<Vec<StoredAuditEntry>>,
}

impl MemoryAuditLog {
    /// The entries of tokens that end later than `now`.
    pub(crate) fn living_tokens(&self, now: Timestamp) -> Vec<AuditEntry> {
        let ends_later = |entry: &&AuditEntry| entry.expires_at.is_some_and(|at| at > now.floor_second());
        let entries = lock(&self.entries);
        entries.iter().map(|stored| &stored.entry).filter(ends_later).cloned().collect()
    }

    pub(crate) fn push(&self, entry: AuditEntry) {
        let mut entries = lock(&self.entries);
        let id = entries.last().map_or(1, |last| last.id + 1);
        let (at, expires_at) = (entry.at.floor_second(), entry.expires_at.map(Timestamp::floor_second));
        entries.push(StoredAuditEntry { id, entry: AuditEntry { at, expires_at, ..entry } });
    }
}

#[async_trait]
impl AuditLog for MemoryAuditLog {
    async fn append(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.push(entry);
        Ok(())
    }

    async fn page(
        &self,
        filter: AuditFilter,
        cursor: Option<AuditCursor>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        let entries = lock(&self.entries);
        let older = |stored: &&StoredAuditEntry| cursor.is_none_or(|cursor| stored.id < cursor);
        let mut matching =
            entries.iter().rev().filter(older).filter(|stored| lets_through(&filter, &stored.entry)).cloned();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = matching.by_ref().take(limit).collect();
        Ok(AuditPage { entries: page, next: matching.next().map(|left| left.id + 1) })
    }

    async fn issued_by(&self, kid: &Kid, now: Timestamp) -> Result<IssuedTokens, StoreError> {
        let entries = lock(&self.entries);
        let ends_later =
            |entry: &&AuditEntry| entry.expires_at.is_some_and(|at| at.floor_second() > now.floor_second());
        let issued = entries.iter().map(|stored| &stored.entry).filter(|entry| entry.kid.as_ref() == Some(kid));
        let alive: Vec<_> = issued.filter(ends_later).collect();
        let users: BTreeSet<_> = alive.iter().filter_map(|entry| entry.user_id).collect();
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Ok(IssuedTokens { tokens: count(alive.len()), users: count(users.len()) })
    }
}

fn lets_through(filter: &AuditFilter, entry: &AuditEntry) -> bool {
    filter.name.as_ref().is_none_or(|name| entry.name.as_ref() == Some(name))
        && filter.ip.is_none_or(|ip| entry.origin.ip == ip)
        && filter.since.is_none_or(|since| entry.at.unix_seconds() >= since.unix_seconds())
        && filter.until.is_none_or(|until| entry.at.unix_seconds() < until.unix_seconds())
        && filter.outcome.is_none_or(|outcome| entry.outcome == outcome)
}
