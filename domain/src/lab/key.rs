//! Tokens that say what is true, signed by a key that nobody should believe.

use super::{Card, Ingredients, Signatory};
use crate::key::{Algorithm, KeyOrder, KeyPurpose, KeySchedule, Plan};
use crate::time::Timestamp;

/// What is wrong with the key that has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyFlaw {
    /// It is the fixture that has always been expired.
    Expired,
    /// It was revoked.
    Revoked,
    /// It was never published.
    Unpublished,
    /// It is not the one that the token names.
    Stranger,
}

impl KeyFlaw {
    /// Every flaw of this kind.
    pub const ALL: [Self; 4] = [Self::Expired, Self::Revoked, Self::Unpublished, Self::Stranger];

    pub(super) const fn card(self) -> Card {
        match self {
            Self::Expired => Card::refused(
                "expired-key",
                "RFC 8725 section 3.8",
                "Signed now by a key that has expired: its kid is in the JWKS no more, so it opens nothing any more.",
            ),
            Self::Revoked => Card::refused(
                "revoked-key",
                "RFC 8725 section 3.8",
                "Signed by a key that this server has revoked: whoever has stolen it goes on signing, and must get nowhere.",
            ),
            Self::Unpublished => Card::refused(
                "unpublished-key",
                "RFC 8725 section 3.8",
                "Signed by a key that was never in the JWKS, and named by its own kid: a key is trusted because it is published.",
            ),
            Self::Stranger => Card::refused(
                "stranger-key",
                "RFC 7515 section 5.2",
                "Names the published key, and is signed by a stranger's: the signature is well-formed, and not of that key.",
            ),
        }
    }

    pub(super) const fn signatory(self, algorithm: Algorithm) -> Signatory {
        match self {
            Self::Expired => Signatory::Expired,
            Self::Revoked => Signatory::Revoked(algorithm),
            Self::Unpublished => Signatory::Unpublished(algorithm),
            Self::Stranger => Signatory::Stranger(algorithm),
        }
    }

    pub(super) fn signing_input(self, with: &Ingredients<'_>) -> String {
        match self {
            Self::Expired | Self::Revoked | Self::Unpublished => {
                let draft = with.sound.draft().header("kid", with.signer.kid().as_str());
                draft.header("alg", with.signer.algorithm().as_str()).signing_input()
            }
            Self::Stranger => with.sound.signing_input().to_owned(),
        }
    }
}

/// What makes a key that nobody will miss: it is over at once, and never published by any clock.
pub(crate) fn plan_unpublished_key(algorithm: Algorithm, now: Timestamp) -> Plan {
    let now = now.floor_second();
    let schedule = KeySchedule { published_from: now, signs_from: now, signs_until: now, published_until: now };
    Plan { create: vec![KeyOrder { algorithm, purpose: KeyPurpose::Signing, schedule }], ..Plan::default() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::{EncryptionKeyId, PublicJwk, PublicParameters};
    use crate::ports::{NewKey, Sealed};

    proptest! {
        #[test]
        fn it_is_published_by_no_clock(made in any::<i32>(), looked in any::<i32>()) {
            let [made, looked] = [made, looked].map(|millis| Timestamp::from_unix_millis(millis.into()));
            let order = plan_unpublished_key(Algorithm::EdDsa, made).create[0];
            let public = PublicJwk::new(Algorithm::EdDsa, PublicParameters::Okp { x: vec![1; 32] });
            let private = Sealed { bytes: Vec::new(), sealed_by: EncryptionKeyId::of(&[0; 32]) };
            let key = order.fill(NewKey { public, private }, made);
            prop_assert!(!key.is_published_at(looked));
        }
    }
}
