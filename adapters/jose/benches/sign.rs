//! What signing and checking cost, beside the cryptographic library alone and beside OpenSSL.
//!
//! `cargo bench -p jwksd-jose`

use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use jwksd_domain::key::{Algorithm, SigningKey};
use jwksd_domain::ports::{Cipher, SealContext, SignatureVerifier, Signer};
use jwksd_jose::{RsaSize, SoftwareSigner, SoftwareVerifier};
use jwksd_testkit::FakeCipher;
use jwksd_testkit::measure::{Subject, compare};
use jwksd_testkit::suites::signer::stored;
use tokio::runtime::Runtime;

/// As long as the signing input of a token with all the claims.
const MESSAGE: [u8; 620] = [b'm'; 620];

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime needs nothing to be built");
    let cipher = Arc::new(FakeCipher::default());
    let signer: Arc<dyn Signer> = Arc::new(SoftwareSigner::new(Arc::clone(&cipher) as _, RsaSize::default()));
    let bench = Bench { runtime, cipher, signer };
    bench.rsa();
    bench.ecdsa();
    bench.ed25519();
}

struct Bench {
    runtime: Runtime,
    cipher: Arc<FakeCipher>,
    signer: Arc<dyn Signer>,
}

impl Bench {
    fn rsa(&self) {
        let (key, pkcs8) = self.key(Algorithm::Rs256);
        let raw = RsaKeyPair::from_pkcs8(&pkcs8).expect("the signer seals PKCS#8");
        let random = SystemRandom::new();
        let mut buffer = vec![0; raw.public_modulus_len()];
        let sign_raw = |count| {
            for _ in 0..count {
                raw.sign(&RSA_PKCS1_SHA256, &random, black_box(&MESSAGE), &mut buffer).expect("the key signs");
            }
        };
        compare("RS256, signing", vec![Subject::new("aws-lc-rs, key kept", sign_raw), self.sign(&key)]);
        print_openssl();
        let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, raw.public_key()).expect("it is a public key");
        self.compare_verify("RS256, verifying", &parsed, &key);
    }

    fn ecdsa(&self) {
        let (key, pkcs8) = self.key(Algorithm::Es256);
        let raw = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).expect("the signer seals PKCS#8");
        let random = SystemRandom::new();
        let sign_raw = |count| {
            for _ in 0..count {
                black_box(raw.sign(&random, black_box(&MESSAGE)).expect("the key signs"));
            }
        };
        compare("ES256, signing", vec![Subject::new("aws-lc-rs, key kept", sign_raw), self.sign(&key)]);
        let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, raw.public_key()).expect("it is a public key");
        self.compare_verify("ES256, verifying", &parsed, &key);
    }

    fn ed25519(&self) {
        let (key, pkcs8) = self.key(Algorithm::EdDsa);
        let raw = Ed25519KeyPair::from_pkcs8(&pkcs8).expect("the signer seals PKCS#8");
        let sign_raw = |count| {
            for _ in 0..count {
                black_box(raw.sign(black_box(&MESSAGE)));
            }
        };
        compare("EdDSA, signing", vec![Subject::new("aws-lc-rs, key kept", sign_raw), self.sign(&key)]);
        let parsed = ParsedPublicKey::new(&ED25519, raw.public_key()).expect("it is a public key");
        self.compare_verify("EdDSA, verifying", &parsed, &key);
    }

    /// A key that is ready, and its private half.
    fn key(&self, algorithm: Algorithm) -> (SigningKey, Vec<u8>) {
        self.runtime.block_on(async {
            let key = stored(self.signer.generate(algorithm).await.expect("a key is made"));
            self.signer.prepare(&key).await.expect("the halves belong together");
            let context = SealContext::of_signing_key(key.kid());
            let pkcs8 = self.cipher.open(&context, &key.private).await.expect("it was sealed for this key");
            (key, pkcs8.to_vec())
        })
    }

    fn sign<'a>(&'a self, key: &'a SigningKey) -> Subject<'a> {
        Subject::new("jwksd, through the Signer port", move |count| {
            self.runtime.block_on(async {
                for _ in 0..count {
                    black_box(self.signer.sign(key, black_box(&MESSAGE)).await.expect("the key signs"));
                }
            });
        })
    }

    fn compare_verify(&self, title: &str, raw: &ParsedPublicKey, key: &SigningKey) {
        let signature = self.runtime.block_on(self.signer.sign(key, &MESSAGE)).expect("the key signs");
        let verify_raw = |count| {
            for _ in 0..count {
                raw.verify_sig(black_box(&MESSAGE), &signature).expect("it is the signature");
            }
        };
        let verify = |count| {
            for _ in 0..count {
                assert!(SoftwareVerifier.verify(&key.public, black_box(&MESSAGE), &signature).expect("it is a key"));
            }
        };
        let subjects = vec![
            Subject::new("aws-lc-rs, key parsed", verify_raw),
            Subject::new("jwksd, from the JWK each time", verify),
        ];
        compare(title, subjects);
    }
}

/// What `openssl speed` says of the same machine at about the same moment.
fn print_openssl() {
    let output = Command::new("openssl").args(["speed", "-mr", "-seconds", "2", "rsa2048"]).output();
    let Ok(output) = output else {
        return println!("openssl is not installed: nothing to compare with");
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("+F2:")).unwrap_or_default();
    let numbers: Vec<f64> = line.split(':').filter_map(|field| field.parse().ok()).collect();
    match numbers[..] {
        [_, _, sign, verify] => {
            println!("openssl speed rsa2048, one core: {sign:.0} signs and {verify:.0} verifies a second")
        }
        _ => println!("openssl speed said what this does not understand: {line}"),
    }
}
