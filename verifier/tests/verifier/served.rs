//! A server for tests, without a network: it answers what it was told to, and counts.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use jwksd_verifier::{
    Algorithm, Answer, Clock, Fetch, FetchError, Get, Policy, RemoteJwks, RemoteJwksBuilder, Source, Verifier,
};

use crate::issuer::{AUDIENCE, ISSUER, NOW};

pub(crate) const JWKS_URL: &str = "https://auth.example.com/jwks.json";

/// A clock that stands until it is moved.
#[derive(Clone)]
pub(crate) struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOW)))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.seconds())
    }
}

/// How the server is.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    /// It answers.
    Well(Answer),
    /// It cannot be reached.
    Down,
    /// It never answers.
    Silent,
    /// It panics.
    Mad,
}

/// The server. A clone is the same one.
#[derive(Clone)]
pub(crate) struct Served {
    moods: Arc<Mutex<Vec<(String, Mood)>>>,
    asked: Arc<AtomicUsize>,
    conditions: Arc<Mutex<Vec<Option<String>>>>,
}

impl Served {
    pub(crate) fn new() -> Self {
        Self { moods: Arc::default(), asked: Arc::default(), conditions: Arc::default() }
    }

    /// Serves this JWKS at [`JWKS_URL`].
    pub(crate) fn with(jwks: &str) -> Self {
        let served = Self::new();
        served.serve(jwks);
        served
    }

    pub(crate) fn serve(&self, jwks: &str) {
        self.be(JWKS_URL, Mood::Well(answer(jwks)));
    }

    pub(crate) fn be(&self, url: &str, mood: Mood) {
        let mut moods = self.moods.lock().unwrap();
        moods.retain(|(known, _)| known != url);
        moods.push((url.to_owned(), mood));
    }

    /// How often anything was asked for.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The `If-None-Match` of each request.
    pub(crate) fn conditions(&self) -> Vec<Option<String>> {
        self.conditions.lock().unwrap().clone()
    }
}

#[async_trait]
impl Fetch for Served {
    async fn get(&self, request: Get<'_>) -> Result<Answer, FetchError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.conditions.lock().unwrap().push(request.if_none_match.map(str::to_owned));
        let found = self.moods.lock().unwrap().iter().find(|(url, _)| url == request.url).map(|(_, mood)| mood.clone());
        // Others come in between, as with a real server.
        tokio::task::yield_now().await;
        match found.unwrap_or(Mood::Well(Answer { status: 404, ..Answer::default() })) {
            Mood::Well(answer) if answer.etag.is_some() && answer.etag.as_deref() == request.if_none_match => {
                Ok(Answer { status: 304, body: Vec::new(), ..answer })
            }
            Mood::Well(answer) => Ok(answer),
            Mood::Down => {
                let cause = Arc::new(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
                Err(FetchError::NoAnswer { url: request.url.to_owned(), cause })
            }
            Mood::Silent => std::future::pending().await,
            Mood::Mad => panic!("the client is broken"),
        }
    }
}

/// A JWKS that is good for five minutes.
pub(crate) fn answer(jwks: &str) -> Answer {
    let cache_control = Some("public, max-age=300".to_owned());
    Answer { status: 200, cache_control, body: jwks.as_bytes().to_vec(), ..Answer::default() }
}

pub(crate) fn remote(served: &Served, clock: &ManualClock) -> RemoteJwksBuilder {
    RemoteJwks::builder(Source::url(JWKS_URL).unwrap(), served.clone()).clock(clock.clone())
}

/// A verifier of what the server serves.
pub(crate) fn verifier(served: &Served, clock: &ManualClock) -> Verifier {
    let policy = Policy::builder(ISSUER, AUDIENCE, &Algorithm::ALL).build().unwrap();
    Verifier::new(policy, remote(served, clock).build()).with_clock(clock.clone())
}

/// Lets the tasks in the background come to their end.
pub(crate) async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}
