//! Random identifiers.

use crate::ports::Entropy;
use crate::session::SessionId;
use crate::uuid;

/// A version 4 UUID in its usual form (RFC 9562 section 5.4).
pub(super) fn uuid_v4(entropy: &dyn Entropy) -> String {
    uuid::text(uuid::v4(random(entropy)))
}

/// The id of a new session.
pub(super) fn session_id(entropy: &dyn Entropy) -> SessionId {
    SessionId::from_random(random(entropy))
}

fn random(entropy: &dyn Entropy) -> [u8; 16] {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes
}
