//! A signer and a verifier without mathematics: fast, the same in each run, and worth nothing as a secret.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::key::{Algorithm, KeyType, Kid, PublicJwk, PublicParameters, SigningKey};
use jwksd_domain::ports::{
    Cipher, CipherError, Entropy, NewKey, SealContext, SignatureVerifier, Signer, SignerError, VerifierError,
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Makes keys that look like keys, from seeds that its entropy gives. A signature is a hash of the public key and the message.
pub struct FakeSigner {
    cipher: Arc<dyn Cipher>,
    entropy: Arc<dyn Entropy>,
}

/// Checks the signatures of [`FakeSigner`].
#[derive(Clone, Copy, Debug, Default)]
pub struct FakeVerifier;

impl FakeSigner {
    /// A signer whose private halves `cipher` seals.
    pub fn new(cipher: Arc<dyn Cipher>, entropy: Arc<dyn Entropy>) -> Self {
        Self { cipher, entropy }
    }

    /// Opens the private half each time: a fake that keeps nothing has nothing to drop.
    pub(crate) async fn unsealed(&self, key: &SigningKey) -> Result<Zeroizing<Vec<u8>>, SignerError> {
        let seed = self.cipher.open(&SealContext::of_signing_key(key.kid()), &key.private).await;
        let seed = seed.map_err(|error| signer_error(key.kid(), error))?;
        match parameters(key.algorithm(), &seed) == *key.public.parameters() {
            true => Ok(seed),
            false => Err(SignerError::Rejected(key.kid().clone())),
        }
    }

    pub(crate) async fn sealed(&self, algorithm: Algorithm, seed: &[u8]) -> Result<NewKey, SignerError> {
        let public = PublicJwk::new(algorithm, parameters(algorithm, seed));
        let sealed = self.cipher.seal(&SealContext::of_signing_key(public.kid()), seed).await;
        let private = sealed.map_err(|error| signer_error(public.kid(), error))?;
        Ok(NewKey { public, private })
    }
}

#[async_trait]
impl Signer for FakeSigner {
    async fn generate(&self, algorithm: Algorithm) -> Result<NewKey, SignerError> {
        let mut seed = [0; 32];
        self.entropy.fill(&mut seed);
        self.sealed(algorithm, &seed).await
    }

    async fn prepare(&self, key: &SigningKey) -> Result<(), SignerError> {
        self.unsealed(key).await.map(drop)
    }

    async fn sign(&self, key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.unsealed(key).await?;
        Ok(signature(&key.public, message))
    }

    async fn retain(&self, _: &[Kid]) {}
}

impl SignatureVerifier for FakeVerifier {
    fn verify(&self, key: &PublicJwk, message: &[u8], found: &[u8]) -> Result<bool, VerifierError> {
        match fits(key) {
            true => Ok(signature(key, message) == found),
            false => Err(VerifierError::MalformedKey("the parameters do not fit the algorithm".into())),
        }
    }
}

/// Numbers of the right type and length; the same for algorithms of one type, as for a real key.
fn parameters(algorithm: Algorithm, seed: &[u8]) -> PublicParameters {
    match algorithm.key_type() {
        KeyType::Rsa => {
            let mut n = expand(&[seed, b"n"], 256);
            n[0] |= 0x80;
            n[255] |= 1;
            PublicParameters::Rsa { n, e: vec![1, 0, 1] }
        }
        KeyType::P256 => PublicParameters::Ec { x: expand(&[seed, b"x"], 32), y: expand(&[seed, b"y"], 32) },
        KeyType::P384 => PublicParameters::Ec { x: expand(&[seed, b"x"], 48), y: expand(&[seed, b"y"], 48) },
        KeyType::Ed25519 => PublicParameters::Okp { x: expand(&[seed, b"x"], 32) },
    }
}

fn fits(key: &PublicJwk) -> bool {
    match (key.algorithm().key_type(), key.parameters()) {
        (KeyType::Rsa, PublicParameters::Rsa { n, .. }) => n.len() >= 256 && n[0] >= 0x80,
        (KeyType::P256, PublicParameters::Ec { x, y }) => (x.len(), y.len()) == (32, 32),
        (KeyType::P384, PublicParameters::Ec { x, y }) => (x.len(), y.len()) == (48, 48),
        (KeyType::Ed25519, PublicParameters::Okp { x }) => x.len() == 32,
        _ => false,
    }
}

/// As long as a real one of the algorithm.
fn signature(key: &PublicJwk, message: &[u8]) -> Vec<u8> {
    let length = match key.algorithm().key_type() {
        KeyType::Rsa => 256,
        KeyType::P256 | KeyType::Ed25519 => 64,
        KeyType::P384 => 96,
    };
    expand(&[key.kid().as_str().as_bytes(), key.algorithm().as_str().as_bytes(), message], length)
}

/// `length` bytes that depend on every byte of `parts`.
fn expand(parts: &[&[u8]], length: usize) -> Vec<u8> {
    let seed = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize();
    let block = |counter: u32| Sha256::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
    (0..).flat_map(block).take(length).collect()
}

fn signer_error(kid: &Kid, error: CipherError) -> SignerError {
    match error {
        CipherError::Rejected => SignerError::Rejected(kid.clone()),
        CipherError::UnknownKey(sealed_by) => SignerError::UnknownEncryptionKey { kid: kid.clone(), sealed_by },
        CipherError::Unavailable(source) => SignerError::Unavailable(source),
    }
}
