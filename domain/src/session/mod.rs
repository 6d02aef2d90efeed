//! Sessions: what a login opens, what keeps it going, and what ends it.
//!
//! A session is a family of refresh tokens, numbered by their **generation**. Each has exactly one successor, which is derived
//! from the sealed secret of the session and never kept, so that whoever asks again is given the same one.

mod id;
#[cfg(test)]
mod laws;
mod policy;
mod refresh;
mod refresh_token;
mod state;

pub use id::SessionId;
pub use policy::SessionPolicy;
pub use refresh::{Decision, refresh};
pub use refresh_token::{RefreshToken, SessionSecret, TokenHash};
pub use state::{AuthMethod, EndReason, NewSession, Rotation, Session, SessionEnd};
