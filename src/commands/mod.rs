//! One file for each subcommand.

mod bootstrap;
mod clients;
mod config;
mod files;
mod input;
mod keys;
mod lab;
mod openapi;
mod output;
mod token;
mod users;

use std::io;

use anyhow::Context;
use clap::CommandFactory;
use tokio::runtime::{Builder, Runtime};

use crate::cli::{Cli, Command, LabCommand, TokenCommand};
use crate::config::{Config, Flags, Surroundings};
use crate::{serve, telemetry};

/// How many threads may block at once: those that hash, one a core, and those that make keys.
const BLOCKING_THREADS: usize = 16;

/// Does what the command line says.
///
/// # Errors
/// Says in one line what went wrong.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let flags = cli.options.0;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            let config = load(flags)?;
            telemetry::start_logging(&config);
            let runtime = runtime()?;
            let served = runtime.block_on(serve::run(config));
            // What still runs after the grace period is not waited for.
            runtime.shutdown_background();
            served
        }
        Command::Config(listing) => config::run(&load(flags)?, listing.output),
        Command::Openapi => openapi::run(&load(flags)?),
        Command::Users(command) => runtime()?.block_on(users::run(&load(flags)?, command)),
        Command::Clients(command) => runtime()?.block_on(clients::run(&load(flags)?, command)),
        Command::Keys(command) => runtime()?.block_on(keys::run(load(flags)?, command)),
        Command::Bootstrap(bootstrap) => runtime()?.block_on(bootstrap::run(&load(flags)?, bootstrap)),
        Command::Token(TokenCommand::Inspect { token }) => token::inspect(token),
        Command::Token(TokenCommand::Mint { user, ttl, listing }) => {
            runtime()?.block_on(token::mint(load(flags)?, &user, ttl.as_deref(), listing.output))
        }
        Command::Token(TokenCommand::Verify(verify)) => runtime()?.block_on(token::verify(&load(flags)?, verify)),
        Command::Lab(LabCommand::Check(check)) => runtime()?.block_on(lab::check(load(flags)?, check)),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "jwksd", &mut script);
            output::print(&String::from_utf8(script)?)
        }
    }
}

fn load(flags: Flags) -> anyhow::Result<Config> {
    let surroundings = Surroundings::of_process().context("cannot tell the working directory")?;
    Ok(Config::load(flags, surroundings)?)
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().max_blocking_threads(BLOCKING_THREADS).enable_all().build()
}
