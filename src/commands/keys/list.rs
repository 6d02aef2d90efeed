//! Looking at the keys.

use std::sync::Arc;

use jwksd_domain::key::SigningKey;
use jwksd_domain::time::Timestamp;
use jwksd_domain::usecase::{Keyring, ListKeys};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::compose;
use crate::config::Config;

use crate::commands::output;
use crate::commands::users::existing_stores;

/// The members of a key at `GET /admin/keys`.
const COLUMNS: [&str; 12] = [
    "kid",
    "alg",
    "state",
    "purpose",
    "created_at",
    "published_at",
    "activated_at",
    "retired_at",
    "expired_at",
    "revoked_at",
    "revocation_reason",
    "sealed_by",
];

/// Lists every key. No private half is opened.
pub(super) async fn run(config: &Config, form: Output) -> anyhow::Result<()> {
    let stores = existing_stores(config).await?;
    let keyring = Arc::new(Keyring::new(Arc::clone(&stores.keys)));
    let listed = ListKeys::new(keyring, compose::clock()).run().await;
    stores.close().await;
    let (ring, now) = listed?;
    let rows: Vec<_> = ring.keys.iter().map(|key| row(key, now)).collect();
    output::print_rows(&COLUMNS, &rows, form)
}

fn row(key: &SigningKey, now: Timestamp) -> Vec<Value> {
    let life = key.life();
    let instants = [life.published_from, life.signs_from, life.signs_until, life.published_until];
    let mut row = vec![
        json!(key.kid().as_str()),
        json!(key.algorithm().as_str()),
        json!(key.state_at(now).as_str()),
        json!(key.purpose.as_str()),
        json!(key.created_at.to_string()),
    ];
    row.extend(instants.map(|instant| json!(instant.to_string())));
    row.push(json!(key.revocation.as_ref().map(|revocation| revocation.at.to_string())));
    row.push(json!(key.revocation.as_ref().map(|revocation| &revocation.reason)));
    row.push(json!(key.private.sealed_by.as_str()));
    row
}
