//! Sessions, by their ids.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use jwksd_domain::ports::{SessionRepository, SessionSelection, StoreError};
use jwksd_domain::session::{Session, SessionEnd, SessionId};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;

use crate::lock;

/// Keeps sessions in memory.
#[derive(Default)]
pub struct MemorySessionRepository {
    pub(crate) sessions: Mutex<BTreeMap<SessionId, Session>>,
}

#[async_trait]
impl SessionRepository for MemorySessionRepository {
    async fn insert(&self, session: &Session, forget_before: Timestamp) -> Result<(), StoreError> {
        let mut sessions = lock(&self.sessions);
        if sessions.contains_key(&session.id) {
            return Err(StoreError::Duplicate { field: "sid" });
        }
        sessions.retain(|_, kept| kept.expires_at >= forget_before);
        sessions.insert(session.id, session.clone());
        Ok(())
    }

    async fn find(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        Ok(lock(&self.sessions).get(&id).cloned())
    }

    async fn list(&self, user: UserId, now: Timestamp, limit: u32) -> Result<Vec<Session>, StoreError> {
        let sessions = lock(&self.sessions);
        let live = sessions.values().filter(|session| session.user_id == user && session.is_live_at(now));
        let mut live: Vec<_> = live.cloned().collect();
        live.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        live.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(live)
    }

    async fn end(&self, user: UserId, which: SessionSelection, end: SessionEnd) -> Result<u64, StoreError> {
        let mut sessions = lock(&self.sessions);
        let chosen = sessions.values_mut().filter(|session| session.user_id == user && selects(which, session.id));
        Ok(chosen.map(|session| u64::from(end_one(session, end))).sum())
    }
}

fn selects(which: SessionSelection, id: SessionId) -> bool {
    match which {
        SessionSelection::One(one) => id == one,
        SessionSelection::All => true,
        SessionSelection::AllBut(other) => id != other,
    }
}

fn end_one(session: &mut Session, end: SessionEnd) -> bool {
    let is_live = session.is_live_at(end.at);
    if is_live {
        session.end = Some(end);
    }
    is_live
}
