//! Sealing private halves and other secrets anew.

use anyhow::bail;
use jwksd_domain::audit::Origin;
use jwksd_domain::ports::Purpose;
use jwksd_domain::usecase::{RewrapMode, Rewrapped, Unopened};
use serde_json::{Value, json};

use crate::App;
use crate::cli::Output;
use crate::commands::output;

const COLUMNS: [&str; 5] = ["kind", "id", "number", "outcome", "reason"];

/// Seals what is sealed with another encryption key anew, or tells what that would do; fails where something does not open.
pub(super) async fn run(app: &App, mode: RewrapMode, form: Output) -> anyhow::Result<()> {
    let report = app.use_cases().rewrap_keys.run(mode, Origin::of_the_server()).await?;
    let rows = rows(&report);
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
fn rows(report: &Rewrapped) -> Vec<Vec<Value>> {
    let row = |kind: &str, id: Value, number: u64, outcome: &str, reason: Value| {
        vec![json!(kind), id, json!(number), json!(outcome), reason]
    };
    let shut = |Unopened { context, why }: &Unopened| {
        row(kind(context.purpose()), json!(context.subject()), 1, "does not open", json!(why.to_string()))
    };
    let (key, outcome) = (kind(Purpose::SigningKey), if report.is_done { "resealed" } else { "would be resealed" });
    let mut rows: Vec<_> =
        report.resealed.iter().map(|kid| row(key, json!(kid.as_str()), 1, outcome, Value::Null)).collect();
    if report.secrets.resealed > 0 {
        rows.push(row("other secrets", Value::Null, report.secrets.resealed, outcome, Value::Null));
    }
    rows.extend(report.all_unopened().map(shut));
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
    let (keys, secrets) = (report.unopened.len(), report.secrets.unopened.len());
    match (keys + secrets, report.is_done) {
        (0, _) => Ok(()),
        (_, true) => bail!("{keys} key(s) and {secrets} other secret(s) do not open and stay as they are"),
        (_, false) => bail!(
            "{keys} key(s) and {secrets} other secret(s) do not open, so nothing is sealed anew: give the encryption key that sealed them with --encryption-key-previous, or --force to do without what they belong to"
        ),
    }
}
