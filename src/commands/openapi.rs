//! `jwksd openapi`: the document that the server serves, in the profile that is configured.

use crate::compose;
use crate::config::Config;

use super::output;

/// Prints the document.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    output::print(&compose::openapi_document(config)?)
}
