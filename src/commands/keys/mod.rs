//! `jwksd keys`: looking after the signing keys at the database itself, also while a server runs on it: the server knows within two
//! seconds.

mod change;
mod export;
mod list;
mod rewrap;

use jwksd_domain::key::RotationMode;
use jwksd_domain::ports::SignerError;
use jwksd_domain::usecase::{Outage, RewrapMode};

use crate::App;
use crate::cli::KeysCommand;
use crate::config::Config;

use super::users::existing_stores;

/// Does what `command` says.
pub(super) async fn run(config: Config, command: KeysCommand) -> anyhow::Result<()> {
    if let KeysCommand::List(listing) = command {
        return list::run(&config, listing.output).await;
    }
    // Refuses a database that this command would have to make.
    existing_stores(&config).await?.close().await;
    let app = App::unstarted(config).await?;
    let done = carry_out(&app, command).await;
    app.close().await;
    done
}

async fn carry_out(app: &App, command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::List(listing) => list::run(app.config(), listing.output).await,
        KeysCommand::Rotate { force, listing } => {
            app.open_keys().await?;
            change::agrees(app, force)?;
            let mode = if force { RotationMode::Forced } else { RotationMode::Careful };
            change::rotate(app, mode, listing.output).await
        }
        KeysCommand::Revoke { kid, reason, listing } => {
            let opened = app.use_cases().open_keys.run().await;
            match opened {
                // A key that was damaged can be revoked all the same.
                Err(Outage::Signer(SignerError::Rejected(damaged))) if damaged.as_str() == kid => {}
                opened => opened.map_err(|outage| app.key_that_does_not_open(outage))?,
            }
            change::revoke(app, &kid, &reason, listing.output).await
        }
        KeysCommand::Cleanup(listing) => {
            app.open_keys().await?;
            change::clean_up(app, listing.output).await
        }
        KeysCommand::Import { file, listing } => {
            app.open_keys().await?;
            change::import(app, &file, listing.output).await
        }
        KeysCommand::Export { kid, with_private_key, out, force } => match (kid, out) {
            (Some(kid), Some(out)) if with_private_key => export::pair(app, &kid, &out, force).await,
            (kid, _) => export::jwks(app, kid.as_deref()).await,
        },
        KeysCommand::Rewrap { dry_run, force, listing } => {
            let mode = match (dry_run, force) {
                (true, _) => RewrapMode::DryRun,
                (false, false) => RewrapMode::Careful,
                (false, true) => RewrapMode::Forced,
            };
            rewrap::run(app, mode, listing.output).await
        }
    }
}
