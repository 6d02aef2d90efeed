//! The threads that hash, and the bounded queue before them, in order of arrival.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, thread};

use argon2::Block;
use jwksd_domain::ports::HasherError;
use tokio::sync::oneshot;

use crate::params::{Argon2Params, Bounds};
use crate::worker::{self, Job};

/// What a core of ten years ago needs for one pass over one KiB; newer ones need half of it.
const PASS_OVER_KIB: Duration = Duration::from_nanos(1000);

/// Hashes on threads of its own, which end with it.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    queue: usize,
    retry_after: Duration,
}

/// What the threads and the callers share.
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Ticket, Job)>,
    next_ticket: Ticket,
    /// Threads that have nothing to do.
    idle: usize,
    closed: bool,
}

type Ticket = u64;

/// What a thread that waits for a while gets.
pub(crate) enum Next {
    Job(Job),
    Nothing,
    Closed,
}

/// A caller's place in the queue: whoever stops waiting, by dropping the future, leaves it.
struct Place<'a> {
    shared: &'a Shared,
    ticket: Ticket,
}

impl Pool {
    /// A pool for hashes that cost `params`, in so many blocks of memory.
    pub(crate) fn new(bounds: Bounds, params: Argon2Params, blocks: usize) -> io::Result<Self> {
        metrics::describe_gauge!("jwksd_hash_queue_depth", "Passwords that wait to be hashed");
        metrics::describe_gauge!("jwksd_hashes_in_flight", "Passwords that are being hashed");
        let state = Mutex::new(State { idle: bounds.concurrent.get(), ..State::default() });
        let shared = Arc::new(Shared { state, changed: Condvar::new() });
        let pool = Self { shared, queue: bounds.queue, retry_after: time_to_empty(bounds, params) };
        for number in 0..bounds.concurrent.get() {
            let shared = Arc::clone(&pool.shared);
            let thread = thread::Builder::new().name(format!("argon2-{number}"));
            thread.spawn(move || worker::work(&shared, blocks))?;
        }
        Ok(pool)
    }

    /// Has `work` done in so many blocks of memory, after all that came before.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        blocks: usize,
        work: impl FnOnce(&mut [Block]) -> T + Send + 'static,
    ) -> Result<T, HasherError> {
        let (done, worked) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            let result = work(memory.blocks(blocks));
            // Nobody may be there any more to hear it.
            Box::new(move || drop(done.send(result)))
        });
        let _place = self.enter(job)?;
        worked.await.map_err(|lost| HasherError::Unavailable(Box::new(lost)))
    }

    fn enter(&self, job: Job) -> Result<Place<'_>, HasherError> {
        let mut state = self.shared.state();
        if state.waiting.len() >= self.queue.saturating_add(state.idle) {
            return Err(HasherError::Busy { retry_after: self.retry_after });
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push_back((ticket, job));
        state.tell_depth();
        self.shared.changed.notify_one();
        Ok(Place { shared: &self.shared, ticket })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.waiting.retain(|(ticket, _)| *ticket != self.ticket);
        state.tell_depth();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job, or none when the pool is closed.
    pub(crate) fn next(&self) -> Option<Job> {
        let state = self.changed.wait_while(self.state(), |state| state.has_nothing());
        state.unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The next job, or nothing when there was none for so long.
    pub(crate) fn next_within(&self, duration: Duration) -> Next {
        let waited = self.changed.wait_timeout_while(self.state(), duration, |state| state.has_nothing());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.take() {
            Some(job) => Next::Job(job),
            None if state.closed => Next::Closed,
            None => Next::Nothing,
        }
    }

    /// A thread has done its job.
    pub(crate) fn finish(&self) {
        self.state().idle += 1;
    }
}

impl State {
    fn has_nothing(&self) -> bool {
        self.waiting.is_empty() && !self.closed
    }

    fn take(&mut self) -> Option<Job> {
        let (_, job) = self.waiting.pop_front()?;
        self.idle -= 1;
        self.tell_depth();
        Some(job)
    }

    fn tell_depth(&self) {
        let depth = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        metrics::gauge!("jwksd_hash_queue_depth").set(depth);
    }
}

/// How long a full queue takes to empty, at least a second. Reckoned from the cost, since no clock is asked here.
fn time_to_empty(bounds: Bounds, params: Argon2Params) -> Duration {
    let hash = PASS_OVER_KIB.saturating_mul(params.memory_kib).saturating_mul(params.iterations);
    let rounds = bounds.queue / bounds.concurrent + 1;
    hash.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX)).max(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::pin::{Pin, pin};
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn pool(concurrent: usize, queue: usize) -> Pool {
        let concurrent = NonZeroUsize::new(concurrent).unwrap();
        Pool::new(Bounds { concurrent, queue, stored_memory_kib: 0 }, Argon2Params::default(), 1).unwrap()
    }

    /// Work that begins and then waits until `release` is dropped, so that a thread is busy for as long as a test needs.
    struct Busy {
        begun: mpsc::Sender<()>,
        release: Arc<Mutex<mpsc::Receiver<()>>>,
    }

    fn busy() -> (Busy, mpsc::Receiver<()>, mpsc::Sender<()>) {
        let (begun, has_begun) = mpsc::channel();
        let (release, released) = mpsc::channel();
        (Busy { begun, release: Arc::new(Mutex::new(released)) }, has_begun, release)
    }

    impl Busy {
        fn work(&self) -> impl FnOnce(&mut [Block]) + Send + 'static {
            let (begun, release) = (self.begun.clone(), Arc::clone(&self.release));
            move |_| {
                begun.send(()).unwrap();
                let _released = release.lock().unwrap().recv();
            }
        }
    }

    fn poll<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn is_refused<T>(polled: Poll<Result<T, HasherError>>) -> bool {
        matches!(polled, Poll::Ready(Err(HasherError::Busy { .. })))
    }

    #[tokio::test]
    async fn refuses_whoever_finds_the_queue_full() {
        let pool = pool(2, 1);
        let (busy, has_begun, release) = busy();
        let (mut first, mut second) = (pin!(pool.run(1, busy.work())), pin!(pool.run(1, busy.work())));
        assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        let mut third = pin!(pool.run(1, |_| ()));
        assert!(poll(third.as_mut()).is_pending());
        assert!(is_refused(poll(pin!(pool.run(1, |_| ())))));
        has_begun.recv().unwrap();
        assert!(is_refused(poll(pin!(pool.run(1, |_| ())))), "a job that has begun was counted twice");
        drop(release);
        for done in [first.await, second.await, third.await] {
            done.unwrap();
        }
        pool.run(1, |_| ()).await.unwrap();
    }

    #[tokio::test]
    async fn leaving_frees_the_place() {
        let pool = pool(1, 1);
        let (busy, has_begun, release) = busy();
        let mut first = pin!(pool.run(1, busy.work()));
        assert!(poll(first.as_mut()).is_pending());
        has_begun.recv().unwrap();
        let mut leaving = Box::pin(pool.run(1, |_| panic!("nobody waits for this any more")));
        assert!(poll(leaving.as_mut()).is_pending());
        drop(leaving);
        let mut next = pin!(pool.run(1, |_| "done"));
        assert!(poll(next.as_mut()).is_pending(), "the place of the one who left is still taken");
        drop(release);
        assert_eq!(next.await.unwrap(), "done");
    }

    #[tokio::test]
    async fn serves_in_order_of_arrival() {
        let pool = pool(1, 10);
        let (busy, _has_begun, release) = busy();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut callers: Vec<Pin<Box<dyn Future<Output = Result<(), _>>>>> = vec![Box::pin(pool.run(1, busy.work()))];
        callers.extend((0..10).map(|number| {
            let order = Arc::clone(&order);
            Box::pin(pool.run(1, move |_| order.lock().unwrap().push(number))) as _
        }));
        assert!(callers.iter_mut().all(|caller| poll(caller.as_mut()).is_pending()));
        drop(release);
        for caller in callers {
            caller.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..10).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_panic_ends_the_job_and_not_the_thread() {
        let pool = pool(1, 1);
        let panicked = pool.run(1, |_| panic!("as a test does")).await;
        assert!(matches!(panicked, Err::<(), _>(HasherError::Unavailable(_))));
        pool.run(1, |_| ()).await.unwrap();
    }

    #[test]
    fn asks_to_come_back_when_the_queue_could_be_empty() {
        let bounds = |queue| Bounds { concurrent: NonZeroUsize::MIN, queue, stored_memory_kib: 0 };
        let retry_after = |queue| time_to_empty(bounds(queue), Argon2Params::default());
        assert_eq!(retry_after(0), Duration::from_secs(1));
        assert!(retry_after(1000) > Duration::from_secs(20));
    }
}
