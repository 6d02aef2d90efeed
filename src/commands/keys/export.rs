//! Giving keys out.

use std::io::{Write, stderr};
use std::path::Path;

use anyhow::anyhow;
use jwksd_domain::audit::Origin;
use jwksd_domain::key::{Kid, PublicJwk};
use jwksd_domain::usecase::ExportKeyError;
use serde_json::json;

use crate::App;
use crate::commands::files::{self, NewFile, Readers};
use crate::commands::output;

/// Prints the JWKS as it is published, or with one key of the ring in it.
pub(super) async fn jwks(app: &App, kid: Option<&str>) -> anyhow::Result<()> {
    let (ring, now) = app.use_cases().list_keys.run().await?;
    let keys: Vec<&PublicJwk> = match kid {
        Some(kid) => {
            let key = ring.keys.iter().find(|key| key.kid().as_str() == kid);
            vec![&key.ok_or_else(|| anyhow!("there is no key {kid}"))?.public]
        }
        None => ring.published_at(now).into_iter().map(|key| &key.public).collect(),
    };
    output::print_json(&json!({ "keys": keys }))?;
    if let Some(Ok(kid)) = kid.map(Kid::parse) {
        tell_if_revoked(app, &kid);
    }
    Ok(())
}

fn tell_if_revoked(app: &App, kid: &Kid) {
    let ring = app.use_cases().keyring.current();
    if ring.revoked.contains(kid) {
        let _unread = writeln!(stderr(), "jwksd: key {kid} is revoked: no verifier should be given it");
    }
}

/// Writes both halves of a key as PEM.
pub(super) async fn pair(app: &App, kid: &str, out: &Path, force: bool) -> anyhow::Result<()> {
    let kid = Kid::parse(kid).map_err(|_| anyhow!("there is no key {kid}"))?;
    let exported = app.use_cases().export_key.run(&kid, Origin::of_the_server()).await;
    let pair = exported.map_err(|error| match error {
        ExportKeyError::Unavailable(outage) => app.key_that_does_not_open(outage),
        error @ ExportKeyError::UnknownKey(_) => error.into(),
    })?;
    let written = [
        NewFile { name: "private_key.pem", text: &pair.private, readers: Readers::Owner },
        NewFile { name: "public_key.pem", text: &pair.public, readers: Readers::Everybody },
    ];
    files::write(out, &written, force)?;
    tell_if_revoked(app, &kid);
    let paths = written.map(|file| format!("{}\n", out.join(file.name).display()));
    output::print(&paths.concat())
}
