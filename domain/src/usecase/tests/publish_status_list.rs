//! How often a status list is read and signed, and what is answered meanwhile.

use std::future::ready;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::{NOW, down, settled_keyring, token_issuer, working_signer};
use crate::ports::{MockClock, MockStatusLists, StatusLists, StoreError};
use crate::status_list::{BlockSize, StatusBlock};
use crate::time::Timestamp;
use crate::usecase::{Outage, PublishStatusList};

/// What publishes lists, the hand of its clock in milliseconds from now, and how often the store was asked.
struct Subject {
    publish: PublishStatusList,
    hand: Arc<AtomicI64>,
    asked: Arc<AtomicUsize>,
}

/// A store that has the first list and no other, and is down the second time that it is asked.
async fn subject() -> Subject {
    let (hand, asked) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicUsize::new(0)));
    let (mut clock, mut lists) = (MockClock::new(), MockStatusLists::new());
    let now = Arc::clone(&hand);
    clock.expect_now().returning(move || NOW.plus(Duration::from_millis(now.load(Ordering::SeqCst).unsigned_abs())));
    let count = Arc::clone(&asked);
    lists.expect_find().returning(move |list, _, _| match count.fetch_add(1, Ordering::SeqCst) {
        1 => Err(down()),
        _ => Ok((list == 1).then(|| vec![3])),
    });
    let tokens = token_issuer(&settled_keyring().await, working_signer());
    let ttl = Duration::from_secs(60);
    Subject { publish: PublishStatusList::new(Arc::new(lists), tokens, Arc::new(clock), ttl), hand, asked }
}

impl Subject {
    /// Whether the list is there after so many milliseconds, and how often the store was asked up to then.
    async fn look(&self, list: u32, millis: i64) -> (Result<bool, Outage>, usize) {
        self.hand.store(millis, Ordering::SeqCst);
        let found = self.publish.run(list).await.map(|found| found.is_some());
        (found, self.asked.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn a_list_is_read_once_in_five_seconds() {
    let subject = subject().await;
    for (millis, asked) in [(0, 1), (1, 1), (4999, 1)] {
        assert!(matches!(subject.look(1, millis).await, (Ok(true), count) if count == asked), "after {millis} ms");
    }
    assert!(matches!(subject.look(1, 5000).await, (Err(Outage::Store(_)), 2)), "the store is asked, and is down");
    assert!(matches!(subject.look(1, 5001).await, (Ok(true), 3)), "what was told before is not told for ever");
    assert!(matches!(subject.look(1, 5002).await, (Ok(true), 3)));
}

/// Whoever has it is told so, and nobody waits for a signature.
#[tokio::test]
async fn a_list_is_signed_anew_only_where_it_has_changed_or_was_told_for_long() {
    let (hand, invalid) = (Arc::new(AtomicI64::new(0)), Arc::new(Mutex::new(vec![3])));
    let (mut clock, mut lists) = (MockClock::new(), MockStatusLists::new());
    let (now, stored) = (Arc::clone(&hand), Arc::clone(&invalid));
    clock.expect_now().returning(move || NOW.plus(Duration::from_secs(now.load(Ordering::SeqCst).unsigned_abs())));
    lists.expect_find().returning(move |_, _, _| Ok(Some(stored.lock().unwrap().clone())));
    let tokens = token_issuer(&settled_keyring().await, working_signer());
    let publish = PublishStatusList::new(Arc::new(lists), tokens, Arc::new(clock), Duration::from_secs(60));
    let mut before = publish.run(1).await.unwrap().unwrap().token;
    let half_of_the_rest = 420; // A token lives for 900 s, and the list is kept for 60.
    for (seconds, now_invalid, is_anew) in [
        (5, vec![3], false),
        (10, vec![3, 4], true),
        (15, vec![3, 4], false),
        (20, vec![3], true),
        (20 + half_of_the_rest - 1, vec![3], false),
        (20 + half_of_the_rest + 5, vec![3], true),
    ] {
        hand.store(seconds, Ordering::SeqCst);
        *invalid.lock().unwrap() = now_invalid;
        let token = publish.run(1).await.unwrap().unwrap().token;
        assert_eq!(!Arc::ptr_eq(&token, &before), is_anew, "after {seconds} s");
        before = token;
    }
}

/// Whoever asks for lists that are not there fills no memory.
#[tokio::test]
async fn absence_is_not_remembered() {
    let subject = subject().await;
    assert!(matches!(subject.look(9, 0).await, (Ok(false), 1)));
    assert!(matches!(subject.look(9, 0).await, (Err(_), 2)));
    assert!(matches!(subject.look(9, 0).await, (Ok(false), 3)));
}

/// A store that lets others run before it answers, and counts what it was asked.
struct Slow(Arc<AtomicUsize>);

#[async_trait]
impl StatusLists for Slow {
    async fn reserve(&self, size: BlockSize, _now: Timestamp) -> Result<StatusBlock, StoreError> {
        Ok(StatusBlock::behind(None, size))
    }

    async fn find(&self, _list: u32, _now: Timestamp, _idle: Timestamp) -> Result<Option<Vec<u16>>, StoreError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        Ok(Some(Vec::new()))
    }

    async fn alive(&self, _now: Timestamp, _idle: Timestamp) -> Result<Vec<u32>, StoreError> {
        Ok(vec![1])
    }
}

/// A client that goes away while the list is signed for it had let everybody else be told of the old one for five seconds more, as
/// often as it liked; and whoever came meanwhile was told of it however old it was.
#[tokio::test]
async fn who_goes_away_keeps_nobody_from_a_list_and_nothing_old_is_told() {
    let (hand, asked) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicUsize::new(0)));
    let (mut clock, now) = (MockClock::new(), Arc::clone(&hand));
    clock.expect_now().returning(move || NOW.plus(Duration::from_millis(now.load(Ordering::SeqCst).unsigned_abs())));
    let tokens = token_issuer(&settled_keyring().await, working_signer());
    let lists = Arc::new(Slow(Arc::clone(&asked)));
    let publish = PublishStatusList::new(lists, tokens, Arc::new(clock), Duration::from_secs(60));
    publish.run(1).await.unwrap();
    // (after, whether somebody signs meanwhile, how often the store was asked then)
    for (millis, is_busy, expected) in [(5000, true, 2), (5500, false, 3), (10_400, false, 3), (10_500, true, 4)] {
        hand.store(millis, Ordering::SeqCst);
        if is_busy {
            tokio::select! { biased; _ = publish.run(1) => unreachable!("the store lets others run"), () = ready(()) => {} }
        } else {
            publish.run(1).await.unwrap();
        }
        assert_eq!(asked.load(Ordering::SeqCst), expected, "after {millis} ms");
    }
    hand.store(60_000, Ordering::SeqCst);
    let (one, other) = tokio::join!(publish.run(1), publish.run(1));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(asked.load(Ordering::SeqCst), 6, "nobody is told of a list that is a minute old");
}
