//! Sealing of secrets at rest.

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::BoxError;
use crate::key::{EncryptionKeyId, Kid};
use crate::otp::OtpId;
use crate::session::SessionId;
use crate::user::UserId;

/// What a sealed secret is for; part of the associated data, so that a ciphertext cannot serve another purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The private half of a signing key.
    SigningKey,
    /// What the refresh tokens of a session are derived from.
    SessionSecret,
    /// What the hash of a one-time code is keyed with.
    OneTimeCodeKey,
    /// What the one-time passwords of a user are made of.
    TotpSecret,
}

impl Purpose {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::SigningKey, Self::SessionSecret, Self::OneTimeCodeKey, Self::TotpSecret];

    /// The name of the purpose in the associated data. Never changes: stored ciphertexts depend on it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SigningKey => "jwksd:signing-key:v1",
            Self::SessionSecret => "jwksd:session-secret:v1",
            Self::OneTimeCodeKey => "jwksd:one-time-code-key:v1",
            Self::TotpSecret => "jwksd:totp-secret:v1",
        }
    }
}

/// What a ciphertext is bound to: moved to another row or purpose it does not open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SealContext {
    purpose: Purpose,
    subject: String,
}

impl SealContext {
    /// The context of the private half of the key `kid`.
    pub fn of_signing_key(kid: &Kid) -> Self {
        Self { purpose: Purpose::SigningKey, subject: kid.to_string() }
    }

    /// The context of the secret of the session `id`.
    pub fn of_session(id: SessionId) -> Self {
        Self { purpose: Purpose::SessionSecret, subject: id.to_string() }
    }

    /// The context of what the hash of the one-time code `id` is keyed with.
    pub fn of_one_time_code(id: OtpId) -> Self {
        Self { purpose: Purpose::OneTimeCodeKey, subject: id.to_string() }
    }

    /// The context of the secret of the second factor of `user`.
    pub fn of_second_factor(user: UserId) -> Self {
        Self { purpose: Purpose::TotpSecret, subject: user.0.to_string() }
    }

    /// The context of what a store has under `subject`, whatever stands there: an id that was damaged is still to be told.
    pub const fn stored(purpose: Purpose, subject: String) -> Self {
        Self { purpose, subject }
    }

    /// What the secret is for.
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The id of what it belongs to.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The associated data: the purpose, a colon, and the id of what the secret belongs to.
    pub fn associated_data(&self) -> Vec<u8> {
        format!("{}:{}", self.purpose.label(), self.subject).into_bytes()
    }
}

/// A sealed secret: the nonce in front of the ciphertext with its tag, and which encryption key sealed it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The nonce (96 bits), then the ciphertext with its tag.
    pub bytes: Vec<u8>,
    /// The encryption key that sealed it.
    pub sealed_by: EncryptionKeyId,
}

/// What is wrong with a sealed secret that can be seen without any encryption key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealFlaw {
    /// Nothing can tell which encryption key sealed it.
    #[error("sealed_by is no id of an encryption key")]
    NoKeyId,
    /// There is nothing to be opened.
    #[error("the ciphertext is missing")]
    Missing,
    /// It does not even hold a nonce and a tag.
    #[error("the ciphertext is too short")]
    TooShort,
}

impl Sealed {
    /// The fewest bytes: those of the nonce and the tag.
    const MIN: usize = 12 + 16;

    /// What can be seen to be wrong with it.
    pub fn flaw(&self) -> Option<SealFlaw> {
        match self.bytes.len() {
            _ if !self.sealed_by.is_well_formed() => Some(SealFlaw::NoKeyId),
            0 => Some(SealFlaw::Missing),
            1..Self::MIN => Some(SealFlaw::TooShort),
            _ => None,
        }
    }
}

/// Why a secret could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum CipherError {
    /// The ciphertext, or what says which key sealed it, was changed, cut, or moved from where it belongs.
    #[error("the ciphertext was changed or belongs elsewhere")]
    Rejected,
    /// It was sealed with an encryption key that is not configured.
    #[error("sealed with encryption key {0}, which is not configured")]
    UnknownKey(EncryptionKeyId),
    /// The cipher cannot work now.
    #[error("the cipher is unavailable")]
    Unavailable(#[source] BoxError),
}

/// Seals and opens secrets with authenticated encryption.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Cipher: Send + Sync {
    /// Seals `plaintext` for `context` with the current encryption key. MUST use a fresh nonce at each call and MUST
    /// bind [`SealContext::associated_data`].
    async fn seal(&self, context: &SealContext, plaintext: &[u8]) -> Result<Sealed, CipherError>;

    /// Opens what [`Cipher::seal`] made for the same context. MUST answer [`CipherError::UnknownKey`] where the key is
    /// not configured and [`CipherError::Rejected`] for every other bytes or context, and for an id that is none of any key.
    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CipherError>;
}
