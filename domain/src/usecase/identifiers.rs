//! Random identifiers and secrets.

use zeroize::Zeroizing;

use crate::client::ClientSecret;
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

/// A new secret of a client.
pub(super) fn client_secret(entropy: &dyn Entropy) -> ClientSecret {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(&mut *bytes);
    ClientSecret::from_random(*bytes)
}

fn random(entropy: &dyn Entropy) -> [u8; 16] {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes
}
