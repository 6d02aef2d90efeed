//! One process of jwksd: the real use cases over the simulated ports.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jwksd_domain::key::{KeyRing, PublishedSet};
use jwksd_domain::ports::{AuditLog, Clock, KeyCustody, KeyRepository, SealedSecrets, Signer};
use jwksd_domain::time::Timestamp;
use jwksd_domain::token::TokenPolicy;
use jwksd_domain::usecase::{
    AuthenticateToken, AuthenticateTokenParts, ChangeRing, CleanUpKeys, ImportKey, IssueToken, IssueTokenParts,
    Keyring, MintToken, OpenKeys, PublishKeys, ResealSecrets, RevokeKey, RewrapKeys, RotateKeys, StatusEntries,
};
use jwksd_domain::user::DemoUsers;
use jwksd_memory::{MemoryClientRepository, MemoryRevocationList, MemorySessionRepository, MemoryStatusLists};
use jwksd_testkit::{FakeCipher, FakeSigner, FakeVerifier, SeededEntropy};

use crate::backstage::{Backstage, SkewedClock};
use crate::fault::Fault;
use crate::ports::{Kept, Link, SharedStore, SlowCipher, SlowSigner};
use crate::setting::{Setting, TICK};
use crate::verifier::Answer;

/// What a process is made of.
pub(crate) struct Parts<'a> {
    /// What the one store keeps.
    pub(crate) kept: &'a Arc<Kept>,
    /// Its way to the store.
    pub(crate) link: Link,
    /// The randomness of the system.
    pub(crate) entropy: &'a Arc<SeededEntropy>,
    /// What is wrong with it.
    pub(crate) fault: &'a dyn Fault,
    /// Its clock, in milliseconds ahead of true time.
    pub(crate) ahead: i64,
}

/// One process.
pub(crate) struct Replica {
    /// What it does.
    pub(crate) does: UseCases,
    /// The keys as it knows them.
    pub(crate) keyring: Arc<Keyring>,
    /// Its clock.
    pub(crate) clock: Arc<SkewedClock>,
    /// What it was started with.
    pub(crate) setting: Setting,
    /// Whether it has started.
    pub(crate) serves: bool,
    /// When the ticker wakes, in true time; `None` while it works.
    pub(crate) ticks_at: Option<Timestamp>,
    /// When the last tick that has reached the store began, in true time.
    pub(crate) confirmed_at: Timestamp,
    /// Until when the process stands still.
    pub(crate) frozen_until: Option<Timestamp>,
    publish_keys: PublishKeys,
    rendering: Mutex<Option<Rendering>>,
}

/// What a process does when it is asked.
pub(crate) struct UseCases {
    /// Opens the keys at start.
    pub(crate) open_keys: Arc<OpenKeys>,
    /// Rotates the keys.
    pub(crate) rotate_keys: Arc<RotateKeys>,
    /// Erases expired keys.
    pub(crate) clean_up_keys: Arc<CleanUpKeys>,
    /// Revokes keys.
    pub(crate) revoke_key: Arc<RevokeKey>,
    /// Takes keys in.
    pub(crate) import_key: Arc<ImportKey>,
    /// Seals keys anew.
    pub(crate) rewrap_keys: Arc<RewrapKeys>,
    /// Issues tokens, and logs them.
    pub(crate) mint_token: Arc<MintToken>,
    /// Verifies tokens.
    pub(crate) authenticate_token: Arc<AuthenticateToken>,
}

/// A published set as it is kept in memory, by the same rule as that of the HTTP adapter.
struct Rendering {
    generation: u64,
    from: Timestamp,
    set: Arc<PublishedSet>,
}

impl Replica {
    /// A process that is about to start.
    pub(crate) fn new(setting: &Setting, backstage: &Arc<Backstage>, parts: Parts<'_>) -> Self {
        let store: Arc<dyn KeyRepository> = Arc::new(shared_store(&parts));
        let keys = parts.fault.keys(Arc::clone(&store), Use::Everything).unwrap_or_else(|| Arc::clone(&store));
        let keyring = Arc::new(Keyring::new(keys));
        let clock = Arc::new(SkewedClock::new(Arc::clone(backstage), parts.ahead));
        Self {
            publish_keys: PublishKeys::new(Arc::clone(&keyring), Arc::clone(&clock) as _, setting.policy.clone()),
            does: use_cases(setting, backstage, &parts, &store, (&keyring, &clock)),
            setting: setting.clone(),
            rendering: Mutex::default(),
            serves: false,
            ticks_at: None,
            frozen_until: None,
            confirmed_at: backstage.now(),
            keyring,
            clock,
        }
    }

    /// The JWKS now, from memory where it is still true.
    pub(crate) fn published(&self) -> Arc<PublishedSet> {
        let (generation, now) = (self.publish_keys.generation(), self.publish_keys.now());
        let mut rendering = self.rendering.lock().unwrap();
        let known = rendering.as_ref().filter(|known| known.is_true_at(now, generation));
        if let Some(known) = known {
            return Arc::clone(&known.set);
        }
        let set = Arc::new(self.publish_keys.run());
        *rendering = Some(Rendering { generation, from: now, set: Arc::clone(&set) });
        set
    }

    /// The answer to a GET of the JWKS, and how long its set is true.
    pub(crate) fn answer(&self) -> (Answer, Option<Duration>) {
        let (set, now) = (self.published(), self.publish_keys.now());
        let freshness = self.publish_keys.freshness(&set, now);
        let answer = Answer {
            keys: set.keys.clone(),
            max_age: freshness.max_age,
            stale_while_revalidate: freshness.stale_while_revalidate,
        };
        (answer, set.until.map(|until| until.since(now)))
    }

    /// How long the ticker sleeps: as in `src/serve/ticker.rs`.
    pub(crate) fn pause(&self) -> Duration {
        let (ring, now) = (self.keyring.current(), self.clock.now());
        next_instant(&ring, now).map_or(TICK, |next| next.since(now)).clamp(TICK / 10, TICK)
    }
}

impl Rendering {
    fn is_true_at(&self, now: Timestamp, generation: u64) -> bool {
        self.generation == generation && self.from <= now && self.set.until.is_none_or(|until| now < until)
    }
}

/// What a part of a replica uses the ring for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Whatever it does, but for what is named below.
    Everything,
    /// Erasing expired keys.
    CleaningUp,
    /// Revoking keys.
    Revoking,
    /// Taking keys in.
    Importing,
    /// Sealing keys anew.
    Rewrapping,
}

/// The next instant at which a key that is not revoked becomes something else.
pub(crate) fn next_instant(ring: &KeyRing, now: Timestamp) -> Option<Timestamp> {
    let schedules = ring.keys.iter().filter(|key| key.revocation.is_none()).map(|key| key.schedule);
    let instants = schedules.flat_map(|s| [s.published_from, s.signs_from, s.signs_until, s.published_until]);
    instants.filter(|instant| *instant > now).min()
}

fn shared_store(parts: &Parts<'_>) -> SharedStore {
    SharedStore::new(Arc::clone(parts.kept), parts.link.clone())
}

fn use_cases(
    setting: &Setting,
    backstage: &Arc<Backstage>,
    parts: &Parts<'_>,
    store: &Arc<dyn KeyRepository>,
    (keyring, clock): (&Arc<Keyring>, &Arc<SkewedClock>),
) -> UseCases {
    let Parts { kept, entropy, fault, .. } = parts;
    let time = || Arc::clone(clock) as Arc<dyn Clock>;
    let cipher = Arc::new(SlowCipher(FakeCipher::new(setting.current, &setting.previous)));
    let sealed: Arc<dyn SealedSecrets> = fault.secrets(Arc::new(shared_store(parts)), Arc::clone(store));
    let secrets = Arc::new(ResealSecrets::new(sealed, Arc::clone(&cipher) as _));
    let software = Arc::new(SlowSigner::new(FakeSigner::new(cipher, Arc::clone(entropy) as _), Arc::clone(backstage)));
    let (signer, custody): (Arc<dyn Signer>, Arc<dyn KeyCustody>) = (software.clone(), software);
    let audit: Arc<dyn AuditLog> = fault.audit(Arc::new(shared_store(parts)));
    let log = || Arc::clone(&audit);
    let ring = |purpose| match fault.keys(Arc::clone(store), purpose) {
        Some(keys) => Arc::new(Keyring::new(keys)),
        None => Arc::clone(keyring),
    };
    let usual = Arc::new(ChangeRing::new(Arc::clone(keyring), Arc::clone(&signer), time()));
    let change = |purpose| match fault.keys(Arc::clone(store), purpose) {
        Some(keys) => Arc::new(ChangeRing::new(Arc::new(Keyring::new(keys)), Arc::clone(&signer), time())),
        None => Arc::clone(&usual),
    };
    let planned = || fault.policy(&setting.policy);
    let rotate_keys = Arc::new(RotateKeys::new(Arc::clone(&usual), log(), planned()));
    let policy = token_policy(fault.token_life(&setting.policy), setting.policy.clock_skew);
    // No status list of a simulation is ever asked for.
    let entries = StatusEntries::new(Arc::new(MemoryStatusLists::default()), Arc::clone(entropy) as _);
    let issuing = IssueTokenParts {
        keyring: Arc::clone(keyring),
        rotate: Arc::clone(&rotate_keys),
        signer: Arc::clone(&signer),
        entries: Arc::new(entries),
        entropy: Arc::clone(entropy) as _,
        clock: time(),
    };
    let tokens = Arc::new(IssueToken::new(issuing, policy.clone()));
    let known = AuthenticateTokenParts {
        keyring: Arc::clone(keyring),
        verifier: Arc::new(FakeVerifier),
        users: Arc::clone(&kept.users) as _,
        // No token of a simulation is of a session or of a client, and none is called back.
        sessions: Arc::new(MemorySessionRepository::default()),
        clients: Arc::new(MemoryClientRepository::default()),
        revocations: Arc::new(MemoryRevocationList::default()),
        clock: time(),
    };
    let users = Arc::clone(&kept.users) as _;
    UseCases {
        open_keys: Arc::new(OpenKeys::new(Arc::clone(keyring), signer.clone(), time())),
        clean_up_keys: Arc::new(CleanUpKeys::new(change(Use::CleaningUp), log(), time())),
        revoke_key: Arc::new(RevokeKey::new(change(Use::Revoking), log(), planned())),
        import_key: Arc::new(ImportKey::new(
            change(Use::Importing),
            Arc::clone(&custody),
            log(),
            planned(),
            DemoUsers::Admitted,
        )),
        rewrap_keys: Arc::new(RewrapKeys::new(ring(Use::Rewrapping), custody, secrets, log(), time())),
        mint_token: Arc::new(MintToken::new(users, audit, tokens, time(), DemoUsers::Refused)),
        authenticate_token: Arc::new(AuthenticateToken::new(known, policy, DemoUsers::Refused)),
        rotate_keys,
    }
}

fn token_policy(life: Duration, clock_skew: Duration) -> TokenPolicy {
    let issuer = "https://auth.example.com".to_owned();
    TokenPolicy { audience: issuer.clone(), status_lists: format!("{issuer}/status-lists"), issuer, life, clock_skew }
}
