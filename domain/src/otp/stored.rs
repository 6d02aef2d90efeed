//! A one-time code as it is kept, and how long it is good.

use std::fmt;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::OtpHash;
use crate::ports::Sealed;
use crate::time::Timestamp;
use crate::user::Email;

/// Keeps these ids apart from any other use of SHA-256. Never changes: codes that are out depend on it.
const LABEL: &[u8] = b"jwksd:one-time-code-id:v1";

/// What a one-time code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OtpPurpose {
    /// A login.
    SignIn,
    /// Setting a password anew.
    PasswordReset,
}

impl OtpPurpose {
    /// The name of the purpose in ids. Never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::PasswordReset => "password_reset",
        }
    }

    /// How long a code is good.
    pub const fn life(self) -> Duration {
        match self {
            Self::SignIn => Duration::from_secs(600),
            Self::PasswordReset => Duration::from_secs(3600),
        }
    }

    /// How often a code may be tried. The token of a reset cannot be guessed, and its id is no secret: if tries at it were
    /// numbered, anybody could use them up.
    pub const fn attempts(self) -> u32 {
        match self {
            Self::SignIn => 5,
            Self::PasswordReset => u32::MAX,
        }
    }
}

/// Which code: one for each purpose and address, in any ASCII case, so that a new one takes the place of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtpId([u8; 16]);

impl OtpId {
    /// The id of the code for `purpose` that is mailed to `email`.
    pub fn of(purpose: OtpPurpose, email: &Email) -> Self {
        let address = email.as_str().to_ascii_lowercase();
        let hash =
            Sha256::new().chain_update(LABEL).chain_update(purpose.as_str()).chain_update([0]).chain_update(address);
        let hash = hash.finalize();
        Self(std::array::from_fn(|i| hash[i]))
    }

    /// The id of these bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for OtpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A one-time code as it is kept. Has no `Debug`: it holds a key, if a sealed one. Instants are in milliseconds.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredOtp {
    /// Which one.
    pub id: OtpId,
    /// Where it was mailed to.
    pub email: Email,
    /// What the hash is keyed with, sealed for this id.
    pub key: Sealed,
    /// The hash.
    pub hash: OtpHash,
    /// From when on it is over.
    pub expires_at: Timestamp,
    /// How often it may still be tried.
    pub attempts_left: u32,
}

impl StoredOtp {
    /// Spends an attempt at `now`, if the code is not over and has one left; tells whether it had. What a store does in one step.
    pub fn spend_attempt(&mut self, now: Timestamp) -> bool {
        match self.attempts_left.checked_sub(1) {
            Some(left) if now < self.expires_at => {
                self.attempts_left = left;
                true
            }
            Some(_) | None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::EncryptionKeyId;
    use crate::otp::{OtpKey, ResetToken, SignInCode};

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    fn email(text: &str) -> Email {
        Email::parse(text).unwrap()
    }

    #[test]
    fn there_is_one_code_for_each_purpose_and_address() {
        let id = OtpId::of(OtpPurpose::SignIn, &email("jane@example.com"));
        assert_eq!(id, OtpId::of(OtpPurpose::SignIn, &email("Jane@EXAMPLE.com")));
        assert_ne!(id, OtpId::of(OtpPurpose::PasswordReset, &email("jane@example.com")));
        assert_ne!(id, OtpId::of(OtpPurpose::SignIn, &email("joan@example.com")));
        assert_eq!(id.to_string().len(), 32);
    }

    #[test]
    fn attempts_end_with_their_number_and_with_the_code() {
        let purpose = OtpPurpose::SignIn;
        let mut otp = StoredOtp {
            id: OtpId::of(purpose, &email("jane@example.com")),
            email: email("jane@example.com"),
            key: Sealed { bytes: vec![], sealed_by: EncryptionKeyId::of(&[0; 32]) },
            hash: OtpHash::new([0; 32]),
            expires_at: NOW.plus(purpose.life()),
            attempts_left: purpose.attempts(),
        };
        let last = NOW.plus(Duration::from_millis(599_999));
        assert!((0..5).all(|_| otp.spend_attempt(last)));
        assert!(!otp.spend_attempt(last), "five and no more");
        otp.attempts_left = 5;
        assert!(!otp.spend_attempt(NOW.plus(Duration::from_secs(600))), "ten minutes and no longer");
        assert_eq!(otp.attempts_left, 5, "what is over is not counted");
    }

    #[test]
    fn a_hash_is_of_one_key_one_code_and_one_secret() {
        let (key, other_key) = (OtpKey::new([1; 32]), OtpKey::new([2; 32]));
        let (id, other_id) = (OtpId::new([1; 16]), OtpId::new([2; 16]));
        let (code, other) = (SignInCode::parse("000001").unwrap(), SignInCode::parse("000002").unwrap());
        let hash = OtpHash::of_code(&key, id, &code);
        assert_eq!(hash, OtpHash::of_code(&key, id, &code));
        for differs in [
            OtpHash::of_code(&other_key, id, &code),
            OtpHash::of_code(&key, other_id, &code),
            OtpHash::of_code(&key, id, &other),
        ] {
            assert_ne!(hash, differs);
        }
        let token = |id, byte| OtpHash::of_token(&key, &ResetToken::new(id, [byte; 32]));
        assert_eq!(token(id, 1), token(id, 1));
        assert!(token(id, 1) != token(id, 2) && token(id, 1) != token(other_id, 1));
    }
}
