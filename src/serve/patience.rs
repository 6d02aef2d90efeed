//! How long a connection waits for its client: for the head of a request, between two requests, and for an answer to be taken.
//!
//! The body has a limit of its own where it is read. A stream that runs out of patience fails with `TimedOut`, upon which
//! hyper drops the connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use poem::http::Version;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// What the requests of a connection tell its stream.
pub(super) struct Activity {
    born: Instant,
    begun: AtomicU32,
    ended: AtomicU32,
    /// When the last request ended, in milliseconds after the birth of the connection.
    ended_after: AtomicU64,
    is_multiplexed: AtomicBool,
}

/// A request under way; it ends when this is dropped.
pub(super) struct Underway(Arc<Activity>);

impl Default for Activity {
    fn default() -> Self {
        Self {
            born: Instant::now(),
            begun: AtomicU32::default(),
            ended: AtomicU32::default(),
            ended_after: AtomicU64::default(),
            is_multiplexed: AtomicBool::default(),
        }
    }
}

impl Activity {
    /// A request has begun: its head has arrived.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Underway {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.is_multiplexed.store(version == Version::HTTP_2, Ordering::Relaxed);
        Underway(Arc::clone(self))
    }

    fn ended(&self) -> u32 {
        self.ended.load(Ordering::Relaxed)
    }

    /// When the last request ended.
    fn ended_at(&self) -> Instant {
        self.born + Duration::from_millis(self.ended_after.load(Ordering::Relaxed))
    }

    fn is_busy(&self) -> bool {
        self.begun.load(Ordering::Relaxed) != self.ended()
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let age = u64::try_from(self.0.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.ended_after.store(age, Ordering::Relaxed);
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// A stream that waits only so long.
pub(super) struct Patient<S> {
    stream: S,
    activity: Arc<Activity>,
    header: Duration,
    idle: Duration,
    /// How many requests had ended when the deadline was set.
    seen: u32,
    /// Whether a part of a head has arrived.
    in_head: bool,
    deadline: Instant,
    alarm: Pin<Box<Sleep>>,
    /// Runs while the client takes nothing of an answer.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    /// A stream on which the first request must arrive within `header`.
    pub(super) fn new(stream: S, activity: Arc<Activity>, header: Duration, idle: Duration) -> Self {
        let deadline = Instant::now() + header;
        let alarm = Box::pin(sleep_until(deadline));
        Self { stream, activity, header, idle, seen: 0, in_head: true, deadline, alarm, stalled: None }
    }

    /// After a request the client may rest; the timer itself is moved only where it would come too late.
    fn notice_end_of_request(&mut self) {
        let ended = self.activity.ended();
        if self.seen != ended {
            (self.seen, self.in_head) = (ended, false);
            self.deadline = self.activity.ended_at() + self.idle;
        }
    }

    /// What arrives between two requests is the head of the next one; in HTTP/2 it may be anything, so there the client rests on.
    fn notice_bytes(&mut self) {
        let is_multiplexed = self.activity.is_multiplexed.load(Ordering::Relaxed);
        if !self.in_head && !is_multiplexed && !self.activity.is_busy() {
            self.in_head = true;
            self.deadline = Instant::now() + self.header;
        }
    }

    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        if self.activity.is_busy() {
            return self.look_again(context);
        }
        if self.deadline < self.alarm.deadline() {
            self.alarm.as_mut().reset(self.deadline);
        }
        ready!(self.alarm.as_mut().poll(context));
        if Instant::now() < self.deadline {
            self.alarm.as_mut().reset(self.deadline);
            ready!(self.alarm.as_mut().poll(context));
        }
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }

    /// The stream may be polled for the last time while a request is under way, and nobody polls it when the request has ended: so
    /// the alarm is set all the same, and looks then.
    fn look_again(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let next = Instant::now() + self.idle;
        if self.alarm.deadline() > next || self.alarm.as_mut().poll(context).is_ready() {
            self.alarm.as_mut().reset(next);
            ready!(self.alarm.as_mut().poll(context));
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn watch_write<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let idle = self.idle;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(idle)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.notice_end_of_request();
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(context, buffer) {
            if buffer.filled().len() > before {
                this.notice_bytes();
            }
            return Poll::Ready(read);
        }
        this.poll_deadline(context).map(Err)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch_write(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch_write(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.watch_write(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch_write(context, shut)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const HEADER: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(75);

    /// Reads one byte and answers how long that took, or how long it took to give up.
    async fn read(stream: &mut Patient<tokio::io::DuplexStream>) -> (bool, Duration) {
        let start = Instant::now();
        let read = stream.read_u8().await;
        (read.is_ok(), start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_must_arrive_in_time_even_byte_by_byte() {
        let (ours, mut theirs) = duplex(64);
        let mut stream = Patient::new(ours, Arc::default(), HEADER, IDLE);
        theirs.write_all(b"G").await.unwrap();
        assert!(read(&mut stream).await.0);
        tokio::time::sleep(Duration::from_secs(6)).await;
        theirs.write_all(b"E").await.unwrap();
        assert!(read(&mut stream).await.0);
        let (arrived, waited) = read(&mut stream).await;
        assert!(!arrived && waited.as_secs() == 4, "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn between_requests_a_client_may_rest_longer_and_during_one_as_long_as_it_takes() {
        let (ours, mut theirs) = duplex(64);
        let activity = Arc::<Activity>::default();
        let mut stream = Patient::new(ours, Arc::clone(&activity), HEADER, IDLE);
        theirs.write_all(b"G").await.unwrap();
        assert!(read(&mut stream).await.0);
        let request = activity.begin(Version::HTTP_11);
        let during = tokio::time::timeout(Duration::from_secs(1000), read(&mut stream)).await;
        assert!(during.is_err());
        drop(request);
        let (arrived, waited) = read(&mut stream).await;
        assert!(!arrived && waited.as_secs() == 75, "{waited:?}");
    }

    /// As hyper does, which polls for the next head while it still writes the answer.
    #[tokio::test(start_paused = true)]
    async fn a_client_that_only_rests_is_given_up_though_nobody_polls_anew() {
        let (ours, _theirs) = duplex(64);
        let activity = Arc::<Activity>::default();
        let mut stream = Patient::new(ours, Arc::clone(&activity), HEADER, IDLE);
        let request = activity.begin(Version::HTTP_11);
        let reading = tokio::spawn(async move { read(&mut stream).await });
        tokio::time::sleep(Duration::from_secs(100)).await;
        drop(request);
        let ended = Instant::now();
        let (arrived, _) = reading.await.unwrap();
        assert!(!arrived && ended.elapsed().as_secs() == 75, "{:?}", ended.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_of_http_2_between_requests_begins_none() {
        let (ours, mut theirs) = duplex(64);
        let activity = Arc::<Activity>::default();
        let mut stream = Patient::new(ours, Arc::clone(&activity), HEADER, IDLE);
        drop(activity.begin(Version::HTTP_2));
        theirs.write_all(b"P").await.unwrap();
        assert!(read(&mut stream).await.0);
        let (arrived, waited) = read(&mut stream).await;
        assert!(!arrived && waited.as_secs() == 75, "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_must_be_taken() {
        let (ours, _theirs) = duplex(4);
        let mut stream = Patient::new(ours, Arc::default(), HEADER, IDLE);
        let start = Instant::now();
        let written = stream.write_all(b"an answer longer than the pipe").await;
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 75);
    }
}
