//! The cipher keeps the contract of its port.

use std::sync::Arc;

use jwksd_aes::{AesGcmCipher, EncryptionKey};
use jwksd_domain::ports::Cipher;
use jwksd_testkit::SeededEntropy;
use jwksd_testkit::suites::cipher::CipherUnderTest;

jwksd_testkit::cipher_suite!(ciphers);

async fn ciphers() -> CipherUnderTest {
    let entropy = Arc::new(SeededEntropy::new(1));
    let cipher = |current: u8, previous: &[u8]| -> Arc<dyn Cipher> {
        let previous = previous.iter().map(|byte| EncryptionKey::new([*byte; 32])).collect();
        Arc::new(AesGcmCipher::new(EncryptionKey::new([current; 32]), previous, Arc::clone(&entropy) as _))
    };
    CipherUnderTest { cipher: cipher(1, &[]), successor: cipher(2, &[1]), stranger: cipher(3, &[]) }
}
