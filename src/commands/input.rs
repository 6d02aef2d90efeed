//! Reading what a command is given on standard input.

use std::io::{Read, stdin};

use anyhow::Context;

/// More than any token, JWKS or key has.
const INPUT_MAX: u64 = 4 * 1024 * 1024;

/// All of standard input, as text.
///
/// # Errors
/// Fails for what is no UTF-8.
pub(super) fn read_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    stdin().lock().take(INPUT_MAX).read_to_string(&mut text).context("cannot read standard input")?;
    Ok(text)
}
