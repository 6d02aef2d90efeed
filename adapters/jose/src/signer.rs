//! The signer: each private key is opened and parsed once, then kept.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use jwksd_domain::key::{Algorithm, Kid, PublicJwk, SigningKey};
use jwksd_domain::ports::{Cipher, CipherError, NewKey, SealContext, Signer, SignerError};
use metrics::Counter;
use tokio::task;

use crate::private_key::{Encoding, PrivateKey, RsaSize};

const SIGNATURES: &str = "jwksd_signatures_total";

/// Signs in software with private keys that `cipher` seals, as PKCS#8, for their kid.
///
/// Counts signatures in `jwksd_signatures_total`; a recorder must be installed before the first key is made ready.
pub struct SoftwareSigner {
    cipher: Arc<dyn Cipher>,
    rsa_size: RsaSize,
    kept: RwLock<HashMap<Kid, Arc<KeptKey>>>,
}

/// An opened key whose two halves are known to belong together.
struct KeptKey {
    algorithm: Algorithm,
    private: PrivateKey,
    signatures: Counter,
}

impl SoftwareSigner {
    /// A signer that has opened no key yet and makes RSA keys of that size.
    pub fn new(cipher: Arc<dyn Cipher>, rsa_size: RsaSize) -> Self {
        metrics::describe_counter!(SIGNATURES, "Signatures made, by key");
        Self { cipher, rsa_size, kept: RwLock::default() }
    }

    /// The kept key, if this one is. Keys of one kid may differ in their algorithm: the thumbprint leaves it out (RFC 7638).
    fn find(&self, key: &SigningKey) -> Option<Arc<KeptKey>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(key.kid()).filter(|kept| kept.algorithm == key.algorithm()).cloned()
    }

    /// The private half, if it opens and is the other half of the public one.
    pub(crate) async fn unsealed(&self, key: &SigningKey) -> Result<PrivateKey, SignerError> {
        let pkcs8 = self.cipher.open(&SealContext::of_signing_key(key.kid()), &key.private).await;
        let pkcs8 = pkcs8.map_err(|error| signer_error(key.kid(), error))?;
        let rejected = || SignerError::Rejected(key.kid().clone());
        let private = PrivateKey::read(key.algorithm(), Encoding::Pkcs8, &pkcs8).map_err(|_| rejected())?;
        let public = private.public_parameters().map_err(|_| rejected())?;
        if public == *key.public.parameters() { Ok(private) } else { Err(rejected()) }
    }

    /// The key with its private half sealed for its kid.
    pub(crate) async fn sealed(&self, algorithm: Algorithm, private: &PrivateKey) -> Result<NewKey, SignerError> {
        let public = PublicJwk::new(algorithm, private.public_parameters().map_err(unavailable)?);
        let pkcs8 = private.to_pkcs8().map_err(unavailable)?;
        let sealed = self.cipher.seal(&SealContext::of_signing_key(public.kid()), &pkcs8).await;
        let private = sealed.map_err(|error| signer_error(public.kid(), error))?;
        Ok(NewKey { public, private })
    }

    async fn open(&self, key: &SigningKey) -> Result<Arc<KeptKey>, SignerError> {
        let opened = Arc::new(KeptKey::new(&key.public, self.unsealed(key).await?));
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(key.kid().clone(), Arc::clone(&opened));
        Ok(opened)
    }
}

#[async_trait]
impl Signer for SoftwareSigner {
    async fn generate(&self, algorithm: Algorithm) -> Result<NewKey, SignerError> {
        // An RSA key takes a tenth of a second to find: off the async threads, so that several are sought in parallel.
        let size = self.rsa_size;
        let made = task::spawn_blocking(move || PrivateKey::generate(algorithm, size)).await.map_err(unavailable)?;
        self.sealed(algorithm, &made.map_err(unavailable)?).await
    }

    async fn prepare(&self, key: &SigningKey) -> Result<(), SignerError> {
        self.open(key).await.map(drop)
    }

    /// Signs on the calling thread: a signature takes a third of a millisecond at most, handing it over takes longer than most.
    async fn sign(&self, key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let kept = match self.find(key) {
            Some(kept) => kept,
            None => self.open(key).await?,
        };
        let signature = kept.private.sign(message).map_err(unavailable)?;
        kept.signatures.increment(1);
        Ok(signature)
    }

    async fn retain(&self, kids: &[Kid]) {
        self.kept.write().unwrap_or_else(PoisonError::into_inner).retain(|kid, _| kids.contains(kid));
    }
}

impl KeptKey {
    fn new(public: &PublicJwk, private: PrivateKey) -> Self {
        let algorithm = public.algorithm();
        let labels = [("kid", public.kid().to_string()), ("alg", algorithm.to_string())];
        Self { algorithm, private, signatures: metrics::counter!(SIGNATURES, &labels) }
    }
}

fn signer_error(kid: &Kid, error: CipherError) -> SignerError {
    match error {
        CipherError::Rejected => SignerError::Rejected(kid.clone()),
        CipherError::UnknownKey(sealed_by) => SignerError::UnknownEncryptionKey { kid: kid.clone(), sealed_by },
        CipherError::Unavailable(source) => SignerError::Unavailable(source),
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> SignerError {
    SignerError::Unavailable(Box::new(error))
}
