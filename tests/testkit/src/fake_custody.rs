//! Keys of the fake signer as PEM: a byte that begins every DER sequence, one for the type, and the seed.

use async_trait::async_trait;
use base64ct::{Base64, Encoding};
use jwksd_domain::key::{Algorithm, KeyType, SigningKey};
use jwksd_domain::ports::{CustodyError, KeyCustody, NewKey, PemPair, Sealed, SignerError};
use zeroize::Zeroizing;

use crate::FakeSigner;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
const SEQUENCE: u8 = 0x30;

#[async_trait]
impl KeyCustody for FakeSigner {
    async fn import(&self, algorithm: Algorithm, pem: &Zeroizing<String>) -> Result<NewKey, CustodyError> {
        let seed = read(algorithm, pem).ok_or(CustodyError::Unreadable("is no private key of the algorithm's type"))?;
        self.sealed(algorithm, &seed).await.map_err(CustodyError::Unavailable)
    }

    async fn export(&self, key: &SigningKey) -> Result<PemPair, SignerError> {
        let seed = self.unsealed(key).await?;
        let bytes = [&[SEQUENCE, type_of(key.algorithm())], &seed[..]].concat();
        Ok(PemPair {
            private: Zeroizing::new(format!("{BEGIN}\n{}\n{END}\n", Base64::encode_string(&bytes))),
            public: format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", key.kid()),
        })
    }

    async fn reseal(&self, key: &SigningKey) -> Result<Sealed, SignerError> {
        let seed = self.unsealed(key).await?;
        Ok(self.sealed(key.algorithm(), &seed).await?.private)
    }
}

fn read(algorithm: Algorithm, pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once(BEGIN)?;
    let (text, _) = rest.split_once(END)?;
    let bytes = Base64::decode_vec(text.trim()).ok()?;
    match bytes.split_first_chunk::<2>()? {
        ([SEQUENCE, kind], seed) if *kind == type_of(algorithm) => Some(seed.to_vec()),
        _ => None,
    }
}

const fn type_of(algorithm: Algorithm) -> u8 {
    match algorithm.key_type() {
        KeyType::Rsa => 1,
        KeyType::P256 => 2,
        KeyType::P384 => 3,
        KeyType::Ed25519 => 4,
    }
}
