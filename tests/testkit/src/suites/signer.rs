//! What every `Signer` promises.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::key::{Algorithm, KeyPurpose, KeySchedule, PublicJwk, PublicParameters, SigningKey};
use jwksd_domain::ports::{NewKey, SignatureVerifier, Signer, SignerError};
use jwksd_domain::time::Timestamp;

/// A signer, another that has other encryption keys, and a verifier of what they sign.
pub struct SignerUnderTest {
    /// The signer.
    pub signer: Arc<dyn Signer>,
    /// Knows none of the encryption keys of `signer`.
    pub stranger: Arc<dyn Signer>,
    /// Checks signatures of the kind that the signers make.
    pub verifier: Arc<dyn SignatureVerifier>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`SignerUnderTest`](crate::suites::signer::SignerUnderTest).
#[macro_export]
macro_rules! signer_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            signer,
            $make,
            [
                signs_by_every_algorithm,
                makes_public_halves_that_fit,
                names_keys_by_their_thumbprint,
                draws_a_new_key_each_time,
                signs_what_was_never_prepared,
                signs_any_length,
                may_prepare_again,
                signs_with_one_key_by_two_algorithms,
                refuses_swapped_private_halves,
                refuses_changed_private_halves,
                tells_an_unknown_encryption_key,
                drops_all_but_the_retained,
            ]
        );
    };
}

/// A key as it would be stored: what a signer made, with a schedule of no meaning.
pub fn stored(key: NewKey) -> SigningKey {
    let now = Timestamp::from_unix_seconds(1_800_000_000);
    SigningKey {
        public: key.public,
        private: key.private,
        purpose: KeyPurpose::Signing,
        created_at: now,
        schedule: KeySchedule::new(now, now, now.plus(Duration::from_secs(3600)), Duration::from_secs(900)),
        revocation: None,
    }
}

async fn generated(subject: &SignerUnderTest, algorithm: Algorithm) -> SigningKey {
    stored(subject.signer.generate(algorithm).await.unwrap())
}

/// Generate, prepare, sign; the signature has the length that JWS demands, and verifies for this key and message only.
pub async fn signs_by_every_algorithm(subject: &SignerUnderTest) {
    for algorithm in Algorithm::ALL {
        let key = generated(subject, algorithm).await;
        let other = generated(subject, algorithm).await;
        subject.signer.prepare(&key).await.unwrap();
        let signature = subject.signer.sign(&key, b"message").await.unwrap();
        let verify = |key: &SigningKey, message| subject.verifier.verify(&key.public, message, &signature).unwrap();
        assert!(verify(&key, b"message"), "{algorithm}");
        assert!(!verify(&key, b"massage"), "{algorithm}");
        assert!(!verify(&other, b"message"), "{algorithm}");
        assert_eq!(signature.len(), signature_length(&key.public), "{algorithm}");
    }
}

/// RFC 7518 sections 3.3 to 3.5, RFC 8037 section 3.1.
fn signature_length(public: &PublicJwk) -> usize {
    match public.parameters() {
        PublicParameters::Rsa { n, .. } => n.len(),
        PublicParameters::Ec { x, y } => x.len() + y.len(),
        PublicParameters::Okp { .. } => 64,
    }
}

/// RSA has 2048 bits or more and no leading zeros; coordinates have the length of their field.
pub async fn makes_public_halves_that_fit(subject: &SignerUnderTest) {
    for algorithm in Algorithm::ALL {
        let key = generated(subject, algorithm).await;
        assert_eq!(key.algorithm(), algorithm);
        match (algorithm, key.public.parameters()) {
            (Algorithm::Es256, PublicParameters::Ec { x, y }) => assert_eq!((x.len(), y.len()), (32, 32)),
            (Algorithm::Es384, PublicParameters::Ec { x, y }) => assert_eq!((x.len(), y.len()), (48, 48)),
            (Algorithm::Ed25519 | Algorithm::EdDsa, PublicParameters::Okp { x }) => assert_eq!(x.len(), 32),
            (_, PublicParameters::Rsa { n, e }) => {
                assert!(n.len() > 256 || (n.len() == 256 && n[0] >= 0x80), "fewer than 2048 bits");
                assert!(n[0] != 0 && e[0] != 0, "a leading zero");
            }
            _ => panic!("the parameters do not fit {algorithm}"),
        }
    }
}

/// The kid is a function of the public parameters (RFC 7638).
pub async fn names_keys_by_their_thumbprint(subject: &SignerUnderTest) {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let key = generated(subject, algorithm).await;
        assert_eq!(*key.kid(), *PublicJwk::new(algorithm, key.public.parameters().clone()).kid());
    }
}

/// Also where several are made at the same time.
pub async fn draws_a_new_key_each_time(subject: &SignerUnderTest) {
    let make = || subject.signer.generate(Algorithm::Rs256);
    let (a, b, c, d) = tokio::join!(make(), make(), make(), make());
    let kids: HashSet<_> = [a, b, c, d].into_iter().map(|key| key.unwrap().public.kid().clone()).collect();
    assert_eq!(kids.len(), 4);
}

/// As after a restart, when a key of the ring is first used.
pub async fn signs_what_was_never_prepared(subject: &SignerUnderTest) {
    let key = generated(subject, Algorithm::Es256).await;
    let signature = subject.signer.sign(&key, b"message").await.unwrap();
    assert!(subject.verifier.verify(&key.public, b"message", &signature).unwrap());
}

/// From no byte to more than a token ever has.
pub async fn signs_any_length(subject: &SignerUnderTest) {
    let key = generated(subject, Algorithm::Es256).await;
    for length in [0, 1, 65, 100_000] {
        let message = vec![b'm'; length];
        let signature = subject.signer.sign(&key, &message).await.unwrap();
        assert!(subject.verifier.verify(&key.public, &message, &signature).unwrap(), "{length} bytes");
    }
}

/// Each look at the ring may prepare every key in it.
pub async fn may_prepare_again(subject: &SignerUnderTest) {
    let key = generated(subject, Algorithm::Es256).await;
    for _ in 0..3 {
        subject.signer.prepare(&key).await.unwrap();
    }
    assert!(subject.signer.sign(&key, b"message").await.is_ok());
}

/// The thumbprint leaves the algorithm out, so one kid may stand for two; each signs by its own.
pub async fn signs_with_one_key_by_two_algorithms(subject: &SignerUnderTest) {
    let pkcs1 = generated(subject, Algorithm::Rs256).await;
    let mut pss = pkcs1.clone();
    pss.public = PublicJwk::new(Algorithm::Ps384, pkcs1.public.parameters().clone());
    for key in [&pkcs1, &pss, &pkcs1] {
        let signature = subject.signer.sign(key, b"message").await.unwrap();
        for public in [&pkcs1.public, &pss.public] {
            let verified = subject.verifier.verify(public, b"message", &signature).unwrap();
            assert_eq!(
                verified,
                public.algorithm() == key.algorithm(),
                "{} by {}",
                key.algorithm(),
                public.algorithm()
            );
        }
    }
}

/// Rows whose private halves were exchanged do not sign.
pub async fn refuses_swapped_private_halves(subject: &SignerUnderTest) {
    for algorithm in [Algorithm::Rs256, Algorithm::Es384, Algorithm::EdDsa] {
        let mut key = generated(subject, algorithm).await;
        key.private = generated(subject, algorithm).await.private;
        assert_rejected(&subject.signer, &key).await;
    }
}

/// Changed at the front, in the middle, at the end; cut; empty.
pub async fn refuses_changed_private_halves(subject: &SignerUnderTest) {
    let key = generated(subject, Algorithm::Es256).await;
    let length = key.private.bytes.len();
    for position in [0, length / 2, length - 1] {
        let mut changed = key.clone();
        changed.private.bytes[position] ^= 1;
        assert_rejected(&subject.signer, &changed).await;
    }
    for length in [0, 1, length - 1] {
        let mut cut = key.clone();
        cut.private.bytes.truncate(length);
        assert_rejected(&subject.signer, &cut).await;
    }
}

async fn assert_rejected(signer: &Arc<dyn Signer>, key: &SigningKey) {
    let rejected = |result: Result<(), SignerError>| match result {
        Err(SignerError::Rejected(kid)) => kid == *key.kid(),
        _ => false,
    };
    assert!(rejected(signer.prepare(key).await), "it was prepared");
    assert!(rejected(signer.sign(key, b"message").await.map(drop)), "it signed");
}

/// The answer names both keys, so that whoever runs the server can look for the one that is missing.
pub async fn tells_an_unknown_encryption_key(subject: &SignerUnderTest) {
    let key = generated(subject, Algorithm::Es256).await;
    let results = [subject.stranger.prepare(&key).await, subject.stranger.sign(&key, b"message").await.map(drop)];
    for result in results {
        match result {
            Err(SignerError::UnknownEncryptionKey { kid, sealed_by }) => {
                assert_eq!((&kid, &sealed_by), (key.kid(), &key.private.sealed_by));
            }
            _ => panic!("an unknown encryption key is not told as one"),
        }
    }
}

/// A key that is no longer wanted signs only from its sealed half, and not at all where that does not open.
pub async fn drops_all_but_the_retained(subject: &SignerUnderTest) {
    let (wanted, unwanted) = (generated(subject, Algorithm::Es256).await, generated(subject, Algorithm::Es256).await);
    for key in [&wanted, &unwanted] {
        subject.signer.prepare(key).await.unwrap();
    }
    subject.signer.retain(&[wanted.kid().clone()]).await;
    assert!(subject.signer.sign(&wanted, b"message").await.is_ok());
    let mut broken = unwanted.clone();
    broken.private.bytes.clear();
    assert_rejected(&subject.signer, &broken).await;
    assert!(subject.signer.sign(&unwanted, b"message").await.is_ok(), "it could not be opened again");
}
