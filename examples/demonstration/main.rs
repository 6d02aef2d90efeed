//! Shows the examples at work: starts jwksd and the services that take its tokens, calls them as their users would, and prints each
//! step. Ends with 1 at the first that does not do what it should.
//!
//!     demonstration [--all]
//!
//! What is needed for the consumers in TypeScript and Python may be missing, save with `--all`.

mod consumers;
mod evil_twin;
mod languages;
mod process;
mod stage;
mod token;
mod tutorial;

use std::env;
use std::process::ExitCode;

use anyhow::{Context, bail};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use crate::languages::Missing;
use crate::process::Place;
use crate::stage::Stage;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ndemonstration: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever is interrupted ends what was started, as at the end.
async fn run() -> anyhow::Result<()> {
    let missing = match env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => Missing::IsTold,
        [all] if all == "--all" => Missing::IsAnError,
        _ => bail!("the one option that there is, is --all"),
    };
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        shown = show(missing) => shown,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
    }
}

async fn show(missing: Missing) -> anyhow::Result<()> {
    let folder = TempDir::with_prefix("jwksd-examples-").context("no folder for what jwksd keeps")?;
    let place = Place::new(folder.path())?;
    let mut stage = Stage::new();
    let server = tutorial::show(&mut stage, &place).await?;
    let programs = languages::consumers(&place, missing).await?;
    consumers::show(&mut stage, server, &programs).await?;
    evil_twin::show(&mut stage, &place, &programs).await?;
    println!("\nexamples: {} passed, 0 failed", stage.passed());
    Ok(())
}
