//! The stored form is plain AES-256-GCM: another implementation opens it from the documented parts.

use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use jwksd_aes::{AesGcmCipher, EncryptionKey};
use jwksd_domain::ports::Cipher;
use jwksd_testkit::SeededEntropy;
use jwksd_testkit::suites::cipher::context;

/// The nonce in front, the tag at the end, purpose and kid as associated data: what stored rows depend on.
#[tokio::test]
async fn opens_from_nonce_ciphertext_tag_and_associated_data() {
    let key = EncryptionKey::new([7; 32]);
    let id = key.id();
    let cipher = AesGcmCipher::new(key, vec![], Arc::new(SeededEntropy::new(1)));
    assert_eq!(*cipher.current_key(), id);

    let context = context("a");
    let sealed = cipher.seal(&context, b"secret").await.unwrap();
    assert_eq!(sealed.sealed_by, id);
    assert_eq!(sealed.bytes.len(), 12 + 6 + 16);

    let aes = Aes256Gcm::new(&[7; 32].into());
    let nonce = Nonce::try_from(&sealed.bytes[..12]).unwrap();
    let open = |associated: &str| aes.decrypt(&nonce, Payload { msg: &sealed.bytes[12..], aad: associated.as_bytes() });
    let bound = String::from_utf8(context.associated_data()).unwrap();
    let kid = bound.strip_prefix("jwksd:signing-key:v1:").unwrap();
    assert_eq!(open(&bound).unwrap(), b"secret");
    assert!(open(&format!("jwksd:signing-key:v2:{kid}")).is_err(), "the purpose is not bound");
    assert!(open("").is_err(), "nothing is bound");
}
