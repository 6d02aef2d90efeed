//! `jwksd bootstrap`: a key pair and its JWKS as files, for services that need no server (S3).

use std::sync::Arc;

use jwksd_domain::key::{KeyOrder, KeyPurpose, KeySchedule};
use serde_json::json;

use crate::cli::Bootstrap;
use crate::compose;
use crate::config::Config;
use crate::encryption::Encryption;

use super::files::{self, NewFile, Readers};
use super::output;

/// Makes a key for the signing algorithm and writes it; no database is touched.
pub(super) async fn run(config: &Config, Bootstrap { out, force }: Bootstrap) -> anyhow::Result<()> {
    let entropy = compose::entropy();
    let encryption = Encryption::ephemeral(&*entropy);
    let (signer, custody) = compose::key_keeper(config, &encryption, Arc::clone(&entropy));
    let now = compose::clock().now();
    let schedule = KeySchedule::new(now, now, now, config.keys.retention());
    let order = KeyOrder { algorithm: config.keys.algorithm, purpose: KeyPurpose::Signing, schedule };
    let key = order.fill(signer.generate(order.algorithm).await?, now);
    let pair = custody.export(&key).await?;
    let jwks = format!("{:#}\n", json!({ "keys": [key.public] }));
    let written = [
        NewFile { name: "private_key.pem", text: &pair.private, readers: Readers::Owner },
        NewFile { name: "public_key.pem", text: &pair.public, readers: Readers::Everybody },
        NewFile { name: "jwks.json", text: &jwks, readers: Readers::Everybody },
    ];
    files::write(&out, &written, force)?;
    output::print(&format!("{}\n", key.kid()))
}
