//! A cipher that hides nothing from anyone who looks, and refuses all that a real one refuses.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::ports::{Cipher, CipherError, SealContext, Sealed};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;

/// A cipher whose nonce is a counter, whose ciphertext is the plaintext inverted, and whose tag is a hash of all that must not
/// change.
pub struct FakeCipher {
    keys: Vec<EncryptionKeyId>,
    sealed: AtomicU64,
}

impl FakeCipher {
    /// A cipher that seals with the encryption key of that number and knows the `previous` ones too.
    pub fn new(current: u8, previous: &[u8]) -> Self {
        let numbers = [&[current], previous].concat();
        Self { keys: numbers.into_iter().map(|n| EncryptionKeyId::of(&[n; 32])).collect(), sealed: AtomicU64::new(1) }
    }
}

impl Default for FakeCipher {
    fn default() -> Self {
        Self::new(1, &[])
    }
}

#[async_trait]
impl Cipher for FakeCipher {
    async fn seal(&self, context: &SealContext, plaintext: &[u8]) -> Result<Sealed, CipherError> {
        let sealed_by = self.keys[0].clone();
        let mut bytes = vec![0; NONCE_LENGTH - 8];
        bytes.extend(self.sealed.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        bytes.extend(plaintext.iter().map(|byte| !byte));
        bytes.extend(tag(&sealed_by, context, &bytes));
        Ok(Sealed { bytes, sealed_by })
    }

    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        if !sealed.sealed_by.is_well_formed() {
            return Err(CipherError::Rejected);
        }
        if !self.keys.contains(&sealed.sealed_by) {
            return Err(CipherError::UnknownKey(sealed.sealed_by.clone()));
        }
        match sealed.bytes.split_last_chunk::<TAG_LENGTH>() {
            Some((rest, found)) if rest.len() >= NONCE_LENGTH && tag(&sealed.sealed_by, context, rest) == *found => {
                Ok(Zeroizing::new(rest[NONCE_LENGTH..].iter().map(|byte| !byte).collect()))
            }
            _ => Err(CipherError::Rejected),
        }
    }
}

fn tag(key: &EncryptionKeyId, context: &SealContext, nonce_and_ciphertext: &[u8]) -> [u8; TAG_LENGTH] {
    let hash = Sha256::new()
        .chain_update(key.as_str())
        .chain_update(context.associated_data())
        .chain_update(nonce_and_ciphertext)
        .finalize();
    std::array::from_fn(|i| hash[i])
}
