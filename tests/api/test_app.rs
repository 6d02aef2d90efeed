//! The whole program over stores in memory, a clock that stands, repeating randomness and fast hashes; no sockets.
//!
//! What must hold of every answer is checked at every answer here, so that no test has to remember it: a request id, problems as
//! problems, no 5xx while everything is up, no status that the document does not have, and that a GET changes nothing (I8).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jwksd::App;
use jwksd::compose::{self, Ports, Stores};
use jwksd::config::{Config, Surroundings};
use jwksd::encryption;
use jwksd_domain::audit::StoredAuditEntry;
use jwksd_domain::client::Client;
use jwksd_domain::key::Kid;
use jwksd_domain::ports::{AuditFilter, Clock, UserChange, UserLookup};
use jwksd_domain::second_factor::SecondFactor;
use jwksd_domain::session::Session;
use jwksd_domain::time::Timestamp;
use jwksd_domain::usecase::{Editor, Trigger, UserEdit};
use jwksd_domain::user::{LoginName, User, UserState};
use jwksd_testkit::{FakeCipher, FakeMailer, FakeSigner, FakeVerifier, ManualClock, PlainHasher, SeededEntropy};
use metrics_exporter_prometheus::PrometheusHandle;
use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem::{Endpoint, EndpointExt, Response};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::breakable::{Watch, watched};
use crate::every_answer;
use crate::mailbox::mailing;
use crate::wire::{Answer, Call, Token, Tokens};

/// The encryption key of apps that need one configured.
pub(crate) const ENCRYPTION_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=";
/// What an app in the prod profile is started with.
pub(crate) const PROD: [(&str, &str); 3] =
    [("profile", "prod"), ("issuer", "https://auth.example.com"), ("encryption-key", ENCRYPTION_KEY)];

/// Who makes and checks signatures.
#[derive(Clone, Copy)]
pub(crate) enum Signatures {
    /// Fakes: fast, the same in each run.
    Fake,
    /// What the program has.
    Real,
}

/// An app that runs.
pub(crate) struct TestApp {
    app: App,
    endpoint: BoxEndpoint<'static, Response>,
    document: Value,
    /// Its clock.
    pub(crate) clock: Arc<ManualClock>,
    /// What was mailed, where that is not shown in the outbox.
    pub(crate) mailbox: Arc<FakeMailer>,
    /// Its stores, to take them down and to see what they are asked.
    pub(crate) stores: Arc<Watch>,
}

/// What an app shares with others.
pub(crate) struct Around {
    /// What is kept.
    pub(crate) stores: Stores,
    /// The time.
    pub(crate) clock: Arc<ManualClock>,
    /// Which randomness is its own.
    pub(crate) seed: u64,
}

/// What no GET may change.
#[derive(PartialEq)]
struct State {
    revision: u64,
    users: Vec<User>,
    sessions: Vec<Session>,
    factors: Vec<SecondFactor>,
    clients: Vec<Client>,
    log: Vec<StoredAuditEntry>,
}

impl TestApp {
    /// The dev profile as it comes.
    pub(crate) async fn dev() -> Self {
        Self::with(&[]).await
    }

    /// The prod profile.
    pub(crate) async fn prod() -> Self {
        Self::with(&PROD).await
    }

    /// An app with these flags.
    pub(crate) async fn with(flags: &[(&'static str, &str)]) -> Self {
        Self::signing(Signatures::Fake, flags).await
    }

    /// An app with these flags that signs like that.
    pub(crate) async fn signing(signatures: Signatures, flags: &[(&'static str, &str)]) -> Self {
        let alone = Around { stores: Stores::memory(), clock: Arc::default(), seed: 7 };
        Self::among(alone, signatures, flags).await.unwrap()
    }

    /// An app among others: over stores and by a clock that it shares with them.
    pub(crate) async fn among(
        around: Around,
        signatures: Signatures,
        flags: &[(&'static str, &str)],
    ) -> anyhow::Result<Self> {
        let (config, clock, entropy) = (config(flags), around.clock, Arc::new(SeededEntropy::new(around.seed)));
        let watch = Arc::new(Watch::default());
        let stores = watched(around.stores, &watch);
        let encryption = encryption::find(&config, &*stores.keys, &*entropy).await.unwrap();
        let fake = Arc::new(FakeSigner::new(Arc::new(FakeCipher::default()), Arc::clone(&entropy) as _));
        let (mailbox, mail) = mailing(&config, Arc::clone(&clock) as _, Arc::clone(&entropy) as _);
        let mut ports = Ports {
            stores,
            cipher: Arc::new(FakeCipher::default()),
            signer: Arc::clone(&fake) as _,
            custody: fake,
            verifier: Arc::new(FakeVerifier),
            hasher: Arc::new(PlainHasher::default()),
            limiter: compose::limiter(&config, Arc::clone(&clock) as _),
            clock: Arc::clone(&clock) as _,
            entropy: Arc::clone(&entropy) as _,
            mail,
        };
        if let Signatures::Real = signatures {
            ports.cipher = compose::cipher(&encryption, Arc::clone(&entropy) as _);
            (ports.signer, ports.custody) = compose::key_keeper(&config, &encryption, entropy);
            ports.verifier = compose::verifier();
        }
        let app = App::over(config, ports, &encryption).await?;
        let endpoint = app.endpoint().map_to_response().boxed();
        let document = Answer::of(endpoint.get_response(Call::get("/openapi.json").request()).await).await.json();
        Ok(Self { app, endpoint, document, clock, stores: watch, mailbox })
    }

    /// An app with these flags that signs for real and shows at `/metrics` what `metrics` has counted: that of this thread, where
    /// the recorder of `metrics` is the local one.
    pub(crate) async fn measured(metrics: &PrometheusHandle, flags: &[(&'static str, &str)]) -> Self {
        let app = Self::signing(Signatures::Real, flags).await;
        let (_, stopping) = tokio::sync::watch::channel(false);
        let endpoint = compose::endpoint(app.app.config(), app.app.ports(), app.app.use_cases(), metrics, stopping);
        Self { endpoint: endpoint.map_to_response().boxed(), ..app }
    }

    /// Sends a request, and checks what must hold of every answer.
    pub(crate) async fn send(&self, call: Call) -> Answer {
        let answer = self.send_while_down(call.clone()).await;
        assert!(answer.status < 500, "{} {}: {} {}", call.method, call.path, answer.status, answer.text());
        answer
    }

    /// The same where something is down, so that the answer may be a 5xx.
    pub(crate) async fn send_while_down(&self, call: Call) -> Answer {
        let (method, path) = (call.method.clone(), call.path.clone());
        let is_read = method == Method::GET || method == Method::HEAD;
        // The one GET that writes: every token that is issued is logged.
        let issues = path == "/token";
        let before = if is_read { self.state(issues).await } else { None };
        let answer = Answer::of(self.endpoint.get_response(call.request()).await).await;
        let after = if is_read { self.state(issues).await } else { None };
        assert!(before == after, "{method} {path} changed something (I8)");
        every_answer::check(&answer, &method, &path);
        self.check_status(&answer, &method, &path);
        answer
    }

    fn check_status(&self, answer: &Answer, method: &Method, path: &str) {
        let path = self.template_of(path.split('?').next().unwrap_or_default());
        let name = if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
        let responses = &self.document["paths"][path][&name]["responses"];
        // Other methods and paths have no operation: they are 404 and 405.
        let is_operation = responses.is_object() && method.as_str() != name;
        let is_documented = !responses[answer.status.to_string()].is_null();
        assert!(is_documented || !is_operation, "{method} {path}: {} is not documented", answer.status);
    }

    /// The path of the document that stands for `path`.
    fn template_of<'a>(&'a self, path: &'a str) -> &'a str {
        let fits = |template: &str| {
            let (wanted, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
            wanted.len() == given.len()
                && wanted.iter().zip(given).all(|(name, part)| name.starts_with('{') || *name == part)
        };
        let mut paths = self.document["paths"].as_object().into_iter().flat_map(|paths| paths.keys());
        let exact = paths.clone().find(|known| *known == path);
        exact.or_else(|| paths.find(|template| fits(template))).map_or(path, String::as_str)
    }

    /// A GET that succeeds.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let answer = self.send(Call::get(path)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer
    }

    /// The JWKS now.
    pub(crate) async fn jwks(&self) -> Answer {
        self.get("/.well-known/jwks.json").await
    }

    /// A login with JSON.
    pub(crate) async fn log_in(&self, username: &str, password: &str) -> Answer {
        self.send(Call::post("/auth").json(&json!({ "username": username, "password": password }))).await
    }

    /// The token of a demo user.
    pub(crate) async fn token_of(&self, username: &str, password: &str) -> String {
        self.log_in(username, password).await.token()
    }

    /// A new session.
    pub(crate) async fn open_session(&self, username: &str, password: &str) -> Tokens {
        let credentials = json!({ "username": username, "password": password });
        self.send(Call::post("/auth/login").json(&credentials)).await.tokens()
    }

    /// The token of the administrator.
    pub(crate) async fn admin(&self) -> String {
        self.token_of("admin", "password").await
    }

    /// What an administrator reads at `path`.
    pub(crate) async fn read_as_admin(&self, path: &str) -> Value {
        let answer = self.send(Call::get(path).bearer(&self.admin().await)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// The log, newest first.
    pub(crate) async fn log(&self) -> Vec<StoredAuditEntry> {
        self.app.ports().stores.audit.page(AuditFilter::default(), None, 500).await.unwrap().entries
    }

    /// Disables a user.
    pub(crate) async fn disable(&self, name: &str) {
        let users = &self.app.ports().stores.users;
        let user = users.find(UserLookup::Name(&LoginName::parse(name).unwrap())).await.unwrap().unwrap();
        users.update(user.id, &[UserChange::State(UserState::Disabled)]).await.unwrap();
    }

    /// Changes a user as the command line does.
    pub(crate) async fn edit(&self, name: &str, edit: UserEdit) {
        let name = LoginName::parse(name).unwrap();
        self.app.use_cases().change_user.run(UserLookup::Name(&name), edit, Editor::CommandLine).await.unwrap();
    }

    /// Moves the clock on.
    pub(crate) fn wait(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// What the ticker does.
    pub(crate) async fn tick(&self) {
        self.app.use_cases().rotate_keys.run(Trigger::Schedule).await.unwrap();
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The app.
    pub(crate) const fn app(&self) -> &App {
        &self.app
    }

    /// Whether the signature of a token is that of the key that it names.
    pub(crate) fn verifies(&self, token: &Token) -> bool {
        let ring = self.app.use_cases().keyring.current();
        let key = ring.find(&Kid::parse(&token.kid()).unwrap()).unwrap();
        self.app.ports().verifier.verify(&key.public, token.signed.as_bytes(), &token.signature).unwrap()
    }

    async fn state(&self, issues: bool) -> Option<State> {
        let stores = &self.app.ports().stores;
        let revision = stores.keys.load().await.ok()?.revision;
        let users = stores.users.list(None, 500).await.ok()?;
        let log = if issues { Vec::new() } else { self.log().await };
        let (mut sessions, mut factors) = (Vec::new(), Vec::new());
        for user in &users {
            sessions.extend(stores.sessions.list(user.id, self.now(), 500).await.ok()?);
            factors.extend(stores.second_factors.find(user.id).await.ok()?);
        }
        Some(State { revision, users, sessions, factors, clients: stores.clients.list(None, 500).await.ok()?, log })
    }
}

/// The configuration of an app with these flags and nothing else around it.
pub(crate) fn config(flags: &[(&'static str, &str)]) -> Config {
    let usual = [("database-url", "memory:"), ("signing-algorithm", "ES256")];
    let flags = usual.iter().chain(flags).map(|(name, text)| (*name, Zeroizing::new((*text).to_owned()))).collect();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/api");
    Config::load(flags, Surroundings { variables: Vec::new(), folder }).unwrap()
}
