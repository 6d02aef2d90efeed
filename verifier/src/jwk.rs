//! One public key of a set (RFC 7517 section 4), ready to check signatures.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};
use serde_json::{Map, Value};

use crate::{Algorithm, KID_MAX, base64url};

/// RFC 7518 section 3.3 sets the lower bound; the upper one keeps a check from taking forever.
const MODULUS_BITS_MIN: usize = 2048;
const MODULUS_BITS_MAX: usize = 8192;
/// Larger exponents make a check slow and nobody has them; one and two are none.
const EXPONENT_BITS_MAX: usize = 33;

/// The members that a private or a symmetric key has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4, RFC 8037 section 2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The points of small order, without the bit that is the sign of x: every message has a signature by them that anybody can write
/// down. The last two are other spellings of the first two (RFC 8032 section 5.1.3 has one for each point).
const SMALL_ORDER: [[u8; 32]; 7] = [
    with_ends(0x00, 0x00, 0x00),
    with_ends(0x01, 0x00, 0x00),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    with_ends(0xec, 0xff, 0x7f),
    with_ends(0xed, 0xff, 0x7f),
    with_ends(0xee, 0xff, 0x7f),
];

const RSA: [(Algorithm, &RsaParameters); 6] = [
    (Algorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256),
    (Algorithm::Rs384, &RSA_PKCS1_2048_8192_SHA384),
    (Algorithm::Rs512, &RSA_PKCS1_2048_8192_SHA512),
    (Algorithm::Ps256, &RSA_PSS_2048_8192_SHA256),
    (Algorithm::Ps384, &RSA_PSS_2048_8192_SHA384),
    (Algorithm::Ps512, &RSA_PSS_2048_8192_SHA512),
];

/// Why a key of a set is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unusable {
    /// A member that every such key has is missing, or of another type (RFC 7517 section 4).
    Malformed,
    /// Its `kty` or `crv` is none that is understood here; shared secrets (`oct`) are among those.
    UnknownType,
    /// It has members of a private or symmetric key: whoever read them can sign, so it proves nothing (RFC 7517 section 9.2).
    Private,
    /// Its `use` or `key_ops` are not for checking signatures (RFC 7517 sections 4.2 and 4.3).
    OtherUse,
    /// Its `alg` is not understood here, or does not go with its type (RFC 7517 section 4.4).
    OtherAlgorithm,
    /// Its modulus has less than 2048 bits or more than 8192 (RFC 7518 section 3.3).
    ModulusSize,
    /// Its numbers are no key: an even modulus, an exponent of one, a point that is not on the NIST curve, a point of small order.
    NoKey,
    /// Its kid is empty, or longer than [`KID_MAX`](crate::KID_MAX) bytes.
    BadKid,
    /// Another key for the same algorithm has the same kid, so the kid names neither (RFC 7517 section 4.5).
    DuplicateKid,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "a member is missing or of the wrong type (RFC 7517 section 4)",
            Self::UnknownType => "the kty or crv is not understood (RFC 7517 section 4.1)",
            Self::Private => "it has private members (RFC 7517 section 9.2)",
            Self::OtherUse => "it is not for checking signatures (RFC 7517 sections 4.2 and 4.3)",
            Self::OtherAlgorithm => "the alg is not understood or not that of the kty (RFC 7517 section 4.4)",
            Self::ModulusSize => "the modulus has not 2048 to 8192 bits (RFC 7518 section 3.3)",
            Self::NoKey => "the numbers are no key (RFC 7518 section 6, RFC 8037 section 2)",
            Self::BadKid => "the kid is empty or too long (RFC 7517 section 4.5)",
            Self::DuplicateKid => "another key has the same kid (RFC 7517 section 4.5)",
        })
    }
}

/// A public key, prepared for each algorithm that it is for.
pub(crate) struct Jwk {
    pub(crate) kid: Option<String>,
    prepared: Vec<(Algorithm, ParsedPublicKey)>,
}

impl Jwk {
    /// The key of these members. Those that are not understood are ignored (RFC 7517 section 4).
    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, Unusable> {
        let kty = text(members, "kty")?.ok_or(Unusable::Malformed)?;
        if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(if kty == "oct" { Unusable::UnknownType } else { Unusable::Private });
        }
        check_use(members)?;
        let kid = kid(members)?;
        let named = match text(members, "alg")? {
            None => None,
            Some(name) => Some(Algorithm::from_name(name).ok_or(Unusable::OtherAlgorithm)?),
        };
        let mut prepared = match kty {
            "RSA" => rsa(members, named)?,
            "EC" => ec(members)?,
            "OKP" => okp(members)?,
            _ => return Err(Unusable::UnknownType),
        };
        // The key is for the algorithm that it names and for no other (RFC 8725 section 3.1).
        prepared.retain(|(algorithm, _)| named.is_none_or(|named| named == *algorithm));
        match prepared.is_empty() {
            true => Err(Unusable::OtherAlgorithm),
            false => Ok(Self { kid, prepared }),
        }
    }

    /// The key, ready for that algorithm; nothing where it is not for it.
    pub(crate) fn prepared_for(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        self.prepared.iter().find(|(own, _)| *own == algorithm).map(|(_, key)| key)
    }

    /// Whether both have a kid, the same one, and an algorithm in common.
    pub(crate) fn is_mistaken_for(&self, other: &Self) -> bool {
        let in_common = || self.prepared.iter().any(|(algorithm, _)| other.prepared_for(*algorithm).is_some());
        self.kid.is_some() && self.kid == other.kid && in_common()
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<_> = self.prepared.iter().map(|(algorithm, _)| algorithm.as_str()).collect();
        f.debug_struct("Jwk").field("kid", &self.kid).field("algorithms", &algorithms).finish()
    }
}

fn check_use(members: &Map<String, Value>) -> Result<(), Unusable> {
    if text(members, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(Unusable::OtherUse);
    }
    match members.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|operation| operation == "verify") => Ok(()),
        Some(Value::Array(_)) => Err(Unusable::OtherUse),
        Some(_) => Err(Unusable::Malformed),
    }
}

fn kid(members: &Map<String, Value>) -> Result<Option<String>, Unusable> {
    match text(members, "kid")? {
        None => Ok(None),
        Some(kid) if kid.is_empty() || kid.len() > KID_MAX => Err(Unusable::BadKid),
        Some(kid) => Ok(Some(kid.to_owned())),
    }
}

fn rsa(members: &Map<String, Value>, named: Option<Algorithm>) -> Result<Vec<(Algorithm, ParsedPublicKey)>, Unusable> {
    let (n, e) = (bytes(members, "n")?, bytes(members, "e")?);
    if !(MODULUS_BITS_MIN..=MODULUS_BITS_MAX).contains(&bit_length(&n)) {
        return Err(Unusable::ModulusSize);
    }
    // Both are odd and have no leading zeros (RFC 7518 section 6.3.1, RFC 8017 section 3.1).
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    let is_short = |number: &[u8]| number.first().is_some_and(|byte| *byte != 0);
    let good = [&n, &e].into_iter().all(|number| is_odd(number) && is_short(number));
    if !good || !(2..=EXPONENT_BITS_MAX).contains(&bit_length(&e)) {
        return Err(Unusable::NoKey);
    }
    let components = RsaPublicKeyComponents { n, e };
    let wanted = RSA.into_iter().filter(|(algorithm, _)| named.is_none_or(|named| named == *algorithm));
    wanted
        .map(|(algorithm, parameters)| {
            let key = components.to_parsed_public_key(parameters).map_err(|_| Unusable::NoKey)?;
            Ok((algorithm, key))
        })
        .collect()
}

fn ec(members: &Map<String, Value>) -> Result<Vec<(Algorithm, ParsedPublicKey)>, Unusable> {
    let (algorithm, curve, length): (_, &'static dyn VerificationAlgorithm, _) =
        match text(members, "crv")?.ok_or(Unusable::Malformed)? {
            "P-256" => (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED, 32),
            "P-384" => (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED, 48),
            "P-521" => (Algorithm::Es512, &ECDSA_P521_SHA512_FIXED, 66),
            _ => return Err(Unusable::UnknownType),
        };
    let (x, y) = (bytes(members, "x")?, bytes(members, "y")?);
    // Each coordinate is as long as the field (RFC 7518 section 6.2.1.2).
    if (x.len(), y.len()) != (length, length) {
        return Err(Unusable::NoKey);
    }
    // The uncompressed point (SEC 1 section 2.3.3); one that is not on the curve is not parsed.
    let point = [&[0x04], x.as_slice(), y.as_slice()].concat();
    let key = ParsedPublicKey::new(curve, point).map_err(|_| Unusable::NoKey)?;
    Ok(vec![(algorithm, key)])
}

fn okp(members: &Map<String, Value>) -> Result<Vec<(Algorithm, ParsedPublicKey)>, Unusable> {
    if text(members, "crv")?.ok_or(Unusable::Malformed)? != "Ed25519" {
        return Err(Unusable::UnknownType);
    }
    let x = bytes(members, "x")?;
    // Anything longer would be read as an encoding with its type around it. What is no point at all verifies nothing.
    if x.len() != 32 || is_of_small_order(&x) {
        return Err(Unusable::NoKey);
    }
    let key = ParsedPublicKey::new(&ED25519, x).map_err(|_| Unusable::NoKey)?;
    Ok(vec![(Algorithm::Ed25519, key.clone()), (Algorithm::EdDsa, key)])
}

const fn with_ends(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut bytes = [between; 32];
    (bytes[0], bytes[31]) = (first, last);
    bytes
}

fn is_of_small_order(x: &[u8]) -> bool {
    let mut unsigned = x.to_vec();
    if let Some(last) = unsigned.last_mut() {
        *last &= 0x7f;
    }
    SMALL_ORDER.iter().any(|point| point.as_slice() == unsigned)
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Unusable> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Unusable::Malformed),
    }
}

fn bytes(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>, Unusable> {
    let text = text(members, name)?.ok_or(Unusable::Malformed)?;
    base64url::decode(text).ok_or(Unusable::Malformed)
}

fn bit_length(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros).map_or(0, |first| (number.len() - zeros) * 8 - first.leading_zeros() as usize)
}
