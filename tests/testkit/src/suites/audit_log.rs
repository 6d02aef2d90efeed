//! What every `AuditLog` promises.

use std::net::IpAddr;
use std::sync::Arc;

use jwksd_domain::audit::{AuditEntry, Event, IssuedTokens, Origin, Outcome, StoredAuditEntry};
use jwksd_domain::key::Kid;
use jwksd_domain::ports::{AuditCursor, AuditFilter, AuditLog, AuditPage};
use jwksd_domain::status_list::StatusEntry;
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn AuditLog>` without entries, or a
/// [`Fixture`](crate::Fixture) of one.
#[macro_export]
macro_rules! audit_log_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            audit_log,
            $make,
            [
                is_empty_at_first,
                answers_what_was_appended,
                answers_every_event_and_outcome,
                counts_in_whole_seconds,
                shows_the_newest_first,
                pages_without_gap_or_repeat,
                begins_before_any_cursor,
                names_a_next_page_exactly_when_there_is_one,
                filters_by_name,
                filters_by_address,
                filters_by_time,
                filters_by_outcome,
                filters_by_all_at_once,
                takes_text_for_text,
                keeps_every_concurrent_entry,
                counts_what_a_key_has_signed,
            ]
        );
    };
}

/// No entry is no error.
pub async fn is_empty_at_first(log: &Arc<dyn AuditLog>) {
    let page = log.page(AuditFilter::default(), None, 10).await.unwrap();
    assert_eq!(page, AuditPage { entries: vec![], next: None });
}

/// Entries that know everything, and entries that know least, come back as they were.
pub async fn answers_what_was_appended(log: &Arc<dyn AuditLog>) {
    let bare = AuditEntry::new(at(0), origin("203.0.113.9", None), Event::KeysRotated, Outcome::Failed);
    let nameless = AuditEntry { user_id: Some(UserId(7)), ..entry(1) };
    for entry in [full(2), bare, nameless, full(0)] {
        log.append(entry.clone()).await.unwrap();
        assert_eq!(log.page(AuditFilter::default(), None, 1).await.unwrap().entries[0].entry, entry);
    }
    assert_eq!(all(log, AuditFilter::default()).await.len(), 4);
}

/// Every event can end in every way.
pub async fn answers_every_event_and_outcome(log: &Arc<dyn AuditLog>) {
    for event in Event::ALL {
        for outcome in Outcome::ALL {
            let entry = AuditEntry { event, outcome, ..entry(0) };
            log.append(entry.clone()).await.unwrap();
            assert_eq!(log.page(AuditFilter::default(), None, 1).await.unwrap().entries[0].entry, entry);
        }
    }
}

/// Fractions of a second are dropped.
pub async fn counts_in_whole_seconds(log: &Arc<dyn AuditLog>) {
    log.append(AuditEntry { at: Timestamp::from_unix_millis(1_800_000_000_999), ..entry(0) }).await.unwrap();
    assert_eq!(all(log, AuditFilter::default()).await[0].entry.at, at(0));
}

/// The order is that of the appending, whatever the entries' instants; ids grow with it.
pub async fn shows_the_newest_first(log: &Arc<dyn AuditLog>) {
    append(log, [5, 1, 3].map(entry)).await;
    let entries = all(log, AuditFilter::default()).await;
    assert_eq!(entries.iter().map(|stored| stored.entry.at).collect::<Vec<_>>(), [at(3), at(1), at(5)]);
    assert!(entries.windows(2).all(|pair| pair[0].id > pair[1].id));
}

/// Pages of any size show the same entries in the same order, also when entries come in between.
pub async fn pages_without_gap_or_repeat(log: &Arc<dyn AuditLog>) {
    append(log, (0..10).map(entry)).await;
    let all = all(log, AuditFilter::default()).await;
    for limit in [1, 2, 3, 5, 7, 10, 11] {
        assert_eq!(walk(log, &AuditFilter::default(), limit).await, all, "in pages of {limit}");
    }
    let first = log.page(AuditFilter::default(), None, 4).await.unwrap();
    append(log, [entry(99)]).await;
    let second = log.page(AuditFilter::default(), first.next, 10).await.unwrap();
    assert_eq!([first.entries, second.entries].concat(), all);
}

/// A cursor is a place in the order, not an entry that must exist.
pub async fn begins_before_any_cursor(log: &Arc<dyn AuditLog>) {
    append(log, (0..3).map(entry)).await;
    let all = all(log, AuditFilter::default()).await;
    for (cursor, expected) in [(AuditCursor::MAX, &all[..]), (all[0].id, &all[1..]), (all[2].id, &[]), (-1, &[])] {
        let page = log.page(AuditFilter::default(), Some(cursor), 10).await.unwrap();
        assert_eq!(page, AuditPage { entries: expected.to_vec(), next: None }, "from {cursor}");
    }
}

/// The last page says that it is the last, also when it is full; entries that the filter holds back do not count.
pub async fn names_a_next_page_exactly_when_there_is_one(log: &Arc<dyn AuditLog>) {
    append(log, (0..6).map(|n| named(if n % 3 == 0 { "alice" } else { "bob" }))).await;
    for (filter, matching) in [(AuditFilter::default(), 6), (by_name("alice"), 2), (by_name("bob"), 4)] {
        for limit in 0..=7 {
            let page = log.page(filter.clone(), None, limit).await.unwrap();
            assert_eq!(page.entries.len(), matching.min(limit as usize));
            assert_eq!(page.next.is_some(), (limit as usize) < matching, "{limit} of {matching}");
        }
    }
}

/// The name is compared exactly, and an entry without a name has none.
pub async fn filters_by_name(log: &Arc<dyn AuditLog>) {
    append(log, [named("alice"), named("Alice"), named("alice "), entry(0), named("alice")]).await;
    assert_eq!(all(log, by_name("alice")).await.len(), 2);
    for name in ["alic%", "alic_", "*", "", "ALICE", "' OR ''='"] {
        assert_eq!(all(log, by_name(name)).await, [], "{name:?}");
    }
}

/// The address is compared as an address.
pub async fn filters_by_address(log: &Arc<dyn AuditLog>) {
    let from = |ip| AuditEntry { origin: origin(ip, None), ..entry(0) };
    append(log, ["192.0.2.1", "192.0.2.10", "2001:db8:0:0::1", "192.0.2.1"].map(from)).await;
    for (ip, expected) in [("192.0.2.1", 2), ("192.0.2.10", 1), ("2001:DB8::1", 1), ("192.0.2.2", 0), ("::", 0)] {
        let filter = AuditFilter { ip: Some(ip.parse().unwrap()), ..AuditFilter::default() };
        assert_eq!(all(log, filter).await.len(), expected, "{ip}");
    }
}

/// From `since`, which belongs to it, to `until`, which does not.
pub async fn filters_by_time(log: &Arc<dyn AuditLog>) {
    append(log, (0..5).map(entry)).await;
    let half_past = |n: i64| Timestamp::from_unix_millis(at(n).unix_millis() + 500);
    let cases = [
        (Some(at(2)), None, vec![4, 3, 2]),
        (None, Some(at(2)), vec![1, 0]),
        (Some(at(1)), Some(at(3)), vec![2, 1]),
        (Some(half_past(3)), None, vec![4, 3]),
        (None, Some(half_past(1)), vec![0]),
        (Some(at(3)), Some(at(3)), vec![]),
        (Some(at(5)), None, vec![]),
    ];
    for (since, until, expected) in cases {
        let filter = AuditFilter { since, until, ..AuditFilter::default() };
        let found: Vec<_> = all(log, filter).await.iter().map(|stored| stored.entry.at).collect();
        assert_eq!(found, expected.into_iter().map(at).collect::<Vec<_>>(), "since {since:?} until {until:?}");
    }
}

/// Each outcome is told from each other.
pub async fn filters_by_outcome(log: &Arc<dyn AuditLog>) {
    append(log, Outcome::ALL.map(|outcome| AuditEntry { outcome, ..entry(0) })).await;
    for outcome in Outcome::ALL {
        let found = all(log, AuditFilter { outcome: Some(outcome), ..AuditFilter::default() }).await;
        assert_eq!(found.iter().map(|stored| stored.entry.outcome).collect::<Vec<_>>(), [outcome]);
    }
}

/// Every part of a filter must hold.
pub async fn filters_by_all_at_once(log: &Arc<dyn AuditLog>) {
    let wanted = full(3);
    let near_misses = [
        AuditEntry { name: Some("other".to_owned()), ..wanted.clone() },
        AuditEntry { origin: origin("192.0.2.99", None), ..wanted.clone() },
        AuditEntry { at: at(2), ..wanted.clone() },
        AuditEntry { at: at(4), ..wanted.clone() },
        AuditEntry { outcome: Outcome::Busy, ..wanted.clone() },
    ];
    append(log, [wanted.clone()]).await;
    append(log, near_misses).await;
    append(log, [wanted.clone()]).await;
    let filter = AuditFilter {
        name: wanted.name.clone(),
        ip: Some(wanted.origin.ip),
        since: Some(at(3)),
        until: Some(at(4)),
        outcome: Some(wanted.outcome),
    };
    let found = walk(log, &filter, 1).await;
    assert_eq!(found.into_iter().map(|stored| stored.entry).collect::<Vec<_>>(), [wanted.clone(), wanted]);
}

/// What looks like a statement is a value all the same, in what is written and in what is asked.
pub async fn takes_text_for_text(log: &Arc<dyn AuditLog>) {
    let texts = ["'); DROP TABLE auth_logs; --", "' OR 1=1 --", "\"", "%_\\", "?1 $1 :a @b", "", "NULL", "é😀\u{0}"];
    for text in texts {
        let text = || Some(text.to_owned());
        let origin = Origin { user_agent: text(), ..full(0).origin };
        append(log, [AuditEntry { origin, name: text(), jti: text(), detail: text(), ..full(0) }]).await;
    }
    for text in texts {
        let found = all(log, by_name(text)).await;
        assert_eq!(found.len(), 1, "{text:?}");
        let entry = &found[0].entry;
        let texts = [&entry.name, &entry.jti, &entry.detail, &entry.origin.user_agent];
        assert_eq!(texts, [&Some(text.to_owned()); 4]);
    }
}

/// Entries that come at once are all there, each whole.
pub async fn keeps_every_concurrent_entry(log: &Arc<dyn AuditLog>) {
    let tasks = (0..64).map(|n| {
        let log = Arc::clone(log);
        tokio::spawn(async move { log.append(full(n)).await.unwrap() })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let mut entries = walk(log, &AuditFilter::default(), 10).await;
    entries.sort_by_key(|stored| stored.entry.at);
    let expected: Vec<_> = (0..64).map(full).collect();
    assert_eq!(entries.into_iter().map(|stored| stored.entry).collect::<Vec<_>>(), expected);
}

/// Tokens that have ended do not count, nor do those of other keys, and a user counts once.
pub async fn counts_what_a_key_has_signed(log: &Arc<dyn AuditLog>) {
    let kid = |n: u8| Kid::parse(&format!("{n}").repeat(43)[..43]).unwrap();
    let token = |n: u8, user: i64, end: i64| {
        let (kid, user_id, expires_at) = (Some(kid(n)), Some(UserId(user)), Some(at(end)));
        AuditEntry { kid, user_id, expires_at, ..entry(0) }
    };
    let no_token = AuditEntry { kid: Some(kid(1)), ..entry(0) };
    append(log, [token(1, 7, 10), token(1, 7, 20), token(1, 8, 20), token(2, 9, 30), no_token]).await;
    let counts = |tokens, users| IssuedTokens { tokens, users };
    for (n, now, expected) in [(1, 0, (3, 2)), (1, 10, (2, 2)), (1, 20, (0, 0)), (2, 0, (1, 1)), (3, 0, (0, 0))] {
        assert_eq!(log.issued_by(&kid(n), at(now)).await.unwrap(), counts(expected.0, expected.1), "{n} at {now}");
    }
}

/// An entry that knows everything, `seconds` past the suite's beginning.
pub(super) fn full(seconds: i64) -> AuditEntry {
    AuditEntry {
        user_id: Some(UserId(42)),
        name: Some("alice".to_owned()),
        kid: Some(Kid::parse(&"kid_-".repeat(9)[..43]).unwrap()),
        jti: Some(format!("01890a5d-ac96-774b-bcce-{seconds:012}")),
        expires_at: Some(at(seconds + 900)),
        sid: Some(format!("5e5510bd-ac96-474b-bcce-{seconds:012}")),
        status: Some(StatusEntry { list: 7, index: u16::MAX }),
        detail: Some("role=admin".to_owned()),
        origin: origin("192.0.2.1", Some("curl/8")).by(UserId(1)),
        ..entry(seconds)
    }
}

/// Every entry that `filter` lets through.
pub(super) async fn all(log: &Arc<dyn AuditLog>, filter: AuditFilter) -> Vec<StoredAuditEntry> {
    log.page(filter, None, 1000).await.unwrap().entries
}

fn entry(seconds: i64) -> AuditEntry {
    AuditEntry::new(at(seconds), origin("192.0.2.1", None), Event::Login, Outcome::BadCredentials)
}

fn named(name: &str) -> AuditEntry {
    AuditEntry { name: Some(name.to_owned()), ..entry(0) }
}

fn by_name(name: &str) -> AuditFilter {
    AuditFilter { name: Some(name.to_owned()), ..AuditFilter::default() }
}

fn origin(ip: &str, user_agent: Option<&str>) -> Origin {
    Origin { ip: ip.parse::<IpAddr>().unwrap(), user_agent: user_agent.map(str::to_owned), administrator: None }
}

async fn append(log: &Arc<dyn AuditLog>, entries: impl IntoIterator<Item = AuditEntry>) {
    for entry in entries {
        log.append(entry).await.unwrap();
    }
}

/// Every entry that `filter` lets through, page by page.
async fn walk(log: &Arc<dyn AuditLog>, filter: &AuditFilter, limit: u32) -> Vec<StoredAuditEntry> {
    let (mut entries, mut cursor) = (vec![], None);
    loop {
        let page = log.page(filter.clone(), cursor, limit).await.unwrap();
        entries.extend(page.entries);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return entries,
        }
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + seconds)
}
