//! How a system is set up: the policy, the encryption keys, how far clocks are off.

use std::time::Duration;

use jwksd_domain::key::{Algorithm, KeyPolicy};
use jwksd_domain::usecase::Keyring;

use crate::dice::Dice;

/// The longest pause between two ticks of a replica.
pub(crate) const TICK: Duration = Duration::from_secs(1);
/// The longest that a call of the store takes before it fails.
pub(crate) const LATENCY: Duration = Duration::from_millis(100);
/// How long a verifier does not ask again for a kid that it does not know, as jose does.
pub(crate) const COOLDOWN: Duration = Duration::from_secs(30);

/// What replicas are started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The policy of the keys.
    pub(crate) policy: KeyPolicy,
    /// How far two clocks may differ.
    pub(crate) skew: Duration,
    /// The encryption key that seals.
    pub(crate) current: u8,
    /// Those that open too.
    pub(crate) previous: Vec<u8>,
}

impl Setting {
    /// A possible setting, with schedules of minutes, so that much happens.
    pub(crate) fn drawn(dice: &Dice) -> Self {
        let skew = Duration::from_secs(dice.below(10));
        let lag = lag(skew);
        let max_age = Duration::from_secs(dice.between(5, 60));
        let publish_lead = max_age + lag + Duration::from_secs(dice.between(1, 30));
        let mut policy = KeyPolicy {
            algorithm: Self::algorithm(dice),
            rotation_period: publish_lead + Duration::from_secs(dice.below(200)),
            publish_lead,
            token_life: Duration::from_secs(dice.between(1, 300)),
            clock_skew: skew,
            replica_lag: lag,
            max_age,
            max_keys: usize::MAX,
            expired_fixture: dice.one_in(2),
            demo_token_life: None,
        };
        policy.max_keys = policy.keys_needed() + usize::try_from(dice.below(3)).unwrap();
        assert_eq!(policy.check(), Ok(()), "a possible setting");
        Self { policy, skew, current: 1, previous: Vec::new() }
    }

    /// One of the algorithms.
    pub(crate) fn algorithm(dice: &Dice) -> Algorithm {
        dice.pick(&Algorithm::ALL).unwrap()
    }

    /// A clock that is allowed, in milliseconds ahead of true time.
    pub(crate) fn ahead(&self, dice: &Dice) -> i64 {
        dice.around_zero(u64::try_from(self.skew.as_millis()).unwrap() / 2)
    }

    /// The longest life of tokens that the schedule has room for.
    pub(crate) fn longest_token_life(&self) -> Duration {
        let retired = u32::try_from(self.policy.max_keys - 2).unwrap();
        (self.policy.rotation_period * retired).saturating_sub(self.policy.clock_skew + self.policy.replica_lag)
    }

    /// How long it takes at most until every replica does as the stored ring says.
    pub(crate) const fn lag(&self) -> Duration {
        self.policy.replica_lag
    }
}

/// As the program is configured: one who writes may take as long as one who reads.
fn lag(skew: Duration) -> Duration {
    Keyring::GOOD_FOR * 2 + skew
}
