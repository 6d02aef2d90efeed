//! Where the invariants are looked at: at every deed, at every outcome, and after every step.

use std::time::Duration;

use jwksd_domain::audit::Event;
use jwksd_domain::key::{EncryptionKeyId, Kid, RotationMode};
use jwksd_domain::ports::Clock;
use jwksd_domain::time::Timestamp;
use jwksd_domain::token::{TokenFault, Unverified};
use jwksd_domain::usecase::{AuthenticateError, Caller, IssuedToken, Rewrapped, RotateError, Rotation};

use crate::invariant::{Invariant, Violation};
use crate::ledger::Held;
use crate::task::{Errand, Outcome, Task};
use crate::trace::short;
use crate::world::{Place, World};

impl World {
    /// Looks at what came of an errand.
    pub(crate) fn judge_outcome(&mut self, task: &Task, outcome: Outcome) -> Result<(), Violation> {
        let judged = match outcome {
            Outcome::Started(started) => self.judge_start(task, started.is_ok()),
            Outcome::Rotated(Ok(rotation)) => self.judge_rotation(task, &rotation),
            Outcome::Issued(Ok(token)) => self.judge_issued(task, token),
            Outcome::Authenticated(asked) => self.judge_caller(task, &asked.0, asked.1),
            Outcome::CleanedUp(Ok(count)) => self.judge_done(task, Event::KeysCleanedUp, count > 0),
            Outcome::Revoked(Ok(revoked)) => self.judge_done(task, Event::KeyRevoked, !revoked.already),
            Outcome::Imported(Ok(_)) => self.judge_done(task, Event::KeyImported, true),
            Outcome::Rewrapped(Ok(report)) => self.judge_rewrapped(task, &report),
            Outcome::Rotated(Err(RotateError::Refused(_))) => {
                self.tally.count("refused");
                Ok(())
            }
            Outcome::Rotated(Err(RotateError::Unavailable(_)))
            | Outcome::Issued(Err(_))
            | Outcome::CleanedUp(Err(_))
            | Outcome::Revoked(Err(_))
            | Outcome::Imported(Err(_))
            | Outcome::Rewrapped(Err(_)) => Ok(()),
        };
        if task.errand == Errand::Tick {
            self.sleep_until_the_next_tick(task.replica);
        }
        judged
    }

    fn judge_start(&mut self, task: &Task, is_up: bool) -> Result<(), Violation> {
        let (now, pause) = (self.now(), Duration::from_secs(self.dice.between(1, 20)));
        match &mut self.places[task.replica] {
            Place::Up(replica) if is_up => {
                (replica.serves, replica.ticks_at, replica.confirmed_at) = (true, Some(now), task.asked_at);
            }
            Place::Up(_) | Place::Down(_) => self.kill(task.replica, pause),
        }
        Ok(())
    }

    fn sleep_until_the_next_tick(&mut self, number: usize) {
        let (now, share) = (self.now(), self.dice.between(50, 100));
        if let Place::Up(replica) = &mut self.places[number] {
            let millis = u64::try_from(replica.pause().as_millis()).unwrap() * share / 100;
            replica.ticks_at = Some(now.plus(Duration::from_millis(millis)));
        }
    }

    /// What is answered as done is logged, and stored where there was something to do.
    fn judge_done(&mut self, task: &Task, event: Event, is_stored: bool) -> Result<(), Violation> {
        let is_logged = task.logged.iter().any(|entry| entry.event == event);
        self.tally.count(event.as_str());
        Invariant::DoneIsStored.holds(is_logged && (!is_stored || task.stored > 0), || {
            format!("{event:?} was answered: logged {is_logged}, stored {} times", task.stored)
        })
    }

    fn judge_rotation(&mut self, task: &Task, rotation: &Rotation) -> Result<(), Violation> {
        if let Rotation::Done(_) = rotation {
            self.tally.count(match task.errand {
                Errand::Rotate(RotationMode::Forced) => "forced",
                Errand::Rotate(RotationMode::Careful) => "rotated",
                _ => "on schedule",
            });
            self.judge_done(task, Event::KeysRotated, true)?;
        }
        let (revision, is_instant) = (self.ledger.ring.revision, task.asked_at == self.now());
        let Place::Up(replica) = &mut self.places[task.replica] else { return Ok(()) };
        replica.confirmed_at = task.asked_at;
        let (ring, at) = (replica.keyring.current(), replica.clock.now());
        let is_settled = is_instant && ring.revision == revision;
        let signs = ring.signer_at(at).is_some();
        Invariant::OneSigner
            .holds(!is_settled || signs, || format!("replica {}: nothing signs after {:?}", task.replica, task.errand))
    }

    fn judge_issued(&mut self, task: &Task, issued: IssuedToken) -> Result<(), Violation> {
        let is_logged = task.logged.iter().any(|entry| entry.jti.as_ref() == Some(&issued.jti));
        Invariant::DoneIsStored.holds(is_logged, || format!("a token of {} was not logged", short(&issued.kid)))?;
        let parsed = Unverified::parse(&issued.token).unwrap();
        let held = Held {
            kid: issued.kid,
            signing_input: parsed.signing_input.to_owned(),
            over: Timestamp::from_unix_seconds(parsed.claims().unwrap().life().1),
            signature: parsed.signature,
            text: issued.token.clone(),
        };
        self.tally.count("tokens");
        let now = self.now();
        self.ledger.forget(now);
        if self.ledger.is_over(held.over, now) {
            return Ok(());
        }
        self.ledger.judge_token(&held, &self.ledger.ring)?;
        self.ledger.tokens.push(held);
        Ok(())
    }

    /// A replica knows the tokens of the others. It may think that a token is over, or not yet valid, where clocks differ.
    fn judge_caller(
        &mut self,
        task: &Task,
        token: &Held,
        caller: Result<Caller, AuthenticateError>,
    ) -> Result<(), Violation> {
        let now = self.now();
        let fault = match caller {
            Ok(_) => {
                self.tally.count("authenticated");
                return Ok(());
            }
            Err(AuthenticateError::Unavailable(_)) => return Ok(()),
            Err(AuthenticateError::Invalid(fault)) => fault,
            // No token of a simulation is a client's.
            Err(AuthenticateError::NotAUser) => TokenFault::WrongType,
        };
        let is_explained = match fault {
            TokenFault::Expired => token.over <= now.plus(self.setting.skew),
            TokenFault::NotYetValid => true,
            TokenFault::UnknownKey if self.is_cut_off(task.replica) => true,
            // A key that was taken in anew may be for another algorithm than before.
            TokenFault::UnknownKey | TokenFault::WrongAlgorithm => {
                self.ledger.is_over(token.over, now) || self.ledger.may_lack(&token.kid, now)
            }
            _ => false,
        };
        Invariant::TokensVerify.holds(is_explained, || {
            format!("replica {} refuses a token of {}: {fault}", task.replica, short(&token.kid))
        })
    }

    fn judge_rewrapped(&mut self, task: &Task, report: &Rewrapped) -> Result<(), Violation> {
        if report.is_done {
            self.judge_done(task, Event::KeysRewrapped, true)?;
        }
        if !self.setting.previous.is_empty() && report.unopened.is_empty() && self.is_rolled_out() {
            self.ledger.is_rewrapped = true;
        }
        self.judge_sealing()
    }

    /// Once everything is sealed anew, it stays so.
    pub(crate) fn judge_sealing(&self) -> Result<(), Violation> {
        let is_wanted = self.ledger.is_rewrapped || (self.setting.previous.is_empty() && self.is_rolled_out());
        let id = EncryptionKeyId::of(&[self.setting.current; 32]);
        let other = self.ledger.ring.keys.iter().find(|key| is_wanted && key.private.sealed_by != id);
        Invariant::OpensWithTheNewKey
            .holds(other.is_none(), || format!("{} is sealed with an earlier key", short(other.unwrap().kid())))
    }

    /// Looks at every cache, and at what every replica would answer.
    pub(crate) fn check(&self) -> Result<(), Violation> {
        let now = self.now();
        let live: Vec<_> = self.ledger.tokens.iter().filter(|token| !self.ledger.is_over(token.over, now)).collect();
        for number in 0..self.places.len() {
            let Some(replica) = self.serving(number) else { continue };
            let set = replica.published();
            let (count, most) = (set.keys.len(), replica.setting.policy.max_keys);
            Invariant::Bounded.holds(count <= most, || format!("replica {number} publishes {count} keys of {most}"))?;
            if !self.is_cut_off(number) {
                let has = |kid: &Kid| set.keys.iter().any(|key| key.kid() == kid);
                self.check_keys(&live, now, &has, &|| format!("replica {number}"))?;
            }
        }
        for (index, verifier) in self.verifiers.iter().enumerate() {
            let Some(cache) = verifier.usable(now) else { continue };
            self.check_keys(&live, cache.since, &|kid| cache.find(kid).is_some(), &|| format!("verifier {index}"))?;
        }
        Ok(())
    }

    /// Looks at the keys that somebody has, as they were at the instant `since`.
    fn check_keys(
        &self,
        live: &[&Held],
        since: Timestamp,
        has: &dyn Fn(&Kid) -> bool,
        who: &dyn Fn() -> String,
    ) -> Result<(), Violation> {
        for token in live {
            let kid = &token.kid;
            Invariant::TokensVerify.holds(has(kid) || self.ledger.may_lack(kid, since), || {
                format!("{} does not know {}, whose tokens live until {}", who(), short(kid), token.over)
            })?;
        }
        for kid in self.ledger.revoked_kids() {
            Invariant::RevokedStaysAway.holds(!has(kid) || self.ledger.may_have(kid, since), || {
                format!("{} still has {}, which was revoked", who(), short(kid))
            })?;
        }
        Ok(())
    }
}
