//! The lab of the dev profile: tokens that are wrong in exactly one way, and key sets that misbehave, to learn whether a verifier
//! notices; and what the answers of a service to them are worth.
//!
//! Everything here is a pure function: what a specimen is called and why it is wrong, who signs it, and how it is put together. Where
//! the keys come from is the business of [`crate::usecase::MintSpecimen`].

mod algorithm;
mod certificate;
mod claim;
mod encrypted;
mod header;
mod key;
mod key_set;
mod mark;
mod recipe;
mod remedy;
mod specimen;
mod spelling;
mod tampering;
mod trial;

pub use algorithm::AlgorithmFlaw;
pub(crate) use certificate::{certificate, certified_by, to_be_certified};
pub use claim::ClaimFlaw;
pub use encrypted::EncryptedFlaw;
pub use header::HeaderFlaw;
pub use key::KeyFlaw;
pub(crate) use key::plan_unpublished_key;
pub use key_set::{Delivery, KeySetIngredients, Misbehaviour, MisbehaviourCard};
pub use mark::{Answer, Mark, Shortcoming};
pub use recipe::{Ingredients, NOISE, Signatory, SoundToken};
pub use remedy::Remedy;
pub use specimen::{Card, Flaw, Specimen, Verdict};
pub use spelling::SpellingFlaw;
pub use tampering::TamperingFlaw;
pub use trial::Trial;
