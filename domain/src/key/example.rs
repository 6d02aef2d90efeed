//! The key of the example in the OpenAPI document. Everybody can read its private half, so nothing may sign with it that somebody
//! relies on.

use super::Kid;

/// The kid of it.
const EXAMPLE: &str = "oN9vCaSAI_R4NbDLPtAU2FgbDXTwM8Tm6gOXT-iGGHw";

/// Whether everybody can read the private half of the key of that kid.
pub fn is_known_to_all(kid: &Kid) -> bool {
    kid.as_str() == EXAMPLE
}
