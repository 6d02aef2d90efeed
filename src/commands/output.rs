//! Writing answers to standard output, for people and for machines.

use std::io::{self, ErrorKind, Write, stdout};

use serde_json::Value;

use crate::cli::Output;

/// Writes `text`.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    print_bytes(text.as_bytes())
}

/// Writes `bytes` and nothing else. A reader that has gone away, as `head` does, is no failure.
pub(super) fn print_bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(io::Error::new(error.kind(), "cannot write to standard output").into())
        }
        _ => Ok(()),
    }
}

/// Writes `value` as indented JSON.
pub(super) fn print_json(value: &Value) -> anyhow::Result<()> {
    print(&format!("{value:#}\n"))
}

/// Writes rows of `columns` as a table for people, or as a list of objects for machines, which lack what a row has not.
pub(super) fn print_rows(columns: &[&str], rows: &[Vec<Value>], output: Output) -> anyhow::Result<()> {
    match output {
        Output::Json => {
            let object = |row: &Vec<Value>| {
                let members = columns.iter().map(|name| (*name).to_owned()).zip(row.iter().cloned());
                members.filter(|(_, value)| !value.is_null()).collect()
            };
            print_json(&Value::Array(rows.iter().map(|row| Value::Object(object(row))).collect()))
        }
        Output::Text => print(&table(columns, rows)),
    }
}

fn table(columns: &[&str], rows: &[Vec<Value>]) -> String {
    let head = columns.iter().map(|name| name.replace('_', " ").to_uppercase()).collect();
    let lines: Vec<Vec<String>> =
        std::iter::once(head).chain(rows.iter().map(|row| row.iter().map(cell).collect())).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns.len()).map(width).collect();
    let aligned = lines.iter().map(|line| {
        let cells: Vec<_> = line.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    });
    aligned.collect()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect(),
        other => other.to_string(),
    }
}
