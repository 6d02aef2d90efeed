//! Tokens that name an algorithm which their key is not for (RFC 8725 sections 2.1 and 3.1).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Card, Ingredients, Signatory};
use crate::key::{Algorithm, KeyType};
use crate::token::compact;

/// What is wrong with the algorithm that a token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlgorithmFlaw {
    /// `none`, and no signature.
    None,
    /// The same, as `None`.
    NoneCapitalized,
    /// The same, as `NONE`.
    NoneUpperCase,
    /// The same, as `nOnE`.
    NoneMixedCase,
    /// HS256, keyed with the public key in PEM.
    PublicPemAsSecret,
    /// HS256, keyed with the public key in DER.
    PublicDerAsSecret,
    /// Another one of the key's own type.
    OfSameKeyType,
    /// One of another type of key.
    OfOtherKeyType,
}

impl AlgorithmFlaw {
    /// Every flaw of this kind.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::NoneCapitalized,
        Self::NoneUpperCase,
        Self::NoneMixedCase,
        Self::PublicPemAsSecret,
        Self::PublicDerAsSecret,
        Self::OfSameKeyType,
        Self::OfOtherKeyType,
    ];

    pub(super) const fn card(self) -> Card {
        match self {
            Self::None => Card::refused(
                "alg-none",
                "RFC 8725 section 3.2",
                "alg is none and nothing is signed: anybody can write such a token.",
            ),
            Self::NoneCapitalized => Card::refused(
                "alg-none-capitalized",
                "RFC 7515 section 4.1.1",
                "alg is None and nothing is signed. Names are case-sensitive; a list of what is forbidden has only one of them.",
            ),
            Self::NoneUpperCase => Card::refused(
                "alg-none-upper-case",
                "RFC 7515 section 4.1.1",
                "alg is NONE and nothing is signed. A list of what is allowed refuses this spelling with all others.",
            ),
            Self::NoneMixedCase => Card::refused(
                "alg-none-mixed-case",
                "RFC 7515 section 4.1.1",
                "alg is nOnE and nothing is signed. A list of what is allowed refuses this spelling with all others.",
            ),
            Self::PublicPemAsSecret => Card::refused(
                "hs256-public-pem",
                "RFC 8725 section 3.1",
                "alg is HS256, keyed with the published key in PEM: who takes alg from the token has told everybody the secret.",
            ),
            Self::PublicDerAsSecret => Card::refused(
                "hs256-public-der",
                "RFC 8725 section 3.1",
                "alg is HS256, keyed with the published key in DER: who takes alg from the token has told everybody the secret.",
            ),
            Self::OfSameKeyType => Card::refused(
                "alg-of-same-key-type",
                "RFC 7517 section 4.4",
                "alg is another one than that of the published key: a key is for the algorithm that its JWK names.",
            ),
            Self::OfOtherKeyType => Card::refused(
                "alg-of-other-key-type",
                "RFC 8725 section 3.1",
                "alg is for another type of key than the published one of this kid, and a stranger's key of that type has signed.",
            ),
        }
    }

    pub(super) const fn signatory(self, algorithm: Algorithm) -> Signatory {
        match self {
            Self::None
            | Self::NoneCapitalized
            | Self::NoneUpperCase
            | Self::NoneMixedCase
            | Self::PublicPemAsSecret
            | Self::PublicDerAsSecret => Signatory::Nobody,
            Self::OfSameKeyType => Signatory::Published(signed_instead(algorithm)),
            Self::OfOtherKeyType => Signatory::Stranger(of_other_type(algorithm)),
        }
    }

    pub(super) fn signing_input(self, with: &Ingredients<'_>) -> String {
        let algorithm = match self {
            Self::None => "none",
            Self::NoneCapitalized => "None",
            Self::NoneUpperCase => "NONE",
            Self::NoneMixedCase => "nOnE",
            Self::PublicPemAsSecret | Self::PublicDerAsSecret => "HS256",
            Self::OfSameKeyType => named_instead(with.published.algorithm()).as_str(),
            Self::OfOtherKeyType => with.signer.algorithm().as_str(),
        };
        with.sound.draft().header("alg", algorithm).signing_input()
    }

    pub(super) fn finished(self, with: &Ingredients<'_>, input: &str, signature: &[u8]) -> String {
        match self {
            Self::PublicPemAsSecret => compact(input, &hs256(with.published.to_pem().as_bytes(), input)),
            Self::PublicDerAsSecret => compact(input, &hs256(&with.published.to_der(), input)),
            Self::None
            | Self::NoneCapitalized
            | Self::NoneUpperCase
            | Self::NoneMixedCase
            | Self::OfSameKeyType
            | Self::OfOtherKeyType => compact(input, signature),
        }
    }
}

/// HMAC with SHA-256 (RFC 7518 section 3.2).
fn hs256(secret: &[u8], input: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(input.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The other algorithm that a key of `algorithm` can sign by; the same where its type has no other.
const fn signed_instead(algorithm: Algorithm) -> Algorithm {
    match algorithm.key_type() {
        KeyType::Rsa => named_instead(algorithm),
        KeyType::P256 | KeyType::P384 | KeyType::Ed25519 => algorithm,
    }
}

/// The other algorithm that a token of a key of `algorithm` names. EdDSA and Ed25519 are one under two names, so ES256 stands
/// in for them: its signatures have the same length.
const fn named_instead(algorithm: Algorithm) -> Algorithm {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => Algorithm::Ps256,
        Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => Algorithm::Rs256,
        Algorithm::Es256 => Algorithm::Es384,
        Algorithm::Es384 | Algorithm::Ed25519 | Algorithm::EdDsa => Algorithm::Es256,
    }
}

const fn of_other_type(algorithm: Algorithm) -> Algorithm {
    match algorithm.key_type() {
        KeyType::Rsa => Algorithm::Es256,
        KeyType::P256 | KeyType::P384 | KeyType::Ed25519 => Algorithm::Rs256,
    }
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;

    /// The example of RFC 7515 appendix A.1.
    #[test]
    fn hs256_is_that_of_the_rfc() {
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let input = concat!(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6",
            "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        );
        let mac = hs256(&Base64UrlUnpadded::decode_vec(secret).unwrap(), input);
        assert_eq!(Base64UrlUnpadded::encode_string(&mac), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn what_is_named_instead_is_never_the_same() {
        for algorithm in Algorithm::ALL {
            assert_ne!(named_instead(algorithm), algorithm);
            assert_ne!(of_other_type(algorithm).key_type(), algorithm.key_type());
            assert_eq!(signed_instead(algorithm).key_type(), algorithm.key_type());
        }
    }
}
