//! What every `SignatureVerifier` promises.

use std::sync::Arc;

use jwksd_domain::key::{Algorithm, KeyType, PublicJwk, PublicParameters, SigningKey};
use jwksd_domain::ports::{SignatureVerifier, Signer, VerifierError};

use super::signer::stored;

/// A verifier, and a signer that makes what it checks.
pub struct VerifierUnderTest {
    /// The verifier.
    pub verifier: Arc<dyn SignatureVerifier>,
    /// Makes signatures of the kind that the verifier checks.
    pub signer: Arc<dyn Signer>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`VerifierUnderTest`](crate::suites::signature_verifier::VerifierUnderTest).
#[macro_export]
macro_rules! signature_verifier_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            signature_verifier,
            $make,
            [
                accepts_what_was_signed,
                refuses_another_message,
                refuses_another_key,
                refuses_every_changed_byte,
                refuses_every_other_length,
                takes_the_algorithm_from_the_key_alone,
                tells_parameters_of_another_type,
                tells_numbers_of_the_wrong_length,
                tells_a_short_rsa_key,
            ]
        );
    };
}

const ONE_OF_EACH_TYPE: [Algorithm; 4] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa];

async fn signed(subject: &VerifierUnderTest, algorithm: Algorithm) -> (PublicJwk, Vec<u8>) {
    let key = stored(subject.signer.generate(algorithm).await.unwrap());
    let signature = subject.signer.sign(&key, b"message").await.unwrap();
    (key.public, signature)
}

/// Whether `signature` is accepted as one of `b"message"`.
fn accepts(subject: &VerifierUnderTest, key: &PublicJwk, signature: &[u8]) -> bool {
    subject.verifier.verify(key, b"message", signature).unwrap()
}

/// By every algorithm.
pub async fn accepts_what_was_signed(subject: &VerifierUnderTest) {
    for algorithm in Algorithm::ALL {
        let (key, signature) = signed(subject, algorithm).await;
        assert!(accepts(subject, &key, &signature), "{algorithm}");
    }
}

/// A letter more, a letter less, nothing at all.
pub async fn refuses_another_message(subject: &VerifierUnderTest) {
    for algorithm in ONE_OF_EACH_TYPE {
        let (key, signature) = signed(subject, algorithm).await;
        for message in [&b"message "[..], b"messag", b"Message", b""] {
            assert!(!subject.verifier.verify(&key, message, &signature).unwrap(), "{algorithm}");
        }
    }
}

/// Another key of the same algorithm.
pub async fn refuses_another_key(subject: &VerifierUnderTest) {
    for algorithm in ONE_OF_EACH_TYPE {
        let (_, signature) = signed(subject, algorithm).await;
        let (other, _) = signed(subject, algorithm).await;
        assert!(!accepts(subject, &other, &signature), "{algorithm}");
    }
}

/// No byte of a signature is without meaning.
pub async fn refuses_every_changed_byte(subject: &VerifierUnderTest) {
    for algorithm in ONE_OF_EACH_TYPE {
        let (key, signature) = signed(subject, algorithm).await;
        for position in 0..signature.len() {
            let mut changed = signature.clone();
            changed[position] ^= 0x80;
            assert!(!accepts(subject, &key, &changed), "{algorithm}, byte {position}");
        }
    }
}

/// Cut at either end, down to nothing; lengthened.
pub async fn refuses_every_other_length(subject: &VerifierUnderTest) {
    for algorithm in ONE_OF_EACH_TYPE {
        let (key, signature) = signed(subject, algorithm).await;
        for length in 0..signature.len() {
            assert!(!accepts(subject, &key, &signature[..length]), "{algorithm}, first {length} bytes");
        }
        assert!(!accepts(subject, &key, &signature[1..]), "{algorithm}");
        assert!(!accepts(subject, &key, &[&signature[..], &[0]].concat()), "{algorithm}");
        assert!(!accepts(subject, &key, &[&[0], &signature[..]].concat()), "{algorithm}");
    }
}

/// One RSA key under each of its six algorithms: only the one it signed by accepts (RFC 8725 section 3.1).
pub async fn takes_the_algorithm_from_the_key_alone(subject: &VerifierUnderTest) {
    let rsa: Vec<_> = Algorithm::ALL.into_iter().filter(|algorithm| algorithm.key_type() == KeyType::Rsa).collect();
    let key = stored(subject.signer.generate(Algorithm::Rs256).await.unwrap());
    let under = |algorithm| PublicJwk::new(algorithm, key.public.parameters().clone());
    for signed_by in &rsa {
        let key = SigningKey { public: under(*signed_by), ..key.clone() };
        let signature = subject.signer.sign(&key, b"message").await.unwrap();
        for read_as in &rsa {
            let accepted = accepts(subject, &under(*read_as), &signature);
            assert_eq!(accepted, read_as == signed_by, "signed by {signed_by}, read as {read_as}");
        }
    }
}

/// The parameters of each type under the algorithms of the others are no key.
pub async fn tells_parameters_of_another_type(subject: &VerifierUnderTest) {
    for made_for in ONE_OF_EACH_TYPE {
        let (key, signature) = signed(subject, made_for).await;
        for read_as in ONE_OF_EACH_TYPE.into_iter().filter(|algorithm| *algorithm != made_for) {
            let jwk = PublicJwk::new(read_as, key.parameters().clone());
            assert!(is_malformed(subject, &jwk, &signature), "{made_for} as {read_as}");
        }
    }
}

fn is_malformed(subject: &VerifierUnderTest, key: &PublicJwk, signature: &[u8]) -> bool {
    matches!(subject.verifier.verify(key, b"message", signature), Err(VerifierError::MalformedKey(_)))
}

/// A coordinate that is a byte short or long, or empty, is no coordinate.
pub async fn tells_numbers_of_the_wrong_length(subject: &VerifierUnderTest) {
    for (algorithm, length) in [(Algorithm::Es256, 32), (Algorithm::Es384, 48), (Algorithm::EdDsa, 32)] {
        let (key, signature) = signed(subject, algorithm).await;
        for wrong in [0, length - 1, length + 1] {
            let resized = |number: &[u8]| {
                let mut number = number.to_vec();
                number.resize(wrong, 1);
                number
            };
            let parameters = match key.parameters().clone() {
                PublicParameters::Ec { x, y } => PublicParameters::Ec { x: resized(&x), y },
                PublicParameters::Okp { x } => PublicParameters::Okp { x: resized(&x) },
                PublicParameters::Rsa { .. } => panic!("{algorithm} has an RSA key"),
            };
            assert!(is_malformed(subject, &PublicJwk::new(algorithm, parameters), &signature), "{algorithm}, {wrong}");
        }
    }
}

/// A modulus below 2048 bits is refused by its size, before anything is computed (RFC 7518 section 3.3).
pub async fn tells_a_short_rsa_key(subject: &VerifierUnderTest) {
    let (short, almost) = (vec![0xff; 128], [&[0x7f][..], &[0xff; 255]].concat());
    for n in [vec![], short, almost] {
        for algorithm in [Algorithm::Rs256, Algorithm::Ps512] {
            let signature = vec![1; n.len()];
            let jwk = PublicJwk::new(algorithm, PublicParameters::Rsa { n: n.clone(), e: vec![1, 0, 1] });
            assert!(is_malformed(subject, &jwk, &signature), "{algorithm}, {} bytes", n.len());
        }
    }
}
