//! What verifiers do: fetch the JWKS, keep it, and look at tokens with it.

use crate::invariant::{Invariant, Violation};
use crate::ledger::Held;
use crate::trace::short;
use crate::world::World;

impl World {
    /// A verifier looks at a token that somebody holds, and fetches the JWKS before where what it has is too old.
    pub(crate) fn look(&mut self) -> Result<(), Violation> {
        let index = usize::try_from(self.dice.below(self.verifiers.len() as u64)).unwrap();
        if self.verifiers[index].usable(self.now()).is_none() && !self.fetch(index)? {
            return Ok(());
        }
        let Some(token) = self.dice.pick(&self.ledger.tokens) else { return Ok(()) };
        let verifier = &self.verifiers[index];
        let its_now = self.now().unix_millis() + verifier.ahead;
        if token.over.unix_millis() <= its_now {
            return Ok(());
        }
        if verifier.is_stale(self.now()) {
            self.tally.count("used stale");
        }
        match verifier.verify(&token) {
            Some(is_right) => self.judge_verified(index, &token, is_right),
            None => self.look_again(index, &token),
        }
    }

    /// The kid is unknown: where the verifier may ask once more, it must know it then.
    fn look_again(&mut self, index: usize, token: &Held) -> Result<(), Violation> {
        let now = self.now();
        let since = self.verifiers[index].usable(now).map_or(now, |cache| cache.since);
        let may_lack = self.ledger.may_lack(&token.kid, since) || self.verifiers[index].was_cut_off();
        Invariant::TokensVerify.holds(may_lack, || {
            format!("verifier {index} does not know {}, which was published for the lead", short(&token.kid))
        })?;
        if !self.verifiers[index].asks(now) || !self.fetch(index)? {
            return Ok(());
        }
        self.tally.count("refetched");
        self.note(&format!("verifier {index}: asks for {}", short(&token.kid)));
        let may_lack = self.ledger.may_lack(&token.kid, now) || self.verifiers[index].was_cut_off();
        match self.verifiers[index].verify(token) {
            Some(is_right) => self.judge_verified(index, token, is_right),
            None => Invariant::TokensVerify.holds(may_lack, || {
                format!("verifier {index} has asked, and still does not know {}", short(&token.kid))
            }),
        }
    }

    /// A key that was taken in anew may be for another algorithm than the one that a cache knows under its kid.
    fn judge_verified(&mut self, index: usize, token: &Held, is_right: bool) -> Result<(), Violation> {
        self.tally.count("verified");
        let now = self.now();
        let since = self.verifiers[index].usable(now).map_or(now, |cache| cache.since);
        Invariant::TokensVerify.holds(is_right || self.ledger.may_lack(&token.kid, since), || {
            format!("verifier {index} refuses a signature of {}", short(&token.kid))
        })
    }

    /// Fetches the JWKS from a replica that serves; answers whether there was one.
    fn fetch(&mut self, index: usize) -> Result<bool, Violation> {
        let Some(number) = self.any_serving() else { return Ok(false) };
        let (now, replica) = (self.now(), self.serving(number).unwrap());
        let (answer, changes_in) = replica.answer();
        let answer = self.fault.answer(answer, &replica.keyring.current(), &self.setting.policy);
        let kept_for = answer.max_age + answer.stale_while_revalidate;
        Invariant::NoCachePastAChange.holds(changes_in.is_none_or(|change| kept_for <= change), || {
            format!("a cache may keep the set of replica {number} for {kept_for:?}, and it changes in {changes_in:?}")
        })?;
        let kids = Vec::from_iter(answer.keys.iter().map(|key| short(key.kid()))).join(" ");
        let event = format!("verifier {index}: fetches from replica {number} for {} s: {kids}", kept_for.as_secs());
        self.note(&event);
        let as_of = self.is_true_as_of(number);
        self.verifiers[index].keep(answer, now, as_of);
        Ok(true)
    }
}
