//! Publishing status lists: signed anew every few seconds at most, and answered from memory in between.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{IssueToken, Outage, StatusEntries};
use crate::ports::{Clock, StatusLists};
use crate::time::Timestamp;

/// For how long a list is answered as it was signed. Whoever fetches it learns what happened up to then.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// Beyond what a block is good for, so that the clocks of others may be behind.
const IDLE: Duration = StatusEntries::BLOCK_LIFE.saturating_mul(2);

/// A list as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedStatusList {
    /// The Status List Token in compact serialization (section 5.1 of draft-ietf-oauth-status-list).
    pub token: Arc<str>,
    /// How long it may be kept, in whole seconds.
    pub max_age: Duration,
}

/// A list as it was signed.
struct Signed {
    token: Arc<str>,
    at: Timestamp,
}

/// Tells which tokens were called back.
pub struct PublishStatusList {
    lists: Arc<dyn StatusLists>,
    tokens: Arc<IssueToken>,
    clock: Arc<dyn Clock>,
    ttl: Duration,
    signed: Mutex<HashMap<u32, Signed>>,
}

impl PublishStatusList {
    /// Publishes `lists`, signed by `tokens`, for others to keep for `ttl`.
    pub fn new(lists: Arc<dyn StatusLists>, tokens: Arc<IssueToken>, clock: Arc<dyn Clock>, ttl: Duration) -> Self {
        Self { lists, tokens, clock, ttl, signed: Mutex::default() }
    }

    /// The list of that number; `None` if there is no such list, or none of its tokens lives any more.
    ///
    /// # Errors
    /// [`Outage`] if a store or the signer is down, or no key signs.
    pub async fn run(&self, list: u32) -> Result<Option<PublishedStatusList>, Outage> {
        let now = self.clock.now();
        let token = match self.recent(list, now) {
            Some(recent) => Some(recent),
            None => self.sign(list, now).await.inspect_err(|_| self.forget(list))?,
        };
        Ok(token.map(|token| PublishedStatusList { token, max_age: self.ttl }))
    }

    /// Where the lists are that have living tokens, or may yet get some, in ascending order.
    ///
    /// # Errors
    /// [`Outage`] if the store is down.
    pub async fn uris(&self) -> Result<Vec<String>, Outage> {
        let now = self.clock.now();
        let alive = self.lists.alive(now, now.minus(IDLE)).await?;
        Ok(alive.into_iter().map(|list| self.tokens.status_list(list)).collect())
    }

    /// What was signed of a list, while it is good. The first who finds that it is not any more signs anew, and all who come
    /// meanwhile are answered like before.
    fn recent(&self, list: u32, now: Timestamp) -> Option<Arc<str>> {
        let mut signed = self.lock();
        let known = signed.get_mut(&list)?;
        let is_good = known.at <= now && now.since(known.at) < GOOD_FOR;
        known.at = if is_good { known.at } else { now };
        is_good.then(|| Arc::clone(&known.token))
    }

    async fn sign(&self, list: u32, now: Timestamp) -> Result<Option<Arc<str>>, Outage> {
        let Some(invalid) = self.lists.find(list, now, now.minus(IDLE)).await? else { return Ok(None) };
        let token: Arc<str> = self.tokens.run_for_list(list, &invalid, self.ttl).await?.into();
        let mut signed = self.lock();
        signed.retain(|_, known| now.since(known.at) < GOOD_FOR);
        signed.insert(list, Signed { token: Arc::clone(&token), at: now });
        Ok(Some(token))
    }

    fn forget(&self, list: u32) {
        self.lock().remove(&list);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Signed>> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
