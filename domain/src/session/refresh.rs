//! What is to become of a refresh token that somebody presents: one pure decision.

use super::{Session, SessionPolicy};
use crate::time::Timestamp;

/// What is to become of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is spent now: the session moves on to this generation, and that token is the answer.
    Advance(u32),
    /// It was spent before, and nobody can be blamed for asking again: the token of this generation is the answer, once more.
    Repeat(u32),
    /// It was spent before and its successor has been used: somebody has a copy, and the session ends.
    Reuse,
    /// The session was ended.
    Ended,
    /// The session is over, by age or for want of use.
    Expired,
}

/// Decides about the token of generation `presented`, which `session` has recognized.
///
/// A token whose successor was never used is answered with that successor however late it comes: the answer may have been lost.
/// So is one within the grace from when it was spent: another tab may have been slower. Every later copy is a theft.
///
/// A token newer than any that the session remembers was given out by us all the same, and the memory of it lost, with the
/// machine or to a backup: it is the newest one then.
pub fn refresh(session: &Session, presented: u32, now: Timestamp, policy: &SessionPolicy) -> Decision {
    if session.end.is_some() {
        return Decision::Ended;
    }
    if !session.is_live_at(now) {
        return Decision::Expired;
    }
    let next = presented.saturating_add(1);
    if presented >= session.generation {
        return Decision::Advance(next);
    }
    let in_grace = session.spent_at(presented).is_some_and(|at| now.since(at) < policy.grace);
    if next == session.generation || in_grace { Decision::Repeat(next) } else { Decision::Reuse }
}
