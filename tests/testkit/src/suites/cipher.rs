//! What every `Cipher` promises.

use std::collections::HashSet;
use std::sync::Arc;

use jwksd_domain::key::{Algorithm, EncryptionKeyId, Kid, PublicJwk, PublicParameters};
use jwksd_domain::ports::{Cipher, CipherError, SealContext, Sealed};
use jwksd_domain::session::SessionId;

/// Ciphers that differ in their encryption keys.
pub struct CipherUnderTest {
    /// Has one encryption key.
    pub cipher: Arc<dyn Cipher>,
    /// Seals with another key; that of `cipher` is its previous one.
    pub successor: Arc<dyn Cipher>,
    /// Knows neither key.
    pub stranger: Arc<dyn Cipher>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`CipherUnderTest`](crate::suites::cipher::CipherUnderTest).
#[macro_export]
macro_rules! cipher_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            cipher,
            $make,
            [
                opens_what_it_sealed,
                seals_nothing_and_much,
                hides_the_plaintext,
                never_seals_alike,
                refuses_every_changed_byte,
                refuses_every_cut,
                refuses_another_kid,
                binds_the_documented_data,
                refuses_an_unknown_key,
                opens_with_a_previous_key,
                refuses_a_false_key_id,
                refuses_what_is_no_key_id,
            ]
        );
    };
}

/// The context of a signing key that is told apart by `name`.
pub fn context(name: &str) -> SealContext {
    SealContext::of_signing_key(&kid(name))
}

fn kid(name: &str) -> Kid {
    let parameters = PublicParameters::Okp { x: name.as_bytes().to_vec() };
    PublicJwk::new(Algorithm::EdDsa, parameters).kid().clone()
}

async fn sealed(cipher: &Arc<dyn Cipher>) -> Sealed {
    cipher.seal(&context("a"), b"secret").await.unwrap()
}

async fn is_rejected(cipher: &Arc<dyn Cipher>, bytes: Vec<u8>, like: &Sealed) -> bool {
    let sealed = Sealed { bytes, sealed_by: like.sealed_by.clone() };
    matches!(cipher.open(&context("a"), &sealed).await, Err(CipherError::Rejected))
}

/// The same context opens it, twice.
pub async fn opens_what_it_sealed(subject: &CipherUnderTest) {
    let sealed = sealed(&subject.cipher).await;
    for _ in 0..2 {
        assert_eq!(subject.cipher.open(&context("a"), &sealed).await.unwrap().as_slice(), b"secret");
    }
}

/// From no byte to a megabyte.
pub async fn seals_nothing_and_much(subject: &CipherUnderTest) {
    for length in [0, 1, 15, 16, 17, 1 << 20] {
        let plaintext = vec![0x5a; length];
        let sealed = subject.cipher.seal(&context("a"), &plaintext).await.unwrap();
        assert!(*subject.cipher.open(&context("a"), &sealed).await.unwrap() == plaintext, "{length} bytes");
    }
}

/// No eight bytes of the plaintext in a row are in the ciphertext.
pub async fn hides_the_plaintext(subject: &CipherUnderTest) {
    let plaintext: Vec<u8> = (0..=255).collect();
    let sealed = subject.cipher.seal(&context("a"), &plaintext).await.unwrap();
    let windows: HashSet<_> = plaintext.windows(8).collect();
    assert!(!sealed.bytes.windows(8).any(|window| windows.contains(window)));
}

/// The same secret for the same context: another nonce and another ciphertext each time.
pub async fn never_seals_alike(subject: &CipherUnderTest) {
    let mut nonces = HashSet::new();
    let mut rests = HashSet::new();
    for _ in 0..100 {
        let (nonce, rest) = sealed(&subject.cipher).await.bytes.split_first_chunk::<12>().map(owned).unwrap();
        nonces.insert(nonce);
        rests.insert(rest);
    }
    assert_eq!((nonces.len(), rests.len()), (100, 100));
}

fn owned((nonce, rest): (&[u8; 12], &[u8])) -> ([u8; 12], Vec<u8>) {
    (*nonce, rest.to_vec())
}

/// Nonce, ciphertext and tag alike.
pub async fn refuses_every_changed_byte(subject: &CipherUnderTest) {
    let sealed = sealed(&subject.cipher).await;
    for position in 0..sealed.bytes.len() {
        let mut bytes = sealed.bytes.clone();
        bytes[position] ^= 1;
        assert!(is_rejected(&subject.cipher, bytes, &sealed).await, "byte {position} was changed");
    }
}

/// From either end, down to nothing; and one byte too many.
pub async fn refuses_every_cut(subject: &CipherUnderTest) {
    let sealed = sealed(&subject.cipher).await;
    for length in 0..sealed.bytes.len() {
        let (front, back) = (&sealed.bytes[..length], &sealed.bytes[sealed.bytes.len() - length..]);
        assert!(is_rejected(&subject.cipher, front.to_vec(), &sealed).await, "the first {length} bytes opened");
        assert!(is_rejected(&subject.cipher, back.to_vec(), &sealed).await, "the last {length} bytes opened");
    }
    assert!(is_rejected(&subject.cipher, [&sealed.bytes[..], &[0]].concat(), &sealed).await);
}

/// A ciphertext moved to another key's row does not open.
pub async fn refuses_another_kid(subject: &CipherUnderTest) {
    let sealed = sealed(&subject.cipher).await;
    let opened = subject.cipher.open(&context("b"), &sealed).await;
    assert!(matches!(opened, Err(CipherError::Rejected)));
}

/// The purpose is bound by its label, which stored ciphertexts depend on.
pub async fn binds_the_documented_data(_: &CipherUnderTest) {
    let session = SessionId::from_random([1; 16]);
    let documented = [
        (context("a"), format!("jwksd:signing-key:v1:{}", kid("a"))),
        (SealContext::of_session(session), "jwksd:session-secret:v1:01010101-0101-4101-8101-010101010101".to_owned()),
    ];
    for (context, expected) in documented {
        assert_eq!(context.associated_data(), expected.into_bytes(), "ciphertexts that are stored would open no more");
    }
}

/// The answer names the key, so that whoever runs the server can look for it.
pub async fn refuses_an_unknown_key(subject: &CipherUnderTest) {
    let sealed = sealed(&subject.cipher).await;
    match subject.stranger.open(&context("a"), &sealed).await {
        Err(CipherError::UnknownKey(id)) => assert_eq!(id, sealed.sealed_by),
        _ => panic!("an unknown key is not told as one"),
    }
    let newer = subject.successor.seal(&context("a"), b"secret").await.unwrap();
    assert!(matches!(subject.cipher.open(&context("a"), &newer).await, Err(CipherError::UnknownKey(_))));
}

/// After the encryption key was changed, what the old one sealed still opens, and the new one seals.
pub async fn opens_with_a_previous_key(subject: &CipherUnderTest) {
    let old = sealed(&subject.cipher).await;
    let new = sealed(&subject.successor).await;
    assert_ne!(old.sealed_by, new.sealed_by);
    for sealed in [old, new] {
        assert_eq!(subject.successor.open(&context("a"), &sealed).await.unwrap().as_slice(), b"secret");
    }
}

/// A ciphertext under the id of another configured key is rejected, not opened by trying them all.
pub async fn refuses_a_false_key_id(subject: &CipherUnderTest) {
    let old = sealed(&subject.cipher).await;
    let new = sealed(&subject.successor).await;
    assert!(is_rejected(&subject.successor, old.bytes, &new).await);
}

/// A row whose key id was damaged is damaged, and not of a key that was dropped.
pub async fn refuses_what_is_no_key_id(subject: &CipherUnderTest) {
    let sealed = sealed(&subject.cipher).await;
    for text in ["", "0123456789ABCDEF", "0123456789abcdef0", "none"] {
        let damaged = Sealed { sealed_by: EncryptionKeyId::stored(text.to_owned()), ..sealed.clone() };
        assert!(matches!(subject.cipher.open(&context("a"), &damaged).await, Err(CipherError::Rejected)), "{text:?}");
    }
}
