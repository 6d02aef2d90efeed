//! Everything that is kept sealed, over the four maps that it is in.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::key::KeyRing;
use jwksd_domain::otp::{OtpId, StoredOtp};
use jwksd_domain::ports::{Resealing, SealContext, Sealed, SealedSecret, SealedSecrets, StoreError};
use jwksd_domain::second_factor::SecondFactor;
use jwksd_domain::session::{Session, SessionId};
use jwksd_domain::user::UserId;

use crate::key_repository::successor;
use crate::{MemoryKeyRepository, MemoryOtpRepository, MemorySecondFactorRepository, MemorySessionRepository, lock};

/// Shows and replaces what is sealed in memory. Takes the locks of keys, sessions, codes and factors in this order; of these nobody
/// else takes two.
pub struct MemorySealedSecrets {
    keys: Arc<MemoryKeyRepository>,
    sessions: Arc<MemorySessionRepository>,
    codes: Arc<MemoryOtpRepository>,
    factors: Arc<MemorySecondFactorRepository>,
}

impl MemorySealedSecrets {
    /// Replaces the ring of `keys`, and what is sealed of `sessions`, `codes` and second `factors`.
    pub const fn new(
        keys: Arc<MemoryKeyRepository>,
        sessions: Arc<MemorySessionRepository>,
        codes: Arc<MemoryOtpRepository>,
        factors: Arc<MemorySecondFactorRepository>,
    ) -> Self {
        Self { keys, sessions, codes, factors }
    }
}

#[async_trait]
impl SealedSecrets for MemorySealedSecrets {
    async fn page(&self, after: Option<SealContext>, limit: u32) -> Result<Vec<SealedSecret>, StoreError> {
        let mut sessions = lock(&self.sessions.sessions);
        let (mut codes, mut factors) = (lock(&self.codes.codes), lock(&self.factors.factors));
        let kept = secrets(&mut sessions, &mut codes, &mut factors);
        let behind = kept.into_iter().filter(|(context, _)| after.as_ref().is_none_or(|after| context > after));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(behind.take(limit).map(|(context, sealed)| SealedSecret { context, sealed: sealed.clone() }).collect())
    }

    async fn replace(&self, ring: &KeyRing, resealings: &[Resealing]) -> Result<u64, StoreError> {
        let mut stored = lock(&self.keys.ring);
        let (mut sessions, mut codes) = (lock(&self.sessions.sessions), lock(&self.codes.codes));
        let mut factors = lock(&self.factors.factors);
        let mut kept = secrets(&mut sessions, &mut codes, &mut factors);
        let next = successor(&stored, ring)?;
        if resealings
            .iter()
            .any(|resealing| kept.get(&resealing.context).is_some_and(|kept| is_behind(kept, resealing)))
        {
            return Err(StoreError::Conflict);
        }
        let mut replaced = 0;
        for Resealing { context, from, to } in resealings {
            if let Some(sealed) = kept.get_mut(context).filter(|sealed| ***sealed == *from) {
                **sealed = to.clone();
                replaced += 1;
            }
        }
        *stored = next;
        Ok(replaced)
    }
}

/// Every secret that is none of a signing key, in its context.
fn secrets<'a>(
    sessions: &'a mut BTreeMap<SessionId, Session>,
    codes: &'a mut BTreeMap<OtpId, StoredOtp>,
    factors: &'a mut BTreeMap<UserId, SecondFactor>,
) -> BTreeMap<SealContext, &'a mut Sealed> {
    let sessions = sessions.iter_mut().map(|(id, session)| (SealContext::of_session(*id), &mut session.secret));
    let codes = codes.iter_mut().map(|(id, otp)| (SealContext::of_one_time_code(*id), &mut otp.key));
    let factors = factors.iter_mut().map(|(user, factor)| (SealContext::of_second_factor(*user), &mut factor.secret));
    sessions.chain(codes).chain(factors).collect()
}

/// Whether a secret was changed meanwhile, and not by who seals anew as well.
fn is_behind(kept: &Sealed, resealing: &Resealing) -> bool {
    *kept != resealing.from && kept.sealed_by != resealing.to.sealed_by
}
