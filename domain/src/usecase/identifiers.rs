//! Random identifiers.

use crate::ports::Entropy;
use crate::uuid;

/// A version 4 UUID in its usual form (RFC 9562 section 5.4).
pub(super) fn uuid_v4(entropy: &dyn Entropy) -> String {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    uuid::text(uuid::v4(random))
}
