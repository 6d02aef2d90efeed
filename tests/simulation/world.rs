//! The whole system in one thread: replicas, verifiers, the store, time, and a scheduler that lets the dice decide what is next.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, Waker};

use jwksd_domain::key::Kid;
use jwksd_domain::ports::UserRepository;
use jwksd_domain::time::Timestamp;
use jwksd_domain::usecase::Keyring;
use jwksd_domain::user::{LoginName, NewUser, PasswordHash, Role, Username};
use jwksd_testkit::SeededEntropy;
use zeroize::Zeroizing;

use crate::backstage::Backstage;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::invariant::Violation;
use crate::ledger::Ledger;
use crate::ports::{Kept, Link};
use crate::replica::{Parts, Replica};
use crate::setting::Setting;
use crate::tally::Tally;
use crate::task::Task;
use crate::trace::Trace;
use crate::trouble::Mend;
use crate::verifier::Verifier;

/// The user whom all tokens are for.
const USER: &str = "ada";

/// A place where a process runs, or will run again.
pub(crate) enum Place {
    /// It runs.
    Up(Box<Replica>),
    /// It is started at this instant.
    Down(Timestamp),
}

/// The system.
pub(crate) struct World {
    /// What chooses.
    pub(crate) dice: Dice,
    /// What the ports see of it.
    pub(crate) backstage: Arc<Backstage>,
    /// What the next start of a replica finds configured.
    pub(crate) setting: Setting,
    /// The processes.
    pub(crate) places: Vec<Place>,
    /// The way of each process to the store.
    pub(crate) links: Vec<Link>,
    /// What they are doing.
    pub(crate) tasks: Vec<Task>,
    /// Those who receive tokens.
    pub(crate) verifiers: Vec<Verifier>,
    /// What is remembered.
    pub(crate) ledger: Ledger,
    /// What has happened.
    pub(crate) trace: Trace,
    /// How often what has happened.
    pub(crate) tally: Tally,
    /// Where time is moving to.
    pub(crate) target: Option<Timestamp>,
    /// What ends by itself, and when.
    pub(crate) mends: Vec<(Timestamp, Mend)>,
    /// Private keys that somebody has in a file.
    pub(crate) files: BTreeMap<Kid, Zeroizing<String>>,
    /// What is wrong.
    pub(crate) fault: &'static dyn Fault,
    kept: Arc<Kept>,
    entropy: Arc<SeededEntropy>,
}

/// A schedule that broke an invariant.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The invariant, and what was found.
    pub(crate) violation: Violation,
    /// At which step.
    pub(crate) step: u64,
    /// The last events.
    pub(crate) tail: String,
    /// How it was set up.
    pub(crate) setting: Setting,
}

/// A schedule that broke none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    /// The hash of all events.
    pub(crate) hash: u64,
    /// How often what has happened.
    pub(crate) tally: Tally,
}

/// Runs the schedule of `seed` for `steps` steps.
pub(crate) fn run(seed: u64, steps: u64, fault: &'static dyn Fault) -> Result<Passed, Box<Failure>> {
    let mut world = World::new(seed, fault);
    for step in 0..steps {
        if let Err(violation) = world.step().and_then(|()| world.check()) {
            let tail = world.trace.tail();
            return Err(Box::new(Failure { violation, step, tail, setting: world.setting }));
        }
    }
    Ok(Passed { hash: world.trace.hash(), tally: world.tally })
}

impl World {
    fn new(seed: u64, fault: &'static dyn Fault) -> Self {
        let (dice, backstage) = (Dice::new(seed), Backstage::new());
        let setting = Setting::drawn(&dice);
        let now = backstage.now();
        let kept = Arc::new(Kept::default());
        add_user(&kept);
        let places: Vec<_> = (0..dice.between(1, 4)).map(|_| Place::Down(now)).collect();
        let link = |_| Link { backstage: Arc::clone(&backstage), is_cut: Arc::new(AtomicBool::new(false)) };
        let verifier = |_| Verifier::new(setting.ahead(&dice), dice.one_in(2));
        Self {
            ledger: Ledger::new(setting.clone(), now),
            trace: Trace::new(now),
            entropy: Arc::new(SeededEntropy::new(seed)),
            tally: Tally::default(),
            tasks: Vec::new(),
            target: None,
            mends: Vec::new(),
            files: BTreeMap::new(),
            links: (0..places.len()).map(link).collect(),
            verifiers: (0..dice.between(2, 4)).map(verifier).collect(),
            dice,
            backstage,
            setting,
            places,
            fault,
            kept,
        }
    }

    /// True time.
    pub(crate) fn now(&self) -> Timestamp {
        self.backstage.now()
    }

    /// Writes an event down.
    pub(crate) fn note(&mut self, event: &str) {
        self.trace.add(self.backstage.now(), event);
    }

    /// The process of that number, if it has started and does not stand still.
    pub(crate) fn serving(&self, number: usize) -> Option<&Replica> {
        match &self.places[number] {
            Place::Up(replica) if replica.serves && replica.frozen_until.is_none() => Some(replica),
            Place::Up(_) | Place::Down(_) => None,
        }
    }

    /// The number of a process that has started.
    pub(crate) fn any_serving(&self) -> Option<usize> {
        let serving: Vec<_> = (0..self.places.len()).filter(|number| self.serving(*number).is_some()).collect();
        self.dice.pick(&serving)
    }

    /// Whether that process has not reached the store for so long that what it knows need not be true.
    pub(crate) fn is_cut_off(&self, number: usize) -> bool {
        self.is_true_as_of(number) < self.now()
    }

    /// Up to when what that process knows is what the store has, give or take what replicas may lag.
    pub(crate) fn is_true_as_of(&self, number: usize) -> Timestamp {
        match &self.places[number] {
            Place::Up(replica) => replica.confirmed_at.plus(Keyring::GOOD_FOR).min(self.now()),
            Place::Down(back_at) => *back_at,
        }
    }

    /// Whether that process stands still.
    pub(crate) fn is_frozen(&self, number: usize) -> bool {
        matches!(&self.places[number], Place::Up(replica) if replica.frozen_until.is_some())
    }

    /// A process with the present setting.
    pub(crate) fn process(&self, number: usize) -> Replica {
        let parts = Parts {
            kept: &self.kept,
            link: self.links[number].clone(),
            entropy: &self.entropy,
            fault: self.fault,
            ahead: self.fault.ahead(self.setting.ahead(&self.dice)),
        };
        Replica::new(&self.setting, &self.backstage, parts)
    }
}

fn add_user(kept: &Kept) {
    let user = NewUser {
        username: Username::parse(USER).unwrap(),
        email: None,
        email_verified: false,
        password_hash: PasswordHash("hash".to_owned()),
        role: Role::Read,
        registered_at: Timestamp::from_unix_seconds(1_700_000_000),
        demo: false,
    };
    assert!(at_once(kept.users.insert(user)).is_ok(), "there is nobody yet");
}

/// What a future answers that never waits.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    match Box::pin(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("neither the memory adapter nor a fake ever waits"),
    }
}

/// The name of the user whom all tokens are for.
pub(crate) fn user() -> LoginName {
    LoginName::parse(USER).unwrap()
}
