//! Taking in a key that was made elsewhere.

use super::plan::{agreed, may_sign_already};
use super::{KeyOrder, KeyPolicy, KeyPurpose, KeyRing, KeyState, Kid, Plan, PublicJwk, SigningKey, plan};
use crate::time::Timestamp;

/// Why a key was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefused {
    /// It is in the ring already.
    #[error("key {0} is in the ring already")]
    Known(Kid),
    /// It was revoked once, and never comes back.
    #[error("key {0} was revoked and never comes back")]
    Revoked(Kid),
    /// Everybody can read its private half.
    #[error("key {0} is the example of the documentation: everybody can read its private half")]
    KnownToAll(Kid),
}

/// What taking `public` in at `now` asks for: it is the stand-by from now on, in the place of the present one, which never
/// signed; it signs when every cache knows it. The key is for the policy's algorithm, and the last order of the plan is for it.
///
/// # Errors
/// Refuses what the ring has, and what was revoked once.
pub fn plan_import(
    ring: &KeyRing,
    policy: &KeyPolicy,
    now: Timestamp,
    public: &PublicJwk,
) -> Result<Plan, ImportRefused> {
    let kid = public.kid();
    if ring.revoked.contains(kid) {
        return Err(ImportRefused::Revoked(kid.clone()));
    }
    if ring.find(kid).is_some() {
        return Err(ImportRefused::Known(kid.clone()));
    }
    let now = agreed(ring, policy, now);
    // One that may sign already stays: the key that is taken in comes after it, and is published when it signs.
    let is_replaced = |key: &&SigningKey| {
        matches!(key.state_at(now), KeyState::Standby | KeyState::Pending) && !may_sign_already(key, policy, now)
    };
    let replaced: Vec<_> = match ring.signer_at(now) {
        Some(_) => ring.signing_keys().filter(is_replaced).collect(),
        None => Vec::new(),
    };
    let replaced: Vec<_> = replaced.into_iter().map(|key| key.kid().clone()).collect();
    let mut without = ring.clone();
    without.keys.retain(|key| !replaced.contains(key.kid()));
    let mut plan = plan(&without, policy, now);
    plan.erase.extend(replaced);
    let is_standby = |order: &KeyOrder| order.purpose == KeyPurpose::Signing && order.schedule.published_from <= now;
    plan.create.sort_by_key(|order| (is_standby(order), order.schedule.signs_from));
    Ok(plan)
}
