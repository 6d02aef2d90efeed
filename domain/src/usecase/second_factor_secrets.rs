//! The secrets of second factors: drawn, sealed and opened, and nothing else is.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::Outage;
use crate::ports::{Cipher, CipherError, Entropy, SealContext, Sealed};
use crate::second_factor::{RECOVERY_CODES, RecoveryCode, RecoveryHash, SecondFactor, TotpSecret};
use crate::user::UserId;

/// Makes and opens the secrets of second factors, so that those who need them are not given the cipher of every other secret too.
pub struct SecondFactorSecrets {
    cipher: Arc<dyn Cipher>,
    entropy: Arc<dyn Entropy>,
}

impl SecondFactorSecrets {
    /// Seals with `cipher` what it draws from `entropy`.
    pub fn new(cipher: Arc<dyn Cipher>, entropy: Arc<dyn Entropy>) -> Self {
        Self { cipher, entropy }
    }

    /// A new secret.
    pub(super) fn draw(&self) -> TotpSecret {
        let mut bytes = Zeroizing::new([0; 20]);
        self.entropy.fill(&mut *bytes);
        TotpSecret::new(*bytes)
    }

    /// New recovery codes, and what is to be kept of them, in ascending order, as codes of `user`.
    pub(super) fn draw_recovery_codes(&self, user: UserId) -> (Vec<RecoveryCode>, Vec<RecoveryHash>) {
        let draw = |_| {
            let mut bytes = Zeroizing::new([0; 10]);
            self.entropy.fill(&mut *bytes);
            RecoveryCode::new(*bytes)
        };
        let codes: Vec<_> = (0..RECOVERY_CODES).map(draw).collect();
        let mut hashes: Vec<_> = codes.iter().map(|code| code.hash(user)).collect();
        hashes.sort_unstable();
        (codes, hashes)
    }

    /// The secret, sealed for `user` with the present encryption key.
    pub(super) async fn seal(&self, user: UserId, secret: &TotpSecret) -> Result<Sealed, Outage> {
        Ok(self.cipher.seal(&SealContext::of_second_factor(user), secret.expose()).await?)
    }

    /// The secret of `factor`. One that does not open lets nobody in: somebody has to look at it.
    pub(super) async fn open(&self, factor: &SecondFactor) -> Result<TotpSecret, CipherError> {
        let context = SealContext::of_second_factor(factor.enrolment.user);
        let opened = self.cipher.open(&context, &factor.secret).await?;
        TotpSecret::from_slice(&opened).ok_or(CipherError::Rejected)
    }
}
