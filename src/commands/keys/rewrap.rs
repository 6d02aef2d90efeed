//! Sealing private halves and other secrets anew.

use anyhow::bail;
use jwksd_domain::audit::Origin;
use jwksd_domain::ports::Purpose;
use jwksd_domain::usecase::{RewrapMode, Rewrapped};
use serde_json::{Value, json};

use crate::App;
use crate::cli::Output;
use crate::commands::output;

const COLUMNS: [&str; 5] = ["kind", "id", "number", "outcome", "reason"];

/// Seals what is sealed with another encryption key anew, or tells what that would do; fails where something does not open.
pub(super) async fn run(app: &App, dry_run: bool, form: Output) -> anyhow::Result<()> {
    let mode = if dry_run { RewrapMode::DryRun } else { RewrapMode::Write };
    let report = app.use_cases().rewrap_keys.run(mode, Origin::of_the_server()).await?;
    let outcome = if dry_run { "would be resealed" } else { "resealed" };
    let rows = rows(&report, outcome);
    match form {
        Output::Text if rows.is_empty() => output::print(&format!(
            "all {} key(s) and {} other secret(s) are sealed with the present encryption key\n",
            report.current, report.secrets.current
        ))?,
        Output::Text | Output::Json => output::print_rows(&COLUMNS, &rows, form)?,
    }
    complete(&report)
}

/// A row for each key, one for all other secrets that open, and one for each that does not.
fn rows(report: &Rewrapped, outcome: &str) -> Vec<Vec<Value>> {
    let row = |kind: &str, id: Value, number: u64, outcome: &str, reason: Value| {
        vec![json!(kind), id, json!(number), json!(outcome), reason]
    };
    let shut = |kind: &str, id: &str, error: &dyn std::error::Error| {
        row(kind, json!(id), 1, "does not open", json!(error.to_string()))
    };
    let key = kind(Purpose::SigningKey);
    let mut rows: Vec<_> =
        report.resealed.iter().map(|kid| row(key, json!(kid.as_str()), 1, outcome, Value::Null)).collect();
    rows.extend(report.unopened.iter().map(|(kid, error)| shut(key, kid.as_str(), error)));
    let secrets = &report.secrets;
    if secrets.resealed > 0 {
        rows.push(row("other secrets", Value::Null, secrets.resealed, outcome, Value::Null));
    }
    rows.extend(
        secrets.unopened.iter().map(|(context, error)| shut(kind(context.purpose()), context.subject(), error)),
    );
    rows
}

/// What a secret of that purpose belongs to.
const fn kind(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::SigningKey => "key",
        Purpose::SessionSecret => "session",
        Purpose::OneTimeCodeKey => "one-time code",
        Purpose::TotpSecret => "second factor",
    }
}

fn complete(report: &Rewrapped) -> anyhow::Result<()> {
    match (report.unopened.len(), report.secrets.unopened.len()) {
        (0, 0) => Ok(()),
        (0, secrets) => bail!(
            "{secrets} other secret(s) do not open and stay as they are: keep the encryption key that sealed them, or do without what they belong to"
        ),
        (keys, secrets) => bail!(
            "{keys} key(s) and {secrets} other secret(s) do not open and stay as they are: keep the encryption key that sealed them, or revoke these keys and clean up"
        ),
    }
}
