//! What the queue does when its transport is slow, broken, or both, in time that only passes while everybody waits.

use std::sync::Mutex;

use jwksd_domain::otp::SignInCode;
use jwksd_domain::user::Email;
use jwksd_testkit::{ManualClock, SeededEntropy};
use tokio::time::Instant;

use super::*;

/// What a transport does at an attempt.
#[derive(Clone, Copy)]
enum Deed {
    Deliver,
    Fail,
    Refuse,
    Hang,
}

/// A transport that does one thing after another, and the last one for ever.
struct Scripted {
    deeds: Mutex<Vec<Deed>>,
    attempts: Mutex<Vec<(Instant, String)>>,
}

impl Scripted {
    fn new(deeds: &[Deed]) -> Arc<Self> {
        Arc::new(Self { deeds: Mutex::new(deeds.to_vec()), attempts: Mutex::default() })
    }

    fn attempts(&self) -> Vec<(Instant, String)> {
        self.attempts.lock().unwrap().clone()
    }

    fn next(&self) -> Deed {
        let mut deeds = self.deeds.lock().unwrap();
        if deeds.len() > 1 { deeds.remove(0) } else { deeds[0] }
    }
}

#[async_trait]
impl Transport for Scripted {
    async fn deliver(&self, parcel: &Parcel) -> Result<(), TransportError> {
        self.attempts.lock().unwrap().push((Instant::now(), parcel.id.clone()));
        match self.next() {
            Deed::Deliver => Ok(()),
            Deed::Fail => Err(TransportError::Unavailable(format!("451 {} later", parcel.to.as_str()).into())),
            Deed::Refuse => Err(TransportError::Refused("550 no such user".into())),
            Deed::Hang => std::future::pending().await,
        }
    }
}

struct Setup {
    queue: MailQueue,
    transport: Arc<Scripted>,
    clock: Arc<ManualClock>,
}

fn setup(deeds: &[Deed]) -> Setup {
    let (transport, clock) = (Scripted::new(deeds), Arc::new(ManualClock::default()));
    let bounds = QueueBounds { waiting: 3, at_once: 2 };
    let entropy = Arc::new(SeededEntropy::new(1));
    let queue = MailQueue::new(Arc::clone(&transport) as _, bounds, Arc::clone(&clock) as _, entropy);
    Setup { queue, transport, clock }
}

impl Setup {
    async fn send(&self) -> Result<(), MailError> {
        let (to, code) = (Email::parse("jane@example.com").unwrap(), SignInCode::parse("123456").unwrap());
        self.queue.send(Mail::sign_in(to, code, self.clock.now())).await
    }

    /// Until no mail waits.
    async fn settle(&self) {
        let _all = self.queue.places.acquire_many(3).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_mail_is_tried_until_it_is_taken_after_ever_longer_pauses() {
    let fails = [Deed::Fail; 9];
    let setup = setup(&[&fails[..], &[Deed::Deliver]].concat());
    let start = Instant::now();
    setup.send().await.unwrap();
    setup.settle().await;
    let attempts = setup.transport.attempts();
    let seconds: Vec<_> = attempts.iter().map(|(at, _)| at.duration_since(start).as_secs()).collect();
    assert_eq!(seconds, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    assert!(attempts.windows(2).all(|pair| pair[0].1 == pair[1].1), "all attempts share an id");
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_is_over_is_not_tried_any_more() {
    let setup = setup(&[Deed::Fail]);
    setup.send().await.unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    setup.clock.advance(Duration::from_secs(600));
    setup.settle().await;
    assert_eq!(setup.transport.attempts().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_good_is_not_tried_again() {
    let setup = setup(&[Deed::Refuse, Deed::Deliver]);
    setup.send().await.unwrap();
    setup.settle().await;
    assert_eq!(setup.transport.attempts().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_holds_up_nobody_who_sends_and_the_queue_is_bounded() {
    let setup = setup(&[Deed::Hang]);
    let start = Instant::now();
    for _ in 0..3 {
        setup.send().await.unwrap();
    }
    assert!(matches!(setup.send().await, Err(MailError::Full)));
    assert_eq!(start.elapsed(), Duration::ZERO);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(setup.transport.attempts().len(), 2, "no more attempts at once than may be");
}

#[tokio::test(start_paused = true)]
async fn draining_tries_once_more_at_once() {
    let setup = setup(&[Deed::Fail, Deed::Fail, Deed::Fail, Deed::Fail, Deed::Deliver]);
    setup.send().await.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let start = Instant::now();
    assert_eq!(setup.queue.drain(Duration::from_secs(5)).await, 0);
    assert_eq!((start.elapsed(), setup.transport.attempts().len()), (Duration::ZERO, 5));
    assert!(matches!(setup.send().await, Err(MailError::Full)), "nothing is taken any more");
}

#[tokio::test(start_paused = true)]
async fn draining_gives_up_what_fails_again_and_does_not_wait_for_ever() {
    let failing = setup(&[Deed::Fail]);
    failing.send().await.unwrap();
    assert_eq!(failing.queue.drain(Duration::from_secs(5)).await, 0, "it was tried, and is given up");
    let hanging = setup(&[Deed::Hang]);
    for _ in 0..2 {
        hanging.send().await.unwrap();
    }
    let start = Instant::now();
    assert_eq!(hanging.queue.drain(Duration::from_secs(5)).await, 2);
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn what_is_told_of_an_error_does_not_hold_the_address() {
    let setup = setup(&[Deed::Deliver]);
    let to = Email::parse("jane@example.com").unwrap();
    let mail = Mail::sign_in(to, SignInCode::parse("123456").unwrap(), setup.clock.now());
    let parcel = setup.queue.courier.parcel(&mail);
    let error = TransportError::Unavailable("451 <jane@example.com> later".into());
    assert_eq!(told(&error, &parcel), "the mail could not be handed over now: 451 <the address> later");
}
