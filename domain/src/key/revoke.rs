//! Taking one key out at once, and what follows from that.

use super::{KeyPolicy, KeyPurpose, KeyRing, Kid, Plan, Revocation, SigningKey, forgotten_after, plan};
use crate::time::Timestamp;

/// Why a key was not revoked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationRefused {
    /// No key of the ring has this kid.
    #[error("there is no key {0}")]
    UnknownKey(Kid),
    /// The fixture of the dev profile was never published: there is nothing to take back.
    #[error("key {0} is the expired fixture, which no verifier accepts anyway")]
    Fixture(Kid),
}

/// What follows from a revocation for those who verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The key.
    pub kid: Kid,
    /// Since when it signed; `None` if it never did.
    pub signed_since: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Timestamp,
    /// The key that signs now.
    pub signer: Option<Kid>,
    /// From here on no cache that heeds the age of the JWKS knows the key.
    pub forgotten_at: Timestamp,
}

/// What a revocation at `now` asks for: the key leaves the JWKS, the stand-by signs at once if the key was the signer, and there
/// is a stand-by again. Settled if the key is revoked already; the first reason stands.
///
/// # Errors
/// Refuses a key that is not of the ring, and the fixture.
pub fn plan_revocation(
    ring: &KeyRing,
    policy: &KeyPolicy,
    now: Timestamp,
    kid: &Kid,
    reason: &str,
) -> Result<Plan, RevocationRefused> {
    let key = ring.find(kid).ok_or_else(|| RevocationRefused::UnknownKey(kid.clone()))?;
    if key.purpose == KeyPurpose::ExpiredFixture {
        return Err(RevocationRefused::Fixture(kid.clone()));
    }
    if key.revocation.is_some() {
        return Ok(Plan::default());
    }
    let revocation = Revocation { at: now.floor_second(), reason: reason.to_owned() };
    let follows = plan(&ring.with_revoked(kid, revocation.clone()), policy, now);
    Ok(Plan { revoke: Some((kid.clone(), revocation)), ..follows })
}

/// What the revocation of `key` means at `now`, if it is revoked.
pub fn withdrawal(ring: &KeyRing, policy: &KeyPolicy, now: Timestamp, key: &SigningKey) -> Option<Withdrawal> {
    let revoked_at = key.revocation.as_ref()?.at;
    Some(Withdrawal {
        kid: key.kid().clone(),
        signed_since: Some(key.life().signs_from).filter(|from| *from <= revoked_at),
        revoked_at,
        signer: ring.signer_at(now).map(|key| key.kid().clone()),
        forgotten_at: revoked_at.plus(forgotten_after(policy)),
    })
}
