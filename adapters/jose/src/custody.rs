//! Private halves as PEM (RFC 7468): taken in, given out, sealed anew.

use async_trait::async_trait;
use jwksd_domain::key::{Algorithm, KeyType, SigningKey};
use jwksd_domain::ports::{CustodyError, KeyCustody, NewKey, PemPair, Sealed, SignerError};
use rsa::pkcs8::LineEnding;
use rsa::pkcs8::der::pem;
use zeroize::Zeroizing;

use crate::SoftwareSigner;
use crate::private_key::{Encoding, PrivateKey};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
/// More than any private key has.
const PEM_MAX: usize = 64 * 1024;

#[async_trait]
impl KeyCustody for SoftwareSigner {
    async fn import(&self, algorithm: Algorithm, pem: &Zeroizing<String>) -> Result<NewKey, CustodyError> {
        let private = read(algorithm, pem).map_err(CustodyError::Unreadable)?;
        self.sealed(algorithm, &private).await.map_err(CustodyError::Unavailable)
    }

    async fn export(&self, key: &SigningKey) -> Result<PemPair, SignerError> {
        let private = self.unsealed(key).await?;
        let rejected = |_| SignerError::Rejected(key.kid().clone());
        Ok(PemPair {
            private: Zeroizing::new(armored("PRIVATE KEY", &private.to_pkcs8().map_err(rejected)?)),
            public: armored("PUBLIC KEY", &private.public_der().map_err(rejected)?),
        })
    }

    async fn reseal(&self, key: &SigningKey) -> Result<Sealed, SignerError> {
        let private = self.unsealed(key).await?;
        Ok(self.sealed(key.algorithm(), &private).await?.private)
    }
}

/// The private key in the first block that holds one; what stands around it, such as the parameters of a curve, is passed over.
fn read(algorithm: Algorithm, text: &str) -> Result<PrivateKey, &'static str> {
    if text.len() > PEM_MAX {
        return Err("is larger than any private key");
    }
    let (label, block) = private_block(text)?;
    let encoding = match label {
        "PRIVATE KEY" => Encoding::Pkcs8,
        "RSA PRIVATE KEY" if algorithm.key_type() == KeyType::Rsa => Encoding::Pkcs1,
        "EC PRIVATE KEY" if matches!(algorithm.key_type(), KeyType::P256 | KeyType::P384) => Encoding::Sec1,
        "RSA PRIVATE KEY" | "EC PRIVATE KEY" => return Err(other_type(algorithm)),
        _ => return Err("is encrypted, or of a form that is not read here: decrypt it to PKCS#8 first"),
    };
    if block.contains("ENCRYPTED") {
        return Err("is encrypted: decrypt it first");
    }
    let der = pem::decode_vec(block.as_bytes()).map_err(|_| "is damaged PEM")?;
    let der = Zeroizing::new(der.1);
    PrivateKey::read(algorithm, encoding, &der).map_err(|_| other_type(algorithm))
}

/// What is wrong with a key that `algorithm` cannot sign with.
const fn other_type(algorithm: Algorithm) -> &'static str {
    match algorithm.key_type() {
        KeyType::Rsa => "is no RSA key of 2048 to 8192 bits, which the signing algorithm needs",
        KeyType::P256 => "is no key on P-256, which the signing algorithm needs",
        KeyType::P384 => "is no key on P-384, which the signing algorithm needs",
        KeyType::Ed25519 => "is no Ed25519 key, which the signing algorithm needs",
    }
}

/// The label and the text of the first block with a private key.
fn private_block(text: &str) -> Result<(&str, &str), &'static str> {
    let blocks = text.match_indices(BEGIN).map(|(at, _)| &text[at..]);
    let labelled = blocks.filter_map(|block| Some((block[BEGIN.len()..].split_once("-----")?.0, block)));
    let mut labels = labelled.peekable();
    if labels.peek().is_none() {
        return Err("is not PEM: it must begin with -----BEGIN PRIVATE KEY----- or the like");
    }
    let found = labels.find(|(label, _)| label.ends_with("PRIVATE KEY"));
    let (label, block) = found.ok_or("holds no private key, only a public half or a certificate")?;
    let end = format!("{END}{label}-----");
    let length = block.find(&end).ok_or("is cut: its last line is missing")? + end.len();
    Ok((label, &block[..length]))
}

fn armored(label: &str, der: &[u8]) -> String {
    pem::encode_string(label, LineEnding::LF, der).expect("a label of letters and a key of some kilobytes are PEM")
}
