//! The second factor: one-time passwords of an authenticator app, and recovery codes for who has lost it.
//!
//! A factor is **enrolled** when its secret is made, and **confirmed** by a first code of it; from then on a password alone opens
//! nothing. Of each code only the **step** is kept, the thirty seconds that it is of: no code is taken twice.

mod base32;
mod recovery_code;
mod state;
mod totp;

pub use recovery_code::{RECOVERY_CODES, RecoveryCode, RecoveryHash};
pub use state::{Confirmation, Enrolment, SecondFactor, SecondFactorChange, SecondFactorProof};
pub use totp::{Code, Step, TotpSecret, accepted_step, issuer_name, otpauth_uri};
