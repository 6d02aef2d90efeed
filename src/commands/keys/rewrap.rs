//! Sealing private halves anew, and with them the secrets of second factors.

use std::io::{Write, stderr};

use anyhow::bail;
use jwksd_domain::audit::Origin;
use jwksd_domain::usecase::{RewrapMode, Rewrapped, SecondFactorsRewrapped};
use serde_json::{Value, json};

use crate::App;
use crate::cli::Output;
use crate::commands::output;

/// Seals what is sealed with another encryption key anew, or tells what that would do; fails where a key does not open.
pub(super) async fn run(app: &App, dry_run: bool, form: Output) -> anyhow::Result<()> {
    let mode = if dry_run { RewrapMode::DryRun } else { RewrapMode::Write };
    let report = app.use_cases().rewrap_keys.run(mode, Origin::of_the_server()).await?;
    let outcome = if dry_run { "would be resealed" } else { "resealed" };
    let mut rows: Vec<Vec<Value>> =
        report.resealed.iter().map(|kid| vec![json!(kid.as_str()), json!(outcome), Value::Null]).collect();
    let unopened = report.unopened.iter();
    rows.extend(
        unopened.map(|(kid, error)| vec![json!(kid.as_str()), json!("does not open"), json!(error.to_string())]),
    );
    match form {
        Output::Json => output::print_rows(&["kid", "outcome", "reason"], &rows, form)?,
        Output::Text if rows.is_empty() => {
            output::print(&format!("all {} key(s) are sealed with the present encryption key\n", report.current))?;
        }
        Output::Text => output::print_rows(&["kid", "outcome", "reason"], &rows, form)?,
    }
    let factors = app.use_cases().second_factors.rewrap.run(mode).await?;
    if factors.resealed > 0 {
        // Whether it can be told changes nothing about what was done.
        let _ = writeln!(stderr(), "jwksd: {} second factor(s) {outcome}", factors.resealed);
    }
    complete(&report, factors)
}

fn complete(keys: &Rewrapped, factors: SecondFactorsRewrapped) -> anyhow::Result<()> {
    match (keys.unopened.len(), factors.unopened) {
        (0, 0) => Ok(()),
        (0, number) => bail!(
            "{number} second factor(s) do not open and stay as they are: keep the encryption key that sealed them, or reset them"
        ),
        (number, _) => bail!(
            "{number} key(s) do not open and stay as they are: keep the encryption key that sealed them, or revoke and clean up"
        ),
    }
}
