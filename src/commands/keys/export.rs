//! Giving keys out.

use std::path::Path;

use anyhow::anyhow;
use jwksd_domain::audit::Origin;
use jwksd_domain::key::{Kid, PublicJwk};
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
    output::print_json(&json!({ "keys": keys }))
}

/// Writes both halves of a key as PEM.
pub(super) async fn pair(app: &App, kid: &str, out: &Path, force: bool) -> anyhow::Result<()> {
    let kid = Kid::parse(kid).map_err(|_| anyhow!("there is no key {kid}"))?;
    let pair = app.use_cases().export_key.run(&kid, Origin::of_the_server()).await?;
    let written = [
        NewFile { name: "private_key.pem", text: &pair.private, readers: Readers::Owner },
        NewFile { name: "public_key.pem", text: &pair.public, readers: Readers::Everybody },
    ];
    files::write(out, &written, force)
}
