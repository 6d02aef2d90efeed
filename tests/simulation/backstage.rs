//! What the scheduler and the ports share: true time, the store's health, who is running, and what has happened.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use jwksd_domain::audit::AuditEntry;
use jwksd_domain::key::{KeyRing, Kid};
use jwksd_domain::ports::Clock;
use jwksd_domain::time::Timestamp;
use jwksd_testkit::ManualClock;

/// Something that a task did to the world outside of its replica.
pub(crate) enum Deed {
    /// It replaced the stored ring.
    Stored {
        /// The ring until then.
        before: Arc<KeyRing>,
        /// The ring from then on.
        after: Arc<KeyRing>,
    },
    /// It found that the stored ring had moved on.
    Conflicted,
    /// It wrote an entry into the audit log.
    Appended(Box<AuditEntry>),
    /// It signed a token.
    Signed {
        /// The key.
        kid: Kid,
        /// When the token is over, by its claims.
        over: Timestamp,
    },
}

/// What the scheduler and the ports share.
pub(crate) struct Backstage {
    truth: ManualClock,
    at_store: AtomicBool,
    is_down: AtomicBool,
    deeds: Mutex<Vec<Deed>>,
}

impl Backstage {
    /// A world in which nothing has happened yet.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            truth: ManualClock::default(),
            at_store: AtomicBool::new(false),
            is_down: AtomicBool::new(false),
            deeds: Mutex::default(),
        })
    }

    /// True time.
    pub(crate) fn now(&self) -> Timestamp {
        self.truth.now()
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, duration: Duration) {
        self.truth.advance(duration);
    }

    /// Whether the store is down.
    pub(crate) fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Relaxed)
    }

    /// Takes the store down, or brings it up again.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }

    /// What was done since it was asked last.
    pub(crate) fn take_deeds(&self) -> Vec<Deed> {
        std::mem::take(&mut self.deeds.lock().unwrap())
    }

    /// Whether the last scheduling point that was met is a call that replaces the ring.
    pub(crate) fn is_at_store(&self) -> bool {
        self.at_store.swap(false, Ordering::Relaxed)
    }

    pub(crate) fn tell(&self, deed: Deed) {
        self.deeds.lock().unwrap().push(deed);
    }

    /// A scheduling point within a call that replaces the ring.
    pub(crate) async fn pause_at_store(&self) {
        self.at_store.store(true, Ordering::Relaxed);
        pause().await;
    }
}

/// A scheduling point: others may run now, time may pass, or the process may die here.
pub(crate) async fn pause() {
    let mut has_paused = false;
    poll_fn(|_| match std::mem::replace(&mut has_paused, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

/// The clock of one machine.
pub(crate) struct SkewedClock {
    backstage: Arc<Backstage>,
    ahead: i64,
}

impl SkewedClock {
    /// A clock that is `ahead` milliseconds ahead of true time.
    pub(crate) const fn new(backstage: Arc<Backstage>, ahead: i64) -> Self {
        Self { backstage, ahead }
    }
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.backstage.now().unix_millis() + self.ahead)
    }
}
