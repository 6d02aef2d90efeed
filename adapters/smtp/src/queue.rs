//! The queue before a transport: takes mails at once, and tries until they are delivered, refused for good, or over.
//!
//! It is in memory: a mail that waits when the process is killed is lost, and whoever misses it asks for another one. To keep it
//! on disk would be to keep its secret there.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jwksd_domain::mail::Mail;
use jwksd_domain::ports::{Clock, Entropy, MailError, Mailer};
use jwksd_domain::time::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::letter::Letter;
use crate::transport::{Parcel, Transport, TransportError};

/// The pause after the first attempt that failed; each later one is twice as long.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause: a server that is back is noticed within that.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

const MAILS: &str = "jwksd_mails_total";
const FAILURES: &str = "jwksd_mail_attempts_failed_total";
const WAITING: &str = "jwksd_mails_waiting";

/// What a queue holds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueBounds {
    /// Mails that wait, those under way included.
    pub waiting: u32,
    /// Attempts at once, and so connections.
    pub at_once: usize,
}

impl Default for QueueBounds {
    /// A thousand, four at once: with a server that takes a second for each, the last of them is early for a code of ten minutes.
    fn default() -> Self {
        Self { waiting: 1000, at_once: 4 }
    }
}

/// Takes mails, and has a transport deliver them. Clones share the queue.
#[derive(Clone)]
pub struct MailQueue {
    courier: Arc<Courier>,
    /// A place for each mail that waits.
    places: Arc<Semaphore>,
    waiting: u32,
    closing: watch::Sender<bool>,
}

/// What every delivery shares.
struct Courier {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// A line for each attempt that may be under way.
    lines: Semaphore,
}

/// How a mail ended.
#[derive(Clone, Copy)]
enum End {
    Sent,
    Refused,
    Expired,
    Abandoned,
    Full,
}

impl MailQueue {
    /// A queue before `transport`. Its mails are delivered in the runtime that they are sent in.
    ///
    /// Counts them in `jwksd_mails_total`; a recorder should be installed before the queue is made.
    pub fn new(
        transport: Arc<dyn Transport>,
        bounds: QueueBounds,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        metrics::describe_counter!(MAILS, "Mails by what became of them");
        metrics::describe_counter!(FAILURES, "Attempts to hand a mail over that failed");
        metrics::describe_gauge!(WAITING, "Mails that are not delivered yet");
        for end in [End::Sent, End::Refused, End::Expired, End::Abandoned, End::Full] {
            metrics::counter!(MAILS, "outcome" => end.as_str()).increment(0);
        }
        metrics::counter!(FAILURES).increment(0);
        let lines = Semaphore::new(bounds.at_once.max(1));
        Self {
            courier: Arc::new(Courier { transport, clock, entropy, lines }),
            places: Arc::new(Semaphore::new(usize::try_from(bounds.waiting).unwrap_or(Semaphore::MAX_PERMITS))),
            waiting: bounds.waiting,
            closing: watch::Sender::new(false),
        }
    }

    /// Gives every mail that waits one more attempt now, takes no more, and waits for the last one, `within` at most. Answers how
    /// many are left, which are lost.
    pub async fn drain(&self, within: Duration) -> u32 {
        self.closing.send_replace(true);
        let all = timeout(within, self.places.acquire_many(self.waiting)).await;
        let left = match all {
            Ok(_) => 0,
            Err(_) => self.waiting.saturating_sub(u32::try_from(self.places.available_permits()).unwrap_or(0)),
        };
        self.places.close();
        left
    }
}

#[async_trait]
impl Mailer for MailQueue {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        // A place is not given while the queue drains: then all of them are asked for.
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            End::Full.count();
            return Err(MailError::Full);
        };
        let (courier, closing) = (Arc::clone(&self.courier), self.closing.subscribe());
        tokio::spawn(async move { courier.carry(mail, closing, place).await });
        Ok(())
    }
}

impl Courier {
    /// Carries one mail to its end.
    async fn carry(&self, mail: Mail, mut closing: watch::Receiver<bool>, place: OwnedSemaphorePermit) {
        metrics::gauge!(WAITING).increment(1.0);
        let end = self.deliver(&mail, &mut closing).await;
        metrics::gauge!(WAITING).decrement(1.0);
        end.count();
        drop(place);
    }

    async fn deliver(&self, mail: &Mail, closing: &mut watch::Receiver<bool>) -> End {
        let parcel = self.parcel(mail);
        let mut pause = SHORTEST_PAUSE;
        loop {
            match self.attempt(&parcel, mail.expires_at).await {
                Ok(()) => return End::Sent,
                Err(Attempt::TooLate) => {
                    tracing::warn!(mail.id = parcel.id, "a mail was not delivered before it was over");
                    return End::Expired;
                }
                Err(Attempt::Failed(error @ TransportError::Refused(_))) => {
                    tracing::error!(mail.id = parcel.id, error = told(&error, &parcel), "a mail was refused for good");
                    return End::Refused;
                }
                Err(Attempt::Failed(error @ TransportError::Unavailable(_))) => {
                    metrics::counter!(FAILURES).increment(1);
                    tracing::warn!(
                        mail.id = parcel.id,
                        error = told(&error, &parcel),
                        "a mail waits for another attempt"
                    );
                }
            }
            if *closing.borrow_and_update() {
                return End::Abandoned;
            }
            tokio::select! {
                () = sleep(pause) => {}
                _ = closing.changed() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn attempt(&self, parcel: &Parcel, expires_at: Timestamp) -> Result<(), Attempt> {
        let _line = self.lines.acquire().await.expect("the lines are never closed");
        if self.clock.now() >= expires_at {
            return Err(Attempt::TooLate);
        }
        self.transport.deliver(parcel).await.map_err(Attempt::Failed)
    }

    fn parcel(&self, mail: &Mail) -> Parcel {
        let mut random = [0; 16];
        self.entropy.fill(&mut random);
        let id = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Parcel { to: mail.to.clone(), written_at: mail.written_at, id, letter: Letter::of(mail) }
    }
}

/// Why a mail was not handed over at once.
enum Attempt {
    TooLate,
    Failed(TransportError),
}

impl End {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Abandoned => "abandoned",
            Self::Full => "queue_full",
        }
    }

    fn count(self) {
        metrics::counter!(MAILS, "outcome" => self.as_str()).increment(1);
    }
}

/// The message of an error and of each of its sources, without the address: servers like to repeat it.
fn told(error: &TransportError, parcel: &Parcel) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text.replace(parcel.to.as_str(), "the address")
}

#[cfg(test)]
mod tests;
