//! Arguments, command, exit code: 0 for success, 2 for bad usage, 1 for everything else.

use std::io::{Write, stderr};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use jwksd::cli::{Cli, UsageError, in_one_line};
use jwksd::commands;
use jwksd::config::ConfigProblems;
use mimalloc::MiMalloc;

/// A request allocates some hundred times, and frees on one thread what it has allocated on another: the allocator of glibc takes a
/// seventh of the processor time of a refresh for that, this one a third as much.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&format!("{error:#}"));
            ExitCode::from(if is_bad_usage(&error) { 2 } else { 1 })
        }
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Help that nobody reads is no failure.
            let _unread = error.print();
        }
        _ => report(&in_one_line(error)),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// One line for each problem, and one only, whatever the causes said.
fn report(problems: &str) {
    for line in problems.lines().filter(|line| !line.trim().is_empty()) {
        let _unread = writeln!(stderr(), "jwksd: {line}");
    }
}

fn is_bad_usage(error: &anyhow::Error) -> bool {
    error.is::<UsageError>() || error.is::<ConfigProblems>()
}
