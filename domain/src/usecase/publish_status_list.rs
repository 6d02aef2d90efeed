//! Publishing status lists: looked at every few seconds at most, signed anew where they have changed, and answered from memory in
//! between.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{IssueToken, Outage, StatusEntries};
use crate::ports::{Clock, StatusLists};
use crate::time::Timestamp;

/// For how long a list is answered without a look at the store. Whoever fetches it learns what happened up to then.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// For how long at most while somebody looks.
const GOOD_MEANWHILE: Duration = Duration::from_secs(6);

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
    /// What it tells.
    invalid: Vec<u16>,
    signed_at: Timestamp,
    /// When the store was last asked whether that is still so.
    at: Timestamp,
    /// The keys of that moment, by their generation.
    keys: u64,
}

#[derive(Default)]
struct Recent {
    signed: HashMap<u32, Signed>,
    /// The lists that somebody signs now.
    under_way: HashSet<u32>,
}

/// Tells which tokens were called back.
pub struct PublishStatusList {
    lists: Arc<dyn StatusLists>,
    tokens: Arc<IssueToken>,
    clock: Arc<dyn Clock>,
    ttl: Duration,
    recent: Mutex<Recent>,
}

/// The turn of whoever signs a list; it ends with them, whether they have done it or were called off.
struct Turn<'a> {
    recent: &'a Mutex<Recent>,
    list: u32,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(self.recent).under_way.remove(&self.list);
    }
}

impl PublishStatusList {
    /// Publishes `lists`, signed by `tokens`, for others to keep for `ttl`.
    pub fn new(lists: Arc<dyn StatusLists>, tokens: Arc<IssueToken>, clock: Arc<dyn Clock>, ttl: Duration) -> Self {
        Self { lists, tokens, clock, ttl, recent: Mutex::default() }
    }

    /// The list of that number; `None` if there is no such list, or none of its tokens lives any more.
    ///
    /// # Errors
    /// [`Outage`] if a store or the signer is down, or no key signs.
    pub async fn run(&self, list: u32) -> Result<Option<PublishedStatusList>, Outage> {
        let (now, keys) = (self.clock.now(), self.tokens.keys());
        let token = match self.known(list, now, keys) {
            Some(known) => Some(known),
            None => self.sign(list, now, keys).await?,
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

    /// What was signed of a list, while it is good: for a moment longer where somebody signs it anew, whom nobody has to wait for.
    fn known(&self, list: u32, now: Timestamp, keys: u64) -> Option<Arc<str>> {
        let recent = lock(&self.recent);
        let known = recent.signed.get(&list).filter(|known| known.keys == keys && known.at <= now)?;
        let good_for = if recent.under_way.contains(&list) { GOOD_MEANWHILE } else { GOOD_FOR };
        (now.since(known.at) < good_for).then(|| Arc::clone(&known.token))
    }

    async fn sign(&self, list: u32, now: Timestamp, keys: u64) -> Result<Option<Arc<str>>, Outage> {
        lock(&self.recent).under_way.insert(list);
        let _turn = Turn { recent: &self.recent, list };
        let Some(invalid) = self.lists.find(list, now, now.minus(IDLE)).await? else { return Ok(None) };
        let (token, signed_at) = match self.unchanged(list, now, keys, &invalid) {
            Some(unchanged) => unchanged,
            None => (self.tokens.run_for_list(list, &invalid, self.ttl).await?.into(), now),
        };
        let told_for = self.tokens.list_told_for(self.ttl).max(GOOD_MEANWHILE);
        let mut recent = lock(&self.recent);
        recent.signed.retain(|_, known| now.since(known.signed_at) < told_for);
        recent.signed.insert(list, Signed { token: Arc::clone(&token), invalid, signed_at, at: now, keys });
        Ok(Some(token))
    }

    /// What was signed of a list, and when, if it would be signed like that again: so that whoever has it need not fetch it again.
    fn unchanged(&self, list: u32, now: Timestamp, keys: u64, invalid: &[u16]) -> Option<(Arc<str>, Timestamp)> {
        let recent = lock(&self.recent);
        let is_unchanged = |known: &&Signed| known.keys == keys && known.invalid == invalid && known.signed_at <= now;
        let known = recent.signed.get(&list).filter(is_unchanged)?;
        let is_fresh = now.since(known.signed_at) < self.tokens.list_told_for(self.ttl);
        is_fresh.then(|| (Arc::clone(&known.token), known.signed_at))
    }
}

fn lock(recent: &Mutex<Recent>) -> MutexGuard<'_, Recent> {
    recent.lock().unwrap_or_else(PoisonError::into_inner)
}
