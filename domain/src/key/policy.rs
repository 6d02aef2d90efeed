//! How keys are to live.

use std::time::Duration;

use super::Algorithm;

/// The policy of the key life cycle. Check it with [`KeyPolicy::check`] before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    /// What new keys sign with.
    pub algorithm: Algorithm,
    /// How long a key signs.
    pub rotation_period: Duration,
    /// How long a key is published, at least, before it signs.
    pub publish_lead: Duration,
    /// How long the tokens live that the configuration asks for.
    pub token_life: Duration,
    /// How far the clocks of verifiers may be behind.
    pub clock_skew: Duration,
    /// How long one replica may not know, or by its clock not heed, what another has done to the ring: as long as a process
    /// relies on the ring that it knows ([`crate::usecase::Keyring::GOOD_FOR`]), and the skew between the clocks of two machines.
    pub replica_lag: Duration,
    /// The `max-age` of the JWKS at most.
    pub max_age: Duration,
    /// How many keys the JWKS holds at most.
    pub max_keys: usize,
    /// Whether a key that has always been expired is kept, as the dev profile does.
    pub expired_fixture: bool,
    /// How long the tokens live that the dev profile gives out at `GET /token`, where the schedule has room for it.
    pub demo_token_life: Option<Duration>,
}

/// Why a policy cannot be honoured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImpossiblePolicy {
    /// A key would never sign.
    #[error("key-rotation-period must be at least one second")]
    NoPeriod,
    /// A token would be born dead.
    #[error("access-token-ttl must be at least one second")]
    NoTokenLife,
    /// A verifier with a warm cache would meet a key that it cannot know.
    #[error(
        "key-publish-lead ({lead:?}) must not be shorter than jwks-max-age ({max_age:?}) and the time in which replicas learn of a key ({lag:?}) together: a cache could miss a key that already signs"
    )]
    LeadTooShort {
        /// The configured lead.
        lead: Duration,
        /// The configured age.
        max_age: Duration,
        /// See [`KeyPolicy::replica_lag`].
        lag: Duration,
    },
    /// The next key could not be published in time.
    #[error("key-rotation-period ({period:?}) must not be shorter than key-publish-lead ({lead:?})")]
    PeriodTooShort {
        /// The configured period.
        period: Duration,
        /// The configured lead.
        lead: Duration,
    },
    /// A key would have to leave the JWKS while its tokens live.
    #[error(
        "jwks-max-keys ({max_keys}) is too small: keys stay published until their tokens are over, with access-token-ttl and key-rotation-period as they are up to {needed} at once"
    )]
    TooFewKeys {
        /// The configured bound.
        max_keys: usize,
        /// What the schedule needs.
        needed: usize,
    },
}

impl KeyPolicy {
    /// How long after its publication every cache knows a key: what was fetched from the last replica to learn of it is over.
    pub fn known_after(&self) -> Duration {
        self.publish_lead.max(self.max_age + self.replica_lag)
    }

    /// How long a key stays published after it has stopped signing: as long as a token of its last second may live, also one
    /// that a replica signed before it knew of the switch, and the skew.
    pub fn retention(&self) -> Duration {
        self.longest_token_life() + self.clock_skew + self.replica_lag
    }

    /// The life of the longest token: that of access tokens, or the demo token's where `max_keys` has room for it.
    pub fn longest_token_life(&self) -> Duration {
        let retired_keys = u32::try_from(self.max_keys.saturating_sub(2)).unwrap_or(u32::MAX);
        let room = self.rotation_period.saturating_mul(retired_keys).saturating_sub(self.clock_skew + self.replica_lag);
        let demo = self.demo_token_life.map_or(Duration::ZERO, |life| life.min(room));
        self.token_life.max(Duration::from_secs(demo.as_secs()))
    }

    /// How many keys the schedule publishes at once, at most: the signer, the stand-by, and those whose tokens still live.
    pub fn keys_needed(&self) -> usize {
        let retired = self.retention().as_millis().div_ceil(self.rotation_period.as_millis().max(1));
        usize::try_from(retired).unwrap_or(usize::MAX).saturating_add(2)
    }

    /// Whether the policy can be honoured.
    ///
    /// # Errors
    /// Answers every reason why it cannot; `Ok` where there is none.
    pub fn check(&self) -> Result<(), Vec<ImpossiblePolicy>> {
        let mut problems = Vec::new();
        let second = Duration::from_secs(1);
        if self.token_life < second {
            problems.push(ImpossiblePolicy::NoTokenLife);
        }
        let Self { publish_lead: lead, max_age, replica_lag: lag, .. } = *self;
        if lead < max_age + lag {
            problems.push(ImpossiblePolicy::LeadTooShort { lead, max_age, lag });
        }
        if self.rotation_period < second {
            problems.push(ImpossiblePolicy::NoPeriod);
        } else {
            if self.rotation_period < self.publish_lead {
                let (period, lead) = (self.rotation_period, self.publish_lead);
                problems.push(ImpossiblePolicy::PeriodTooShort { period, lead });
            }
            let needed = self.keys_needed();
            if needed > self.max_keys {
                problems.push(ImpossiblePolicy::TooFewKeys { max_keys: self.max_keys, needed });
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}
