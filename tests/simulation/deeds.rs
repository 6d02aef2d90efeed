//! What a task has done to the world, as it is judged at once: a ring that was replaced, a token that was signed.

use jwksd_domain::key::{KeyRing, Kid};
use jwksd_domain::time::Timestamp;

use crate::backstage::Deed;
use crate::invariant::{Invariant, Violation};
use crate::ledger::Replacement;
use crate::trace::short;
use crate::world::World;

impl World {
    /// Looks at what the task of that index has just done.
    pub(crate) fn observe(&mut self, index: usize) -> Result<(), Violation> {
        for deed in self.backstage.take_deeds() {
            let (number, errand) = (self.tasks[index].replica, self.tasks[index].errand);
            match deed {
                Deed::Stored { before, after } => {
                    self.tasks[index].stored += 1;
                    self.tally.count("stored");
                    self.note(&format!("replica {number}: {errand:?} stores {}", told(&after, self.now())));
                    let (now, cause) = (self.now(), errand.cause());
                    self.ledger.stored(&Replacement { before, after, cause }, now)?;
                    self.judge_sealing()?;
                }
                Deed::Conflicted => {
                    self.tally.count("conflicts");
                    self.note(&format!("replica {number}: {errand:?} comes too late"));
                }
                Deed::Appended(entry) => self.tasks[index].logged.push(*entry),
                Deed::Signed { kid, over } => self.judge_signing(number, &kid, over)?,
            }
        }
        Ok(())
    }

    /// A token is signed that is over at `over`.
    fn judge_signing(&mut self, number: usize, kid: &Kid, over: Timestamp) -> Result<(), Violation> {
        let now = self.now();
        if self.ledger.is_over(over, now) {
            return Ok(());
        }
        self.note(&format!("replica {number}: signs with {}", short(kid)));
        let mut is_cold = false;
        for (index, verifier) in self.verifiers.iter().enumerate() {
            let Some(cache) = verifier.usable(now) else { continue };
            let is_known = cache.find(kid).is_some();
            is_cold |= !is_known;
            Invariant::KnownBeforeItSigns.holds(is_known || self.ledger.may_lack(kid, cache.since), || {
                format!("replica {number} signs with {}, which verifier {index} does not know", short(kid))
            })?;
        }
        if is_cold {
            self.tally.count("signed cold");
        }
        Ok(())
    }
}

/// A ring in words.
fn told(ring: &KeyRing, now: Timestamp) -> String {
    let clock = |at: Timestamp| at.to_string()[11..19].to_owned();
    let keys = ring.keys.iter().map(|key| {
        let (from, until) = (clock(key.schedule.signs_from), clock(key.schedule.signs_until));
        format!("{} {} {} {from}-{until}", key.state_at(now).as_str(), key.algorithm(), short(key.kid()))
    });
    format!("revision {}: {}", ring.revision, Vec::from_iter(keys).join(", "))
}
