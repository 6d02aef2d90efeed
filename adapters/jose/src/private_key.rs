//! A private key in memory: made, read, signing.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use jwksd_domain::key::{Algorithm, PublicParameters};
use rsa::pkcs1;
use zeroize::Zeroizing;

/// A parsed private key, bound to the algorithm that it signs by. aws-lc-rs zeroes it when it is dropped.
pub(crate) enum PrivateKey {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Why bytes are not a private key, or a private key does not work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivateKeyError {
    #[error("not a PKCS#8 private key for the algorithm")]
    Malformed,
    #[error("the cryptographic library failed")]
    Library,
}

/// How a private key is written as DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Any type (RFC 5958).
    Pkcs8,
    /// RSA (RFC 8017 appendix A.1.2).
    Pkcs1,
    /// The NIST curves (RFC 5915).
    Sec1,
}

/// How large RSA keys are made, in bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RsaSize {
    /// 2048: as strong as RFC 7518 section 3.3 asks for.
    #[default]
    Bits2048,
    /// 3072: beyond 2030 by NIST SP 800-57; a third of the signatures a second.
    Bits3072,
    /// 4096: a seventh of the signatures a second.
    Bits4096,
}

/// What an algorithm needs of the library.
enum Scheme {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa(&'static EcdsaSigningAlgorithm),
    Ed25519,
}

impl PrivateKey {
    /// Draws a new key from the library's own generator, which is seeded by the operating system.
    pub(crate) fn generate(algorithm: Algorithm, size: RsaSize) -> Result<Self, PrivateKeyError> {
        Ok(match Scheme::of(algorithm) {
            Scheme::Rsa(encoding) => Self::Rsa(RsaKeyPair::generate(size.into())?, encoding),
            Scheme::Ecdsa(curve) => Self::Ecdsa(EcdsaKeyPair::generate(curve)?),
            Scheme::Ed25519 => Self::Ed25519(Ed25519KeyPair::generate()?),
        })
    }

    /// Reads a key of the type that the algorithm needs; RSA has 2048 to 8192 bits.
    pub(crate) fn read(algorithm: Algorithm, encoding: Encoding, der: &[u8]) -> Result<Self, PrivateKeyError> {
        let key = match (Scheme::of(algorithm), encoding) {
            (Scheme::Rsa(padding), Encoding::Pkcs8) => RsaKeyPair::from_pkcs8(der).map(|pair| Self::Rsa(pair, padding)),
            (Scheme::Rsa(padding), Encoding::Pkcs1) => RsaKeyPair::from_der(der).map(|pair| Self::Rsa(pair, padding)),
            (Scheme::Ecdsa(curve), Encoding::Pkcs8) => EcdsaKeyPair::from_pkcs8(curve, der).map(Self::Ecdsa),
            (Scheme::Ecdsa(curve), Encoding::Sec1) => EcdsaKeyPair::from_private_key_der(curve, der).map(Self::Ecdsa),
            (Scheme::Ed25519, Encoding::Pkcs8) => Ed25519KeyPair::from_pkcs8(der).map(Self::Ed25519),
            (Scheme::Rsa(_) | Scheme::Ecdsa(_) | Scheme::Ed25519, _) => return Err(PrivateKeyError::Malformed),
        };
        key.map_err(|_| PrivateKeyError::Malformed)
    }

    /// The private key as PKCS#8, the only form in which it leaves this module.
    pub(crate) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
        Ok(Zeroizing::new(match self {
            Self::Rsa(pair, _) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)?.as_ref().to_vec(),
            Self::Ecdsa(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
            Self::Ed25519(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
        }))
    }

    /// The public half as SubjectPublicKeyInfo (RFC 5280 section 4.1).
    pub(crate) fn public_der(&self) -> Result<Vec<u8>, PrivateKeyError> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Rsa(pair, _) => pair.public_key().as_der()?,
            Self::Ecdsa(pair) => pair.public_key().as_der()?,
            Self::Ed25519(pair) => pair.public_key().as_der()?,
        };
        Ok(der.as_ref().to_vec())
    }

    /// The parameters of the public half.
    pub(crate) fn public_parameters(&self) -> Result<PublicParameters, PrivateKeyError> {
        match self {
            Self::Rsa(pair, _) => rsa_parameters(pair.public_key().as_ref()),
            Self::Ecdsa(pair) => ec_parameters(pair.public_key().as_ref()),
            Self::Ed25519(pair) => Ok(PublicParameters::Okp { x: pair.public_key().as_ref().to_vec() }),
        }
    }

    /// The signature of `message` as JWS carries it.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PrivateKeyError> {
        match self {
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Self::Ecdsa(pair) => Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
            Self::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }
}

impl Scheme {
    fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rs256 => Self::Rsa(&RSA_PKCS1_SHA256),
            Algorithm::Rs384 => Self::Rsa(&RSA_PKCS1_SHA384),
            Algorithm::Rs512 => Self::Rsa(&RSA_PKCS1_SHA512),
            Algorithm::Ps256 => Self::Rsa(&RSA_PSS_SHA256),
            Algorithm::Ps384 => Self::Rsa(&RSA_PSS_SHA384),
            Algorithm::Ps512 => Self::Rsa(&RSA_PSS_SHA512),
            Algorithm::Es256 => Self::Ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => Self::Ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Ed25519 | Algorithm::EdDsa => Self::Ed25519,
        }
    }
}

impl From<RsaSize> for KeySize {
    fn from(size: RsaSize) -> Self {
        match size {
            RsaSize::Bits2048 => Self::Rsa2048,
            RsaSize::Bits3072 => Self::Rsa3072,
            RsaSize::Bits4096 => Self::Rsa4096,
        }
    }
}

impl From<Unspecified> for PrivateKeyError {
    fn from(_: Unspecified) -> Self {
        Self::Library
    }
}

/// The numbers of a PKCS#1 `RSAPublicKey`; the reader strips the leading zeros that DER puts in front (RFC 7518 section 6.3.1).
fn rsa_parameters(der: &[u8]) -> Result<PublicParameters, PrivateKeyError> {
    let key = pkcs1::RsaPublicKey::try_from(der).map_err(|_| PrivateKeyError::Malformed)?;
    Ok(PublicParameters::Rsa { n: key.modulus.as_bytes().to_vec(), e: key.public_exponent.as_bytes().to_vec() })
}

/// The coordinates of an uncompressed point: a four, then x and y of the same length (SEC 1 section 2.3.3).
fn ec_parameters(point: &[u8]) -> Result<PublicParameters, PrivateKeyError> {
    let Some((0x04, coordinates)) = point.split_first() else {
        return Err(PrivateKeyError::Malformed);
    };
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    Ok(PublicParameters::Ec { x: x.to_vec(), y: y.to_vec() })
}
