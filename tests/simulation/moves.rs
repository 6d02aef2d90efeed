//! What the scheduler may do next: let a task run, let time pass, have a verifier look, ask for something, or make trouble.

use std::task::Poll;
use std::time::Duration;

use jwksd_domain::time::Timestamp;

use crate::invariant::Violation;
use crate::ports::Link;
use crate::replica::next_instant;
use crate::setting::{LATENCY, TICK};
use crate::task::{Errand, Outcome};
use crate::world::{Place, World};

impl World {
    /// One step of the schedule.
    pub(crate) fn step(&mut self) -> Result<(), Violation> {
        self.tally.count("steps");
        self.begin_what_is_due();
        match self.dice.below(100) {
            0..=59 => return self.get_on(),
            60..=67 => self.let_time_pass(),
            68..=79 => return self.look(),
            80..=91 => self.ask(),
            92..=96 => self.set_out(),
            _ => self.make_trouble(),
        }
        Ok(())
    }

    /// Processes that are to start or to stop, tickers that are to wake, a store that is to come back.
    fn begin_what_is_due(&mut self) {
        self.mend_what_is_due();
        let now = self.now();
        for number in 0..self.places.len() {
            match &mut self.places[number] {
                Place::Down(back_at) if *back_at <= now => {
                    self.places[number] = Place::Up(Box::new(self.process(number)));
                    self.begin(number, Errand::Start);
                }
                Place::Up(replica) if replica.ticks_at.is_some_and(|at| at <= now) => {
                    replica.ticks_at = None;
                    self.begin(number, Errand::Tick);
                }
                Place::Up(_) | Place::Down(_) => {}
            }
        }
    }

    /// Lets a task run to its next scheduling point; where none can, lets time pass.
    fn get_on(&mut self) -> Result<(), Violation> {
        let now = self.now();
        let ready: Vec<_> = (0..self.tasks.len()).filter(|index| self.gets_on(*index, now)).collect();
        let Some(index) = self.dice.pick(&ready) else {
            self.move_on();
            return Ok(());
        };
        let task = &mut self.tasks[index];
        (task.held_until, task.ran_at) = (None, now);
        let polled = task.poll();
        task.is_at_store = self.backstage.is_at_store();
        self.observe(index)?;
        match polled {
            Poll::Pending => Ok(()),
            Poll::Ready(outcome) => self.conclude(index, outcome),
        }
    }

    fn gets_on(&self, index: usize, now: Timestamp) -> bool {
        let task = &self.tasks[index];
        task.held_until.is_none_or(|until| until <= now) && !self.is_frozen(task.replica)
    }

    fn conclude(&mut self, index: usize, outcome: Outcome) -> Result<(), Violation> {
        let task = self.tasks.swap_remove(index);
        if task.errand != Errand::Tick || !outcome.is_settled() {
            self.note(&format!("replica {}: {:?}: {outcome}", task.replica, task.errand));
        }
        self.judge_outcome(&task, outcome)
    }

    /// Lets a little time pass, though never so much that a call would have failed or a tick be late.
    fn let_time_pass(&mut self) {
        let longest = self.dice.pick(&[10, 100, 1000]).unwrap();
        let until = self.now().plus(Duration::from_millis(self.dice.between(1, longest))).min(self.patience_ends());
        self.backstage.advance(until.since(self.now()));
    }

    /// When the first call that is under way would have failed, or the first tick be late.
    fn patience_ends(&self) -> Timestamp {
        let tasks = self.tasks.iter().filter(|task| task.held_until.is_none() && !self.is_frozen(task.replica));
        let calls = tasks.map(|task| task.ran_at.plus(LATENCY));
        calls.chain(self.events()).min().unwrap_or_else(|| self.now().plus(TICK)).max(self.now())
    }

    /// The instants at which something is to happen by itself.
    fn events(&self) -> impl Iterator<Item = Timestamp> {
        let ticks = self.places.iter().filter_map(|place| match place {
            Place::Up(replica) if replica.frozen_until.is_none() => replica.ticks_at,
            Place::Up(_) | Place::Down(_) => None,
        });
        ticks.chain(self.events_beside_ticks())
    }

    fn events_beside_ticks(&self) -> impl Iterator<Item = Timestamp> {
        let places = self.places.iter().filter_map(|place| match place {
            Place::Up(replica) => replica.frozen_until,
            Place::Down(back_at) => Some(*back_at),
        });
        let held = self.tasks.iter().filter(|task| !self.is_frozen(task.replica)).filter_map(|task| task.held_until);
        places.chain(held).chain(self.mends())
    }

    /// Where nothing is under way: lets time pass until something happens, or further on the way to where it is set out for.
    fn move_on(&mut self) {
        let now = self.now();
        let Some(target) = self.target.filter(|target| *target > now) else {
            self.target = None;
            let until = self.patience_ends();
            self.backstage.advance(until.since(now));
            return;
        };
        let skew = self.setting.skew;
        let next = next_instant(&self.ledger.ring, now.minus(skew)).map(|instant| instant.minus(skew));
        let quiet_until = self.events_beside_ticks().chain(next).min().map_or(target, |event| event.min(target));
        if quiet_until > now.plus(TICK) && self.is_quiet() {
            self.skip_quiet_ticks(quiet_until);
        }
        let until = self.events().min().map_or(target, |event| event.min(target)).max(now);
        self.backstage.advance(until.since(now));
    }

    /// Whether nobody has yet to learn of the stored ring, but for those who cannot.
    fn is_quiet(&self) -> bool {
        let places = self.places.iter().zip(&self.links);
        let is_quiet = |(place, link): (&Place, &Link)| match place {
            Place::Up(replica) => link.is_down() || replica.keyring.current().revision == self.ledger.ring.revision,
            Place::Down(_) => true,
        };
        places.into_iter().all(is_quiet)
    }

    /// Ticks at which nothing is to be done, or nothing can, are the same as none: of those until `until` only the last takes place.
    fn skip_quiet_ticks(&mut self, until: Timestamp) {
        for place in &mut self.places {
            if let Place::Up(replica) = place
                && let Some(ticks_at) = &mut replica.ticks_at
            {
                *ticks_at = until;
            }
        }
    }

    /// Sets out for a later instant: near one at which a key becomes something else, or any.
    fn set_out(&mut self) {
        let period = u64::try_from(self.setting.policy.rotation_period.as_millis()).unwrap();
        let any = self.now().plus(Duration::from_millis(self.dice.between(1, period)));
        let near = next_instant(&self.ledger.ring, self.now()).filter(|_| !self.dice.one_in(4));
        let target = near.map_or(any, |near| {
            let skew = u64::try_from(self.setting.skew.as_millis()).unwrap() + 1500;
            Timestamp::from_unix_millis(near.unix_millis() + self.dice.around_zero(skew))
        });
        self.target = Some(target);
    }
}
