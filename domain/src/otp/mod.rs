//! One-time codes: the six digits that are mailed for a login, and the token in the link that sets a password anew.
//!
//! Either is good once and for a short while. What is kept of it is a hash under a key that is sealed: six digits have but a
//! million values, so whoever has a plain hash of them has them too. With the sealed key out of reach, a copy of the store says
//! nothing about the codes in it.

mod code;
mod hash;
mod reset_token;
mod stored;

pub use code::SignInCode;
pub use hash::{OtpHash, OtpKey};
pub use reset_token::{ResetPage, ResetToken};
pub use stored::{OtpId, OtpPurpose, StoredOtp};
