//! The key that secrets at rest are sealed with.

use jwksd_domain::key::EncryptionKeyId;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// An encryption key of 256 bits. Zeroed when dropped; has no `Debug` and no way into a log.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct EncryptionKey([u8; 32]);

impl EncryptionKey {
    /// The key of these bytes, which must be random.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The id that is stored beside what the key seals.
    pub fn id(&self) -> EncryptionKeyId {
        EncryptionKeyId::of(&self.0)
    }

    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
