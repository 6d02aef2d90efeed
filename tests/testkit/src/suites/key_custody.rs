//! What every `KeyCustody` promises.

use std::sync::Arc;

use jwksd_domain::key::{Algorithm, SigningKey};
use jwksd_domain::ports::{CustodyError, KeyCustody, SignatureVerifier, Signer, SignerError};
use zeroize::Zeroizing;

use super::signer::stored;

/// A keeper of keys as a signer and as a custody, another one that knows its encryption key as an earlier one, and a verifier.
pub struct CustodyUnderTest {
    /// Makes keys and signs with them.
    pub signer: Arc<dyn Signer>,
    /// The same keeper.
    pub custody: Arc<dyn KeyCustody>,
    /// Seals with another encryption key, and opens what `custody` has sealed.
    pub successor: Arc<dyn KeyCustody>,
    /// The successor as a signer that knows no earlier encryption key.
    pub newcomer: Arc<dyn Signer>,
    /// Checks signatures of the kind that the signers make.
    pub verifier: Arc<dyn SignatureVerifier>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`CustodyUnderTest`](crate::suites::key_custody::CustodyUnderTest).
#[macro_export]
macro_rules! key_custody_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            key_custody,
            $make,
            [
                takes_in_what_it_gave_out,
                passes_over_what_stands_around_a_key,
                refuses_what_is_no_private_key,
                refuses_a_key_of_another_type,
                seals_anew_with_the_present_key,
                gives_out_nothing_of_a_damaged_key,
            ]
        );
    };
}

async fn generated(subject: &CustodyUnderTest, algorithm: Algorithm) -> SigningKey {
    stored(subject.signer.generate(algorithm).await.unwrap())
}

async fn pem_of(subject: &CustodyUnderTest, key: &SigningKey) -> Zeroizing<String> {
    subject.custody.export(key).await.unwrap_or_else(|error| panic!("{error}")).private
}

/// PEM of every type is read again as the same key, which signs.
pub async fn takes_in_what_it_gave_out(subject: &CustodyUnderTest) {
    for algorithm in Algorithm::ALL {
        let key = generated(subject, algorithm).await;
        let pair = subject.custody.export(&key).await.unwrap_or_else(|error| panic!("{error}"));
        assert!(pair.private.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{algorithm}");
        assert!(pair.public.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{algorithm}");
        let again = stored(subject.custody.import(algorithm, &pair.private).await.unwrap_or_else(|e| panic!("{e}")));
        assert!(again.public == key.public, "{algorithm}");
        let signature = subject.signer.sign(&again, b"message").await.unwrap();
        assert!(subject.verifier.verify(&key.public, b"message", &signature).unwrap(), "{algorithm}");
    }
}

/// Comments, carriage returns, and other blocks before and after.
pub async fn passes_over_what_stands_around_a_key(subject: &CustodyUnderTest) {
    let key = generated(subject, Algorithm::Es256).await;
    let pair = subject.custody.export(&key).await.unwrap_or_else(|error| panic!("{error}"));
    let (private, public) = (&*pair.private, &pair.public);
    for text in [
        format!("# mine\n{private}"),
        format!("{public}{private}"),
        format!("{private}\n\n{public}"),
        private.replace('\n', "\r\n"),
    ] {
        let imported = subject.custody.import(Algorithm::Es256, &Zeroizing::new(text)).await;
        assert!(imported.is_ok_and(|imported| imported.public == key.public));
    }
}

/// Nothing, no PEM, a public key, a certificate, a cut or damaged or encrypted key.
pub async fn refuses_what_is_no_private_key(subject: &CustodyUnderTest) {
    let key = generated(subject, Algorithm::Es256).await;
    let pair = subject.custody.export(&key).await.unwrap_or_else(|error| panic!("{error}"));
    let private = &*pair.private;
    let relabelled = |label: &str| private.replace("PRIVATE KEY", label);
    let texts = [
        String::new(),
        "nonsense".to_owned(),
        private.replace('-', ""),
        private[..private.len() / 2].to_owned(),
        private.replacen("\nM", "\n!", 1),
        private.replacen("\nM", "\nN", 1),
        pair.public.clone(),
        relabelled("CERTIFICATE"),
        relabelled("ENCRYPTED PRIVATE KEY"),
        relabelled("OPENSSH PRIVATE KEY"),
        "x".repeat(100_000),
    ];
    for text in texts {
        let imported = subject.custody.import(Algorithm::Es256, &Zeroizing::new(text.clone())).await;
        assert!(matches!(imported, Err(CustodyError::Unreadable(_))), "{text}");
    }
}

/// An algorithm takes keys of its own type and no others.
pub async fn refuses_a_key_of_another_type(subject: &CustodyUnderTest) {
    let types = [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519];
    for made in types {
        let pem = pem_of(subject, &generated(subject, made).await).await;
        for wanted in types.into_iter().filter(|wanted| *wanted != made) {
            let imported = subject.custody.import(wanted, &pem).await;
            assert!(matches!(imported, Err(CustodyError::Unreadable(_))), "{made} as {wanted}");
        }
    }
}

/// What was sealed anew opens without the earlier encryption key, and is the same key.
pub async fn seals_anew_with_the_present_key(subject: &CustodyUnderTest) {
    for algorithm in [Algorithm::Rs256, Algorithm::Es384, Algorithm::EdDsa] {
        let mut key = generated(subject, algorithm).await;
        assert!(subject.newcomer.prepare(&key).await.is_err(), "{algorithm}: it knows the earlier key");
        let sealed = subject.successor.reseal(&key).await.unwrap();
        assert_ne!(sealed.sealed_by, key.private.sealed_by);
        key.private = sealed;
        subject.newcomer.prepare(&key).await.unwrap();
        let again = subject.successor.reseal(&key).await.unwrap();
        assert!(
            again.sealed_by == key.private.sealed_by && again.bytes != key.private.bytes,
            "a fresh nonce each time"
        );
    }
}

/// Halves that do not belong together, and changed bytes.
pub async fn gives_out_nothing_of_a_damaged_key(subject: &CustodyUnderTest) {
    let (key, other) = (generated(subject, Algorithm::Es256).await, generated(subject, Algorithm::Es256).await);
    let swapped = SigningKey { private: other.private, ..key.clone() };
    let mut changed = key.clone();
    changed.private.bytes[20] ^= 1;
    for broken in [swapped, changed] {
        assert!(matches!(subject.custody.export(&broken).await.map(drop), Err(SignerError::Rejected(_))));
        assert!(matches!(subject.custody.reseal(&broken).await.map(drop), Err(SignerError::Rejected(_))));
    }
}
