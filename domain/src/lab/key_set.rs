//! Key sets that misbehave: what a verifier may be sent when an issuer is broken, replaced, or attacked.

use serde_json::{Value, json};

use super::recipe::{NOISE, base64url};
use crate::key::PublicJwk;

/// How a key set misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Misbehaviour {
    /// It comes piece by piece.
    Slow,
    /// It has no keys.
    Empty,
    /// It is larger than any key set.
    Huge,
    /// A rotation came between its halves.
    RotatedMidRequest,
    /// Two of its keys have one kid.
    DuplicateKid,
    /// It tells what must stay secret.
    PrivateMembers,
    /// Its keys are for encryption.
    WrongUse,
    /// Its only key is a stranger's.
    Stranger,
}

/// What is told of a misbehaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MisbehaviourCard {
    /// Its stable name: lower case, words joined by hyphens.
    pub name: &'static str,
    /// What the set is, or does.
    pub behaviour: &'static str,
    /// What whoever fetches it should do.
    pub expected: &'static str,
}

/// How a set is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// At once.
    Whole,
    /// Piece by piece, over a bounded time.
    Dripped,
    /// Behind so many keys of no use that nobody should read to its end.
    Flooded,
}

/// What is at hand to make a set.
pub struct KeySetIngredients<'a> {
    /// The published keys, the signer's first.
    pub published: &'a [PublicJwk],
    /// The key of a stranger.
    pub stranger: &'a PublicJwk,
    /// Random bytes.
    pub noise: &'a [u8; NOISE],
}

impl Misbehaviour {
    /// Every misbehaviour.
    pub const ALL: [Self; 8] = [
        Self::Slow,
        Self::Empty,
        Self::Huge,
        Self::RotatedMidRequest,
        Self::DuplicateKid,
        Self::PrivateMembers,
        Self::WrongUse,
        Self::Stranger,
    ];

    /// The misbehaviour of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|misbehaviour| misbehaviour.card().name == name)
    }

    /// How the set is handed over.
    pub const fn delivery(self) -> Delivery {
        match self {
            Self::Slow => Delivery::Dripped,
            Self::Huge => Delivery::Flooded,
            Self::Empty
            | Self::RotatedMidRequest
            | Self::DuplicateKid
            | Self::PrivateMembers
            | Self::WrongUse
            | Self::Stranger => Delivery::Whole,
        }
    }

    /// What is told of it.
    pub const fn card(self) -> MisbehaviourCard {
        let (name, behaviour, expected) = match self {
            Self::Slow => (
                "slow",
                "The published keys, a piece each second for a minute.",
                "Give the whole fetch a time limit, go on with the keys at hand, and let no request wait behind it.",
            ),
            Self::Empty => (
                "empty",
                "A set without keys.",
                "Refuse every token for want of a key, and do not ask anew for each of them.",
            ),
            Self::Huge => (
                "huge",
                "32 MiB of keys that nobody signs with, and the published ones at the end.",
                "Stop reading after some hundred kilobytes, and go on with the keys at hand.",
            ),
            Self::RotatedMidRequest => (
                "rotated-mid-request",
                "The first key has the kid of the signer, and numbers of which one half is of the next key.",
                "Refuse its tokens, and go on verifying those of the other keys.",
            ),
            Self::DuplicateKid => (
                "duplicate-kid",
                "The kid of the signer is there twice: first with a stranger's key, then with the signer's.",
                "Refuse the set, or try both (RFC 7517 section 4.5); never fail for good because of the first.",
            ),
            Self::PrivateMembers => (
                "private-members",
                "The published keys with a private member d, which is made up.",
                "Use the public members only, or refuse the set, and raise the alarm (RFC 7517 section 9.2).",
            ),
            Self::WrongUse => (
                "wrong-use",
                "The published keys with use enc.",
                "Refuse every token: these keys are for encryption (RFC 7517 section 4.2).",
            ),
            Self::Stranger => (
                "stranger",
                "The stranger's key alone: where the jku of the token embedded-jku leads.",
                "Never fetch it: a token does not say where its key is (RFC 8725 section 3.10).",
            ),
        };
        MisbehaviourCard { name, behaviour, expected }
    }

    /// The set as JSON.
    pub fn key_set(self, with: &KeySetIngredients<'_>) -> String {
        let published: Vec<_> = with.published.iter().map(jwk).collect();
        let keys = match self {
            Self::Slow | Self::Huge => published,
            Self::Empty => Vec::new(),
            Self::RotatedMidRequest => torn(published, with),
            Self::DuplicateKid => {
                let signer = published.first().map(|key| key["kid"].clone());
                let stranger = signer.map(|kid| with_member(jwk(with.stranger), "kid", kid));
                stranger.into_iter().chain(published).collect()
            }
            Self::PrivateMembers => {
                let secret = base64url(&with.noise[..32]);
                published.into_iter().map(|key| with_member(key, "d", secret.clone())).collect()
            }
            Self::WrongUse => published.into_iter().map(|key| with_member(key, "use", "enc")).collect(),
            Self::Stranger => vec![jwk(with.stranger)],
        };
        json!({ "keys": keys }).to_string()
    }
}

fn jwk(key: &PublicJwk) -> Value {
    serde_json::to_value(key).expect("strings always serialize")
}

fn with_member(mut key: Value, name: &str, value: impl Into<Value>) -> Value {
    key[name] = value.into();
    key
}

/// The keys, the first of which was half another one when it was read.
fn torn(mut keys: Vec<Value>, with: &KeySetIngredients<'_>) -> Vec<Value> {
    let next = keys.get(1).cloned().unwrap_or_else(|| jwk(with.stranger));
    let Some(first) = keys.first_mut() else { return keys };
    for name in ["n", "x", "y"] {
        let halves = first[name].as_str().zip(next[name].as_str());
        let mixed = halves.map(|(front, back)| {
            let middle = front.len().min(back.len()) / 2;
            format!("{}{}", &front[..middle], &back[middle..])
        });
        if let Some(mixed) = mixed {
            first[name] = mixed.into();
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Algorithm, PublicParameters};

    fn key(number: u8) -> PublicJwk {
        PublicJwk::new(Algorithm::EdDsa, PublicParameters::Okp { x: vec![number; 32] })
    }

    fn set(misbehaviour: Misbehaviour) -> Vec<Value> {
        let with = KeySetIngredients { published: &[key(1), key(2)], stranger: &key(3), noise: &[9; NOISE] };
        let set: Value = serde_json::from_str(&misbehaviour.key_set(&with)).unwrap();
        set["keys"].as_array().unwrap().clone()
    }

    #[test]
    fn names_lead_back() {
        let found = Misbehaviour::ALL.map(|misbehaviour| Misbehaviour::from_name(misbehaviour.card().name));
        assert_eq!(found, Misbehaviour::ALL.map(Some));
        assert_eq!(Misbehaviour::from_name("Slow"), None);
    }

    #[test]
    fn each_set_is_wrong_where_it_says() {
        let published = [jwk(&key(1)), jwk(&key(2))];
        assert_eq!(set(Misbehaviour::Slow), published);
        assert_eq!(set(Misbehaviour::Huge), published);
        assert!(set(Misbehaviour::Empty).is_empty());
        assert_eq!(set(Misbehaviour::Stranger), [jwk(&key(3))]);
        assert_eq!(set(Misbehaviour::WrongUse), published.clone().map(|key| with_member(key, "use", "enc")));
        let secret = base64url(&[9; 32]);
        assert_eq!(
            set(Misbehaviour::PrivateMembers),
            published.clone().map(|key| with_member(key, "d", secret.clone()))
        );
        let doubled = set(Misbehaviour::DuplicateKid);
        assert_eq!(doubled[1..], published);
        assert_eq!((&doubled[0]["kid"], &doubled[0]["x"]), (&published[0]["kid"], &jwk(&key(3))["x"]));
    }

    #[test]
    fn a_torn_key_is_neither_the_one_nor_the_other() {
        let torn = set(Misbehaviour::RotatedMidRequest);
        let [first, next] = [jwk(&key(1)), jwk(&key(2))];
        assert_eq!(torn[0]["kid"], first["kid"]);
        assert_eq!(torn[1], next);
        let x = torn[0]["x"].as_str().unwrap();
        assert_eq!(x.len(), 43);
        assert!(x != first["x"] && x != next["x"] && x.starts_with(&first["x"].as_str().unwrap()[..20]));
    }
}
