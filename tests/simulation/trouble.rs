//! What goes wrong, and what operators do: crashes, stores that are down, restarts with another configuration, long sleeps.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jwksd_domain::time::Timestamp;

use crate::setting::Setting;
use crate::task::Errand;
use crate::world::{Place, World};

/// How long the whole system sleeps at most, in seconds.
const LONGEST_SLEEP: u64 = 40 * 24 * 3600;

/// Something that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mend {
    /// The store comes back.
    Store,
    /// The way of one process to the store is whole again.
    Link(usize),
    /// A process is stopped, to be started with the present setting.
    Restart(usize),
}

impl World {
    /// Makes trouble.
    pub(crate) fn make_trouble(&mut self) {
        match self.dice.below(60) {
            0..=9 => self.hold(),
            10..=14 => self.drop_errand(),
            15..=20 => {
                let pause = Duration::from_millis(self.dice.below(10_000));
                self.kill(self.any_number(), pause);
            }
            21..=22 => self.freeze(),
            23..=24 => self.cut(),
            25..=26 => self.break_store(),
            27..=28 => self.configure_anew(),
            29 => self.change_encryption_key(),
            30 if self.dice.one_in(2) => self.sleep(),
            _ => {}
        }
    }

    fn any_number(&self) -> usize {
        usize::try_from(self.dice.below(self.places.len() as u64)).unwrap()
    }

    /// When something ends by itself.
    pub(crate) fn mends(&self) -> impl Iterator<Item = Timestamp> {
        self.mends.iter().map(|(at, _)| *at)
    }

    /// Ends what is to end by now.
    pub(crate) fn mend_what_is_due(&mut self) {
        let now = self.now();
        if self.is_anything_cut() {
            self.ledger.up_since = now;
        }
        let due: Vec<_> = self.mends.iter().filter(|(at, _)| *at <= now).map(|(_, mend)| *mend).collect();
        self.mends.retain(|(at, _)| *at > now);
        for mend in due {
            match mend {
                Mend::Store => self.backstage.set_down(false),
                Mend::Link(number) => self.links[number].is_cut.store(false, Ordering::Relaxed),
                Mend::Restart(number) => self.kill(number, Duration::from_millis(500)),
            }
            self.note(&format!("{mend:?} is due"));
        }
        for place in &mut self.places {
            if let Place::Up(replica) = place {
                replica.frozen_until = replica.frozen_until.filter(|until| *until > now);
            }
        }
    }

    /// Whether the store is down for anybody.
    pub(crate) fn is_anything_cut(&self) -> bool {
        self.links.iter().any(|link| link.is_down())
    }

    /// A task does not get on for a while: a call that replaces the ring for no longer than it may take, anything else for long.
    fn hold(&mut self) {
        let index = usize::try_from(self.dice.below(self.tasks.len().max(1) as u64)).unwrap();
        let longest = self.dice.pick(&[500, 5000, 200_000]).unwrap();
        let (now, millis) = (self.now(), self.dice.between(1, longest));
        let free = |task: &&mut crate::task::Task| task.held_until.is_none() && !task.is_at_store;
        let Some(task) = self.tasks.get_mut(index).filter(free) else { return };
        task.held_until = Some(now.plus(Duration::from_millis(millis)));
        let event = format!("replica {}: {:?} does not get on for {millis} ms", task.replica, task.errand);
        self.tally.count("held");
        self.note(&event);
    }

    /// Somebody does not wait for the answer: the errand is dropped at its scheduling point.
    fn drop_errand(&mut self) {
        let index = usize::try_from(self.dice.below(self.tasks.len().max(1) as u64)).unwrap();
        if self.tasks.get(index).is_some_and(|task| !matches!(task.errand, Errand::Start | Errand::Tick)) {
            let task = self.tasks.swap_remove(index);
            self.tally.count("dropped");
            self.note(&format!("replica {}: {:?} is dropped", task.replica, task.errand));
        }
    }

    /// A process dies at the scheduling points of all that it does, and is started again after a pause.
    pub(crate) fn kill(&mut self, number: usize, pause: Duration) {
        if let Place::Up(_) = self.places[number] {
            self.tasks.retain(|task| task.replica != number);
            self.places[number] = Place::Down(self.now().plus(pause));
            self.tally.count("killed");
            self.note(&format!("replica {number}: dies"));
        }
    }

    /// A whole process stands still, as a machine does that is suspended, and goes on as if nothing had happened.
    fn freeze(&mut self) {
        let number = self.any_number();
        let (now, millis) = (self.now(), self.dice.between(1, 400_000));
        let is_in_store = self.tasks.iter().any(|task| task.replica == number && task.is_at_store);
        if let Place::Up(replica) = &mut self.places[number]
            && !is_in_store
        {
            replica.frozen_until = Some(now.plus(Duration::from_millis(millis)));
            self.tally.count("frozen");
            self.note(&format!("replica {number}: stands still for {millis} ms"));
        }
    }

    /// One process does not reach the store.
    fn cut(&mut self) {
        let (number, millis) = (self.any_number(), self.dice.between(1, 200_000));
        if !self.links[number].is_cut.swap(true, Ordering::Relaxed) {
            self.mends.push((self.now().plus(Duration::from_millis(millis)), Mend::Link(number)));
            self.tally.count("cut off");
            self.note(&format!("replica {number}: is cut off from the store for {millis} ms"));
        }
    }

    fn break_store(&mut self) {
        if !self.backstage.is_down() {
            let millis = self.dice.between(1, 60_000);
            self.mends.push((self.now().plus(Duration::from_millis(millis)), Mend::Store));
            self.backstage.set_down(true);
            self.tally.count("outages");
            self.note(&format!("the store is down for {millis} ms"));
        }
    }

    /// Another algorithm or another life of tokens, by a rolling restart.
    fn configure_anew(&mut self) {
        if self.dice.one_in(2) {
            self.setting.policy.algorithm = Setting::algorithm(&self.dice);
        } else {
            let longest = self.setting.longest_token_life();
            self.setting.policy.token_life = Duration::from_secs(self.dice.between(1, longest.as_secs()));
        }
        let (algorithm, life) = (self.setting.policy.algorithm, self.setting.policy.token_life);
        self.tally.count("configured");
        self.note(&format!("configured: {algorithm}, tokens for {} s", life.as_secs()));
        self.restart_one_by_one();
    }

    /// A new encryption key beside the old one; or, where everything is sealed with the new one, the old one is dropped.
    fn change_encryption_key(&mut self) {
        if self.setting.previous.is_empty() {
            self.setting.previous = vec![self.setting.current];
            self.setting.current = self.setting.current.wrapping_add(1);
            self.note("a new encryption key is configured beside the old one");
        } else if self.ledger.is_rewrapped {
            self.setting.previous.clear();
            self.tally.count("encryption keys dropped");
            self.note("the old encryption key is dropped");
        } else {
            return;
        }
        self.ledger.is_rewrapped = false;
        self.restart_one_by_one();
    }

    fn restart_one_by_one(&mut self) {
        let mut at = self.now();
        for number in 0..self.places.len() {
            at = at.plus(Duration::from_millis(self.dice.below(20_000)));
            self.mends.push((at, Mend::Restart(number)));
        }
    }

    /// Whether every process that runs was started with the present setting.
    pub(crate) fn is_rolled_out(&self) -> bool {
        let is_due = self.mends.iter().any(|(_, mend)| matches!(mend, Mend::Restart(_)));
        let is_present = |place: &Place| match place {
            Place::Up(replica) => replica.setting == self.setting,
            Place::Down(_) => true,
        };
        !is_due && self.places.iter().all(is_present)
    }

    /// Everything is off for long.
    fn sleep(&mut self) {
        let longest = self.dice.pick(&[120, 3600, LONGEST_SLEEP]).unwrap();
        let seconds = self.dice.between(1, longest);
        for number in 0..self.places.len() {
            self.kill(number, Duration::from_secs(seconds) + Duration::from_millis(self.dice.below(5000)));
        }
        self.tally.count("sleeps");
        self.note(&format!("everything is off for {seconds} s"));
        self.backstage.advance(Duration::from_secs(seconds));
    }
}
