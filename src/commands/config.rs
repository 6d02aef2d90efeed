//! `jwksd config`: what every option came to, and where from.

use serde_json::json;

use crate::cli::Output;
use crate::config::Config;

use super::output;

/// Prints the effective configuration, secrets masked.
pub(super) fn run(config: &Config, form: Output) -> anyhow::Result<()> {
    let rows = config.effective.iter().map(|setting| {
        let (name, value, source) = (setting.name, &setting.value, setting.source.to_string());
        vec![json!(name), json!(value), json!(source)]
    });
    output::print_rows(&["name", "value", "source"], &rows.collect::<Vec<_>>(), form)
}
