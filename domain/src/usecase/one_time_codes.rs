//! One-time codes: made, kept under hashes, recognized and used up. The part that everything that is mailed shares.

use std::sync::Arc;

use super::Outage;
use crate::otp::{OtpHash, OtpId, OtpKey, OtpPurpose, ResetToken, SignInCode, StoredOtp};
use crate::ports::{Cipher, CipherError, Entropy, OtpRepository, SealContext};
use crate::time::Timestamp;
use crate::user::Email;

/// Makes one-time codes, and knows them again.
pub struct OneTimeCodes {
    codes: Arc<dyn OtpRepository>,
    cipher: Arc<dyn Cipher>,
    entropy: Arc<dyn Entropy>,
}

impl OneTimeCodes {
    /// Keeps codes in `codes`, and seals with `cipher` what their hashes are keyed with.
    pub fn new(codes: Arc<dyn OtpRepository>, cipher: Arc<dyn Cipher>, entropy: Arc<dyn Entropy>) -> Self {
        Self { codes, cipher, entropy }
    }

    /// A new code for a login with `email`; the one before is no good any more.
    pub(super) async fn make_code(&self, email: &Email, now: Timestamp) -> Result<SignInCode, Outage> {
        let id = OtpId::of(OtpPurpose::SignIn, email);
        let code = self.draw_code();
        self.keep(OtpPurpose::SignIn, email, now, |key| OtpHash::of_code(key, id, &code)).await?;
        Ok(code)
    }

    /// A new token for setting the password of the user with `email` anew; the one before is no good any more.
    pub(super) async fn make_token(&self, email: &Email, now: Timestamp) -> Result<ResetToken, Outage> {
        let mut random = [0; 32];
        self.entropy.fill(&mut random);
        let token = ResetToken::new(OtpId::of(OtpPurpose::PasswordReset, email), random);
        self.keep(OtpPurpose::PasswordReset, email, now, |key| OtpHash::of_token(key, &token)).await?;
        Ok(token)
    }

    /// What is kept of `code`, if it is the one that was mailed to `email`. Spends one of its attempts; it is not used up by that.
    pub(super) async fn find_code(
        &self,
        email: &Email,
        code: &SignInCode,
        now: Timestamp,
    ) -> Result<Option<StoredOtp>, Outage> {
        let id = OtpId::of(OtpPurpose::SignIn, email);
        self.recognized(id, now, |key| OtpHash::of_code(key, id, code)).await
    }

    /// What is kept of `token`, if it is one that was mailed and is still good. It is not used up by that.
    pub(super) async fn find_token(&self, token: &ResetToken, now: Timestamp) -> Result<Option<StoredOtp>, Outage> {
        self.recognized(token.id(), now, |key| OtpHash::of_token(key, token)).await
    }

    /// Uses a code up; tells whether it was still there to be used.
    pub(super) async fn use_up(&self, otp: &StoredOtp) -> Result<bool, Outage> {
        Ok(self.codes.consume(otp.id, &otp.hash).await?)
    }

    fn draw_code(&self) -> SignInCode {
        loop {
            let mut random = [0; 4];
            self.entropy.fill(&mut random);
            if let Some(code) = SignInCode::draw(random) {
                return code;
            }
        }
    }

    async fn keep(
        &self,
        purpose: OtpPurpose,
        email: &Email,
        now: Timestamp,
        hash: impl FnOnce(&OtpKey) -> OtpHash + Send,
    ) -> Result<(), Outage> {
        let id = OtpId::of(purpose, email);
        let mut random = [0; 32];
        self.entropy.fill(&mut random);
        let key = OtpKey::new(random);
        let hash = hash(&key);
        let key = self.cipher.seal(&SealContext::of_one_time_code(id), key.expose()).await?;
        let (expires_at, attempts_left) = (now.plus(purpose.life()), purpose.attempts());
        let otp = StoredOtp { id, email: email.clone(), key, hash, expires_at, attempts_left };
        Ok(self.codes.replace(&otp, now).await?)
    }

    /// The code of that id, if an attempt is left at it and its hash is the one that `hash` makes with its key.
    async fn recognized(
        &self,
        id: OtpId,
        now: Timestamp,
        hash: impl FnOnce(&OtpKey) -> OtpHash + Send,
    ) -> Result<Option<StoredOtp>, Outage> {
        let Some(otp) = self.codes.attempt(id, now).await? else { return Ok(None) };
        let key = match self.cipher.open(&SealContext::of_one_time_code(id), &otp.key).await {
            Ok(key) => OtpKey::from_slice(&key),
            // It was damaged and never opens again: the code is no good any more, and another one is soon mailed.
            Err(CipherError::Rejected) => None,
            // Another process may know the encryption key already.
            Err(error @ (CipherError::UnknownKey(_) | CipherError::Unavailable(_))) => return Err(error.into()),
        };
        Ok(key.is_some_and(|key| hash(&key) == otp.hash).then_some(otp))
    }
}
