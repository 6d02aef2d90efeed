//! What is done with second factors, over the ports.

use std::sync::Arc;

use jwksd_domain::usecase::{
    CheckPassword, CheckSecondFactor, CheckSecondFactorParts, ConfirmTotp, ConfirmTotpParts, EnrolTotp, EnrolTotpParts,
    FindTotp, RemoveTotp, RenewRecoveryCodes, ResetTotp, SecondFactorSecrets, StepUp,
};

use crate::compose::Ports;
use crate::config::Config;

/// Everything that is done with second factors.
#[derive(Clone)]
pub struct SecondFactorUseCases {
    /// Asks for one at a login.
    pub check: Arc<CheckSecondFactor>,
    /// Tells of one's own.
    pub find: Arc<FindTotp>,
    /// Enrols one.
    pub enrol: Arc<EnrolTotp>,
    /// Confirms one.
    pub confirm: Arc<ConfirmTotp>,
    /// Makes recovery codes.
    pub renew: Arc<RenewRecoveryCodes>,
    /// Removes one's own.
    pub remove: Arc<RemoveTotp>,
    /// Removes another's.
    pub reset: Arc<ResetTotp>,
}

impl SecondFactorUseCases {
    /// The use cases by `config`, over `ports`; `check` is that of the logins.
    pub(super) fn new(config: &Config, ports: &Ports, check: &Arc<CheckPassword>) -> Self {
        let Ports { stores, cipher, limiter, clock, entropy, .. } = ports.clone();
        let (factors, log) = (|| Arc::clone(&stores.second_factors), || Arc::clone(&stores.audit));
        let (limits, at) = (|| Arc::clone(&limiter), || Arc::clone(&clock));
        let secrets = Arc::new(SecondFactorSecrets::new(cipher, entropy));
        let kept = || Arc::clone(&secrets);
        let second = Arc::new(CheckSecondFactor::new(CheckSecondFactorParts {
            factors: factors(),
            secrets: kept(),
            limiter: limits(),
            audit: log(),
        }));
        let step_up = Arc::new(StepUp::new(Arc::clone(check), Arc::clone(&second), limits()));
        let again = || Arc::clone(&step_up);
        let enrolling =
            EnrolTotpParts { factors: factors(), secrets: kept(), step_up: again(), audit: log(), clock: at() };
        Self {
            check: second,
            find: Arc::new(FindTotp::new(factors())),
            enrol: Arc::new(EnrolTotp::new(enrolling, &config.token_policy().issuer)),
            confirm: Arc::new(ConfirmTotp::new(ConfirmTotpParts {
                factors: factors(),
                secrets: kept(),
                step_up: again(),
                limiter: limits(),
                audit: log(),
                clock: at(),
            })),
            renew: Arc::new(RenewRecoveryCodes::new(factors(), kept(), again(), log(), at())),
            remove: Arc::new(RemoveTotp::new(factors(), again(), log(), at())),
            reset: Arc::new(ResetTotp::new(Arc::clone(&stores.users), factors(), log(), at())),
        }
    }
}
