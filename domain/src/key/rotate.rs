//! The rotation that somebody asks for: the stand-by signs at once.

use super::plan::{agreed, order, room_after, schedule, window};
use super::{KeyPolicy, KeyRing, KeySchedule, KeyState, Kid, Plan, SigningKey, plan};
use crate::time::Timestamp;

/// Whether a rotation that was asked for heeds what it would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationMode {
    /// It is refused where it would break anything.
    Careful,
    /// It is done whatever it breaks.
    Forced,
}

/// Why a rotation that was asked for would break something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotationRefused {
    /// A retired key would have to leave the JWKS while tokens that it signed may be alive.
    #[error("the JWKS holds {max_keys} keys at most: key {kid} would have to go while its tokens may be alive")]
    WouldStrandTokens {
        /// The retired key that would have to go.
        kid: Kid,
        /// The bound.
        max_keys: usize,
    },
    /// The stand-by was published so lately that a cache may not know it.
    #[error("the stand-by {kid} was published too lately: until {ready_at} a cache may not know it")]
    StandbyTooFresh {
        /// The stand-by.
        kid: Kid,
        /// From here on every cache knows it.
        ready_at: Timestamp,
    },
}

/// What a rotation asks for at `now`: the stand-by signs at once, and a new stand-by is published. Falls back to [`plan()`] where
/// there is no stand-by or no signer.
///
/// # Errors
/// In careful mode, refuses what would leave a verifier with a token it cannot verify.
pub fn plan_rotation(
    ring: &KeyRing,
    policy: &KeyPolicy,
    now: Timestamp,
    mode: RotationMode,
) -> Result<Plan, RotationRefused> {
    let now = agreed(ring, policy, now);
    let (Some(signer), Some(standby)) = (ring.signer_at(now), ring.standby_at(now)) else {
        return Ok(plan(ring, policy, now));
    };
    let ready_at = standby.schedule.published_from.plus(policy.known_after());
    let published = ring.published_at(now);
    // The first two keys were published together: whoever knows the one knows the other.
    let are_first = published.len() == 2 && standby.schedule.published_from == signer.schedule.published_from;
    if mode == RotationMode::Careful && now < ready_at && !are_first {
        return Err(RotationRefused::StandbyTooFresh { kid: standby.kid().clone(), ready_at });
    }
    let mut plan = Plan::default();
    if published.len() >= policy.max_keys {
        let oldest = published.iter().rev().find(|key| key.state_at(now) == KeyState::Retired);
        match (oldest, mode) {
            (Some(key), RotationMode::Careful) => {
                return Err(RotationRefused::WouldStrandTokens { kid: key.kid().clone(), max_keys: policy.max_keys });
            }
            (Some(key), RotationMode::Forced) => {
                plan.reschedule(key, KeySchedule { published_until: now, ..key.schedule });
            }
            (None, _) => {}
        }
    }
    let retired = window(signer, signer.schedule.signs_from, now, policy);
    let dropped = |key: &SigningKey| plan.reschedule.iter().any(|(kid, _)| kid == key.kid());
    let others = published.iter().filter(|key| key.state_at(now) == KeyState::Retired && !dropped(key));
    let ends = others.map(|key| key.schedule.published_until).chain([retired.published_until]).collect();
    let promoted_until = now.plus(policy.rotation_period).max(room_after(ends, policy).unwrap_or(now));
    plan.reschedule(signer, retired);
    plan.reschedule(standby, window(standby, now, promoted_until, policy));
    let next = schedule(now, promoted_until, policy);
    let waiting = ring.signing_keys().filter(|key| matches!(key.state_at(now), KeyState::Standby | KeyState::Pending));
    let mut waiting: Vec<_> = waiting.filter(|key| key.kid() != standby.kid()).collect();
    match waiting.iter().position(|key| key.algorithm() == policy.algorithm) {
        Some(first) => plan.reschedule(waiting.remove(first), next),
        None => plan.create.push(order(policy, next)),
    }
    // None of them has signed.
    plan.erase.extend(waiting.into_iter().map(|key| key.kid().clone()));
    Ok(plan)
}
