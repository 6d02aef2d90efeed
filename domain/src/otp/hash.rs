//! What is kept of a one-time code.

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{OtpId, ResetToken, SignInCode};
use crate::constant_time;

/// Keeps these hashes apart from any other use of SHA-256. Never changes: codes that are out depend on it.
const LABEL: &[u8] = b"jwksd:one-time-code:v1";

/// What the hash of one code is keyed with: 256 random bits. Zeroed when dropped; has no `Debug`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct OtpKey([u8; 32]);

impl OtpKey {
    /// The key of these bytes, which must be random.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key of these bytes, if they are as many as a key has.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The key itself: for sealing it.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The hash of a one-time code under its key. Compared in constant time.
#[derive(Clone, Copy, Debug, Eq)]
pub struct OtpHash([u8; 32]);

impl OtpHash {
    /// The hash of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash of a code that was mailed for a login.
    pub fn of_code(key: &OtpKey, id: OtpId, code: &SignInCode) -> Self {
        Self::keyed(key, id, code.expose().as_bytes())
    }

    /// The hash of a token that was mailed for setting a password anew.
    pub fn of_token(key: &OtpKey, token: &ResetToken) -> Self {
        Self::keyed(key, token.id(), token.secret())
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Every part has one length, so the key in front is as good as HMAC: there is no longer message to extend it to.
    fn keyed(key: &OtpKey, id: OtpId, secret: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(key.0).chain_update(LABEL).chain_update(id.bytes()).chain_update(secret);
        Self(hash.finalize().into())
    }
}

impl PartialEq for OtpHash {
    fn eq(&self, other: &Self) -> bool {
        constant_time::is_equal(&self.0, &other.0)
    }
}
