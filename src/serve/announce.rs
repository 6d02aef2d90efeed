//! What the operator is told at start, and how a script learns that the server listens.

use std::fs;
use std::io::{Write, stderr};

use anyhow::Context;

use crate::App;
use crate::config::LogFormat;

/// Says who serves what where, and every warning.
pub(super) fn banner(app: &App) {
    let config = app.config();
    let rows = [
        ("profile", config.profile.as_str().to_owned()),
        ("address", config.base_url()),
        ("issuer", config.issuer()),
        ("database", config.database.url()),
        ("documentation", format!("{}/docs", config.base_url())),
        ("encryption key", app.encryption_key().to_owned()),
    ];
    match config.log_format {
        LogFormat::Pretty => plain(&rows, app.warnings()),
        LogFormat::Json => logged(&rows, app.warnings()),
    }
}

/// Writes the base URL to the ready file, whole or not at all.
pub(super) fn ready(app: &App) -> anyhow::Result<()> {
    let Some(path) = &app.config().ready_file else { return Ok(()) };
    let draft = path.with_extension("draft");
    let written = fs::write(&draft, format!("{}\n", app.config().base_url())).and_then(|()| fs::rename(&draft, path));
    written.with_context(|| format!("cannot write --ready-file {}", path.display()))
}

fn plain(rows: &[(&str, String)], warnings: &[String]) {
    let version = env!("CARGO_PKG_VERSION");
    let rows: Vec<_> = rows.iter().map(|(name, value)| format!("  {name:<16}{value}\n")).collect();
    let warnings: Vec<_> = warnings.iter().map(|warning| format!("  warning: {warning}\n")).collect();
    let text = format!("jwksd {version}\n{}{}", rows.concat(), warnings.concat());
    // Where nobody reads it, nobody misses it.
    let _unread = stderr().write_all(text.as_bytes());
}

fn logged(rows: &[(&str, String)], warnings: &[String]) {
    let rows: Vec<_> = rows.iter().map(|(name, value)| format!("{name} {value}")).collect();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "jwksd serves: {}", rows.join(", "));
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}
