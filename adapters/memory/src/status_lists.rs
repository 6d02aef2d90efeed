//! Status lists, over the five maps that they are read off.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jwksd_domain::audit::AuditEntry;
use jwksd_domain::client::{ClientId, ClientState};
use jwksd_domain::ports::{ClientRepository, RevocationList, SessionRepository, StatusLists, StoreError};
use jwksd_domain::session::SessionId;
use jwksd_domain::status_list::{BlockSize, StatusBlock};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserState;

use crate::{
    MemoryAuditLog, MemoryClientRepository, MemoryRevocationList, MemorySessionRepository, MemoryUserRepository, lock,
};

/// What tells of tokens and of those they were issued to.
#[derive(Clone, Default)]
pub struct MemoryStatusSources {
    /// The users.
    pub users: Arc<MemoryUserRepository>,
    /// The sessions.
    pub sessions: Arc<MemorySessionRepository>,
    /// The clients.
    pub clients: Arc<MemoryClientRepository>,
    /// The tokens that were called back.
    pub revocations: Arc<MemoryRevocationList>,
    /// The log of the tokens.
    pub audit: Arc<MemoryAuditLog>,
}

/// Reads status lists off other maps. Looks at one after the other: what changes meanwhile may be in the answer or not.
#[derive(Default)]
pub struct MemoryStatusLists {
    sources: MemoryStatusSources,
    /// The last block of each list, and when it was set apart.
    reserved: Mutex<BTreeMap<u32, (StatusBlock, Timestamp)>>,
}

impl MemoryStatusLists {
    /// Status lists of the tokens that `sources` tell of.
    pub fn new(sources: MemoryStatusSources) -> Self {
        Self { sources, reserved: Mutex::default() }
    }

    async fn is_called_back(&self, entry: &AuditEntry) -> Result<bool, StoreError> {
        let MemoryStatusSources { users, sessions, clients, revocations, .. } = &self.sources;
        if let Some(jti) = &entry.jti
            && revocations.contains(jti).await?
        {
            return Ok(true);
        }
        let Some(user) = entry.user_id else {
            let id = entry.name.as_deref().and_then(|name| ClientId::parse(name).ok());
            let Some(id) = id else { return Ok(true) };
            return Ok(clients.find(&id).await?.is_none_or(|client| client.state != ClientState::Active));
        };
        if lock(&users.users).get(&user).is_some_and(|user| user.state != UserState::Active) {
            return Ok(true);
        }
        let Some(id) = entry.sid.as_deref().and_then(SessionId::parse) else { return Ok(false) };
        Ok(sessions.find(id).await?.is_some_and(|session| session.end.is_some()))
    }

    fn is_alive(&self, list: u32, living: &[AuditEntry], idle_since: Timestamp) -> bool {
        let is_recent = |(_, at): &(StatusBlock, Timestamp)| at.floor_second() >= idle_since.floor_second();
        lock(&self.reserved).get(&list).is_some_and(is_recent)
            || living.iter().any(|entry| entry.status.is_some_and(|status| status.list == list))
    }
}

#[async_trait]
impl StatusLists for MemoryStatusLists {
    async fn reserve(&self, size: BlockSize, now: Timestamp) -> Result<StatusBlock, StoreError> {
        let mut reserved = lock(&self.reserved);
        let last = reserved.values().next_back().map(|(last, _)| (last.list, last.end()));
        let block = StatusBlock::behind(last, size);
        reserved.insert(block.list, (block, now));
        Ok(block)
    }

    async fn find(&self, list: u32, now: Timestamp, idle_since: Timestamp) -> Result<Option<Vec<u16>>, StoreError> {
        let living = self.sources.audit.living_tokens(now);
        if !self.is_alive(list, &living, idle_since) {
            return Ok(None);
        }
        let mut invalid = Vec::new();
        for entry in living {
            let Some(status) = entry.status.filter(|status| status.list == list) else { continue };
            if self.is_called_back(&entry).await? {
                invalid.push(status.index);
            }
        }
        invalid.sort_unstable();
        Ok(Some(invalid))
    }

    async fn alive(&self, now: Timestamp, idle_since: Timestamp) -> Result<Vec<u32>, StoreError> {
        let living = self.sources.audit.living_tokens(now);
        let mut lists: Vec<_> = lock(&self.reserved).keys().copied().collect();
        lists.retain(|list| self.is_alive(*list, &living, idle_since));
        Ok(lists)
    }
}
