//! The lab of the dev profile: tokens that are wrong in exactly one way, to learn whether a verifier notices.
//!
//! Everything here is a pure function: what a specimen is called and why it is wrong, who signs it, and how it is put together. Where
//! the keys come from is the business of [`crate::usecase::MintSpecimen`].

mod claim;
mod recipe;
mod specimen;

pub use claim::ClaimFlaw;
pub use recipe::{Ingredients, Signatory, SoundToken};
pub use specimen::{Card, Flaw, Specimen, Verdict};
