//! Keys: what they are, when they do what, and what must be done next.

mod algorithm;
pub(crate) mod der;
mod example;
mod import;
mod jwk;
mod kid;
mod plan;
#[cfg(test)]
mod plan_between_replicas;
#[cfg(test)]
mod plan_laws;
mod policy;
mod publish;
mod revoke;
mod ring;
mod rotate;
mod signing_key;
pub(crate) mod spki;

pub use algorithm::{Algorithm, KeyType};
pub use example::is_known_to_all;
pub use import::{ImportRefused, plan_import};
pub use jwk::{PublicJwk, PublicParameters};
pub use kid::{EncryptionKeyId, Kid, MalformedId};
pub use plan::{KeyOrder, Plan, plan, plan_clean_up};
pub use policy::{ImpossiblePolicy, KeyPolicy};
pub use publish::{PublishedSet, forgotten_after, published_set};
pub use revoke::{RevocationRefused, Withdrawal, plan_revocation, withdrawal};
pub use ring::KeyRing;
pub use rotate::{RotationMode, RotationRefused, plan_rotation};
pub use signing_key::{KeyPurpose, KeySchedule, KeyState, Revocation, SigningKey};
