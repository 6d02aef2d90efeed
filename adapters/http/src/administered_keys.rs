//! Keys as administrators see them, and what they ask to be done to keys.

use jwksd_domain::audit::IssuedTokens;
use jwksd_domain::key::{KeyRing, Kid, SigningKey, Withdrawal};
use jwksd_domain::time::Timestamp;
use jwksd_domain::usecase::{KeyRevoked, Rotation};
use poem_openapi::Object;
use poem_openapi::types::Example;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::extract::BodyOf;
use crate::routes::discovery::JwkBody;

/// A key, and when it does what; instants in RFC 3339.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct KeyEntry {
    /// The id.
    kid: String,
    /// The algorithm.
    alg: String,
    /// What it is now: `pending`, `standby`, `active`, `retired`, `expired` or `revoked`.
    state: String,
    /// What it is kept for: `signing`, or `expired_fixture`.
    purpose: String,
    /// When it was made.
    created_at: String,
    /// From when on it is in the JWKS.
    published_at: String,
    /// From when on it signs.
    activated_at: String,
    /// From when on it signs no more.
    retired_at: String,
    /// From when on it is out of the JWKS.
    expired_at: String,
    /// Since when it is revoked.
    revoked_at: Option<String>,
    /// Why it was revoked.
    revocation_reason: Option<String>,
    /// The id of the encryption key that sealed its private half.
    sealed_by: String,
}

/// Every key.
#[derive(Object)]
pub(crate) struct KeyList {
    /// The keys, oldest first.
    keys: Vec<KeyEntry>,
}

impl KeyList {
    /// The keys of `ring` as they are at `now`.
    pub(crate) fn of(ring: &KeyRing, now: Timestamp) -> Self {
        Self { keys: ring.keys.iter().map(|key| KeyEntry::of(key, now)).collect() }
    }
}

impl KeyEntry {
    fn of(key: &SigningKey, now: Timestamp) -> Self {
        let life = key.life();
        Self {
            kid: key.kid().to_string(),
            alg: key.algorithm().to_string(),
            state: key.state_at(now).as_str().to_owned(),
            purpose: key.purpose.as_str().to_owned(),
            created_at: key.created_at.to_string(),
            published_at: life.published_from.to_string(),
            activated_at: life.signs_from.to_string(),
            retired_at: life.signs_until.to_string(),
            expired_at: life.published_until.to_string(),
            revoked_at: key.revocation.as_ref().map(|revocation| revocation.at.to_string()),
            revocation_reason: key.revocation.as_ref().map(|revocation| revocation.reason.clone()),
            sealed_by: key.private.sealed_by.to_string(),
        }
    }
}

/// How a rotation is wanted.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct RotationRequest {
    /// Whether to rotate whatever it breaks.
    #[serde(default)]
    pub(crate) force: Option<bool>,
}

impl BodyOf for RotationRequest {}

impl Example for RotationRequest {
    fn example() -> Self {
        // The stand-by of a server that has just started is too fresh for any other.
        Self { force: Some(true) }
    }
}

/// What came of a rotation.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RotationResult {
    /// Whether another replica was faster.
    already_done: bool,
    /// The key that signs now, where this call did it.
    kid: Option<String>,
}

impl From<Rotation> for RotationResult {
    fn from(rotation: Rotation) -> Self {
        match rotation {
            Rotation::Settled | Rotation::AlreadyDone => Self { already_done: true, kid: None },
            Rotation::Done(kid) => Self { already_done: false, kid: kid.map(|kid| kid.to_string()) },
        }
    }
}

/// What came of a clean-up.
#[derive(Object)]
pub(crate) struct CleanUpResult {
    /// How many expired keys were erased.
    pub(crate) erased: u64,
}

/// A key with its public half.
#[derive(Object)]
pub(crate) struct KeyDetail {
    /// The key.
    key: KeyEntry,
    /// Its public half, published or not.
    jwk: JwkBody,
}

impl KeyDetail {
    /// The key of that kid as it is at `now`, if there is one.
    pub(crate) fn of(ring: &KeyRing, kid: &str, now: Timestamp) -> Option<Self> {
        let key = ring.find(&Kid::parse(kid).ok()?)?;
        Some(Self { key: KeyEntry::of(key, now), jwk: JwkBody::from(&key.public) })
    }
}

/// Why a key is to be revoked.
#[derive(Deserialize, Object)]
#[oai(example)]
pub(crate) struct RevocationRequest {
    /// The reason, in your words; it is kept with the key.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(crate) reason: String,
}

impl BodyOf for RevocationRequest {}

impl Example for RevocationRequest {
    fn example() -> Self {
        Self { reason: "the backup with its private half was lost".to_owned() }
    }
}

/// What came of a revocation, and how far it reaches.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct RevocationResult {
    /// The key that was revoked.
    kid: String,
    /// Whether it was revoked before; then the first reason and instant stand.
    already_revoked: bool,
    /// When it was revoked, in RFC 3339.
    revoked_at: String,
    /// Since when it signed, in RFC 3339; absent if it never did.
    signed_since: Option<String>,
    /// How many tokens it has signed that would be valid still.
    live_tokens: u64,
    /// How many users they were for.
    live_users: u64,
    /// The key that signs now.
    signer: Option<String>,
    /// From when on no cache that heeds the age of the JWKS knows the key, in RFC 3339.
    forgotten_at: String,
}

impl From<KeyRevoked> for RevocationResult {
    fn from(KeyRevoked { already, withdrawal, issued }: KeyRevoked) -> Self {
        let Withdrawal { kid, signed_since, revoked_at, signer, forgotten_at } = withdrawal;
        let IssuedTokens { tokens, users } = issued;
        Self {
            kid: kid.to_string(),
            already_revoked: already,
            revoked_at: revoked_at.to_string(),
            signed_since: signed_since.map(|at| at.to_string()),
            live_tokens: tokens,
            live_users: users,
            signer: signer.map(|kid| kid.to_string()),
            forgotten_at: forgotten_at.to_string(),
        }
    }
}

/// A private key that was made elsewhere.
#[derive(Deserialize, Object)]
#[oai(example)]
pub(crate) struct KeyImport {
    /// The private key as PEM: PKCS#8, PKCS#1 or SEC 1, not encrypted, of the type that the signing algorithm needs.
    #[oai(validator(min_length = 1, max_length = 20000))]
    pem: String,
}

impl KeyImport {
    /// The PEM, zeroed when it is dropped.
    pub(crate) fn into_pem(self) -> Zeroizing<String> {
        Zeroizing::new(self.pem)
    }
}

impl BodyOf for KeyImport {}

impl Example for KeyImport {
    /// A key for the dev profile, whose tokens mean nothing to anybody. The others refuse it and show how one is made.
    fn example() -> Self {
        Self { pem: include_str!("example_key.pem").to_owned() }
    }
}

/// A key that was taken in.
#[derive(Object)]
pub(crate) struct ImportedKey {
    /// Its kid.
    pub(crate) kid: String,
    /// From when on it signs, in RFC 3339: when every cache knows it.
    pub(crate) activated_at: String,
}
