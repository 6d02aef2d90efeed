//! Sealing and opening.

use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use async_trait::async_trait;
use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::ports::{Cipher, CipherError, Entropy, SealContext, Sealed};
use zeroize::Zeroizing;

use crate::EncryptionKey;

const NONCE_LENGTH: usize = 12;

/// Seals with the current encryption key, opens with the current and the previous ones.
pub struct AesGcmCipher {
    current: KeyedCipher,
    previous: Vec<KeyedCipher>,
    entropy: Arc<dyn Entropy>,
}

/// The expanded key, zeroed when dropped, and the id that it is found by.
struct KeyedCipher {
    id: EncryptionKeyId,
    aes: Aes256Gcm,
}

impl AesGcmCipher {
    /// A cipher that seals with `current` and opens what `current` or one of `previous` has sealed.
    pub fn new(current: EncryptionKey, previous: Vec<EncryptionKey>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            current: KeyedCipher::new(current),
            previous: previous.into_iter().map(KeyedCipher::new).collect(),
            entropy,
        }
    }

    /// The id of the encryption key that seals now.
    pub fn current_key(&self) -> &EncryptionKeyId {
        &self.current.id
    }

    fn keyed_by(&self, id: &EncryptionKeyId) -> Option<&Aes256Gcm> {
        std::iter::once(&self.current).chain(&self.previous).find(|cipher| cipher.id == *id).map(|cipher| &cipher.aes)
    }
}

#[async_trait]
impl Cipher for AesGcmCipher {
    async fn seal(&self, context: &SealContext, plaintext: &[u8]) -> Result<Sealed, CipherError> {
        let mut nonce = [0; NONCE_LENGTH];
        self.entropy.fill(&mut nonce);
        let payload = Payload { msg: plaintext, aad: &context.associated_data() };
        // Fails past 64 GiB only (NIST SP 800-38D section 5.2.1.1).
        let ciphertext = self.current.aes.encrypt(&Nonce::from(nonce), payload);
        let ciphertext = ciphertext.map_err(|error| CipherError::Unavailable(Box::new(error)))?;
        Ok(Sealed { bytes: [&nonce[..], &ciphertext].concat(), sealed_by: self.current.id.clone() })
    }

    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        let Some(aes) = self.keyed_by(&sealed.sealed_by) else {
            let is_damaged = !sealed.sealed_by.is_well_formed();
            return Err(if is_damaged {
                CipherError::Rejected
            } else {
                CipherError::UnknownKey(sealed.sealed_by.clone())
            });
        };
        let Some((nonce, ciphertext)) = sealed.bytes.split_first_chunk::<NONCE_LENGTH>() else {
            return Err(CipherError::Rejected);
        };
        let payload = Payload { msg: ciphertext, aad: &context.associated_data() };
        aes.decrypt(&Nonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| CipherError::Rejected)
    }
}

impl KeyedCipher {
    fn new(key: EncryptionKey) -> Self {
        Self { id: key.id(), aes: Aes256Gcm::new(key.bytes().into()) }
    }
}
