//! Rotating, revoking, cleaning up and importing.

use anyhow::{Context, anyhow, bail};
use jwksd_domain::audit::Origin;
use jwksd_domain::key::{Kid, RotationMode, SigningKey};
use jwksd_domain::usecase::{KeyRevoked, RevocationReason, Rotation, Trigger};
use serde_json::json;
use zeroize::Zeroizing;

use crate::App;
use crate::cli::Output;
use crate::commands::{input, output};

/// That this command plans for the algorithm that the server signs with: it has no other configuration than its own.
///
/// # Errors
/// Says how to give it that of the server.
pub(super) fn agrees(app: &App, force: bool) -> anyhow::Result<()> {
    let (ring, now) = (app.use_cases().keyring.current(), app.ports().clock.now());
    let wanted = app.config().keys.algorithm;
    match ring.signer_at(now).map(SigningKey::algorithm) {
        Some(algorithm) if algorithm != wanted && !force => bail!(
            "the keys sign with {algorithm}, and this command is configured for {wanted}: give it the configuration of the server, or --force where the algorithm is to be another"
        ),
        _ => Ok(()),
    }
}

/// Lets the stand-by sign from now on.
pub(super) async fn rotate(app: &App, mode: RotationMode, form: Output) -> anyhow::Result<()> {
    let rotation = app.use_cases().rotate_keys.run(Trigger::Asked(mode, Origin::of_the_server())).await?;
    let (kid, already) = match rotation {
        Rotation::Done(kid) => (kid, false),
        Rotation::Settled | Rotation::AlreadyDone => (None, true),
    };
    let text = match &kid {
        Some(kid) => format!("{kid} signs from now on\n"),
        None => "another process has just rotated the keys\n".to_owned(),
    };
    answer(form, &text, &json!({ "kid": kid.map(|kid| kid.to_string()), "already_done": already }))
}

/// Takes a key out of the JWKS, and tells how far that reaches.
pub(super) async fn revoke(app: &App, kid: &str, reason: &str, form: Output) -> anyhow::Result<()> {
    let kid = Kid::parse(kid).map_err(|_| anyhow!("{kid} is no kid: `jwksd keys list` shows them"))?;
    let reason = RevocationReason::parse(reason)?;
    let revoked = app.use_cases().revoke_key.run(&kid, reason, Origin::of_the_server()).await?;
    let KeyRevoked { already, withdrawal, issued } = &revoked;
    let value = json!({
        "kid": withdrawal.kid.as_str(),
        "already_revoked": already,
        "revoked_at": withdrawal.revoked_at.to_string(),
        "signed_since": withdrawal.signed_since.map(|at| at.to_string()),
        "live_tokens": issued.tokens,
        "live_users": issued.users,
        "signer": withdrawal.signer.as_ref().map(Kid::as_str),
        "forgotten_at": withdrawal.forgotten_at.to_string(),
    });
    answer(form, &told(&revoked), &value)
}

fn told(KeyRevoked { already, withdrawal, issued }: &KeyRevoked) -> String {
    let before = if *already { "was revoked before" } else { "is revoked" };
    let signed = match withdrawal.signed_since {
        Some(at) => format!("since {at}"),
        None => "never".to_owned(),
    };
    let signer = withdrawal.signer.as_ref().map_or("none", Kid::as_str);
    format!(
        "{} {before}, at {}\n  it signed        {signed}\n  live tokens      {}, of {} user(s): none of them verifies any more\n  signs now        {signer}\n  forgotten at     {}, by every cache that heeds the age of the JWKS\n",
        withdrawal.kid, withdrawal.revoked_at, issued.tokens, issued.users, withdrawal.forgotten_at
    )
}

/// Erases expired keys.
pub(super) async fn clean_up(app: &App, form: Output) -> anyhow::Result<()> {
    let erased = app.use_cases().clean_up_keys.run(Origin::of_the_server()).await?;
    answer(form, &format!("erased {erased} expired key(s)\n"), &json!({ "erased": erased }))
}

/// Takes a private key in.
pub(super) async fn import(app: &App, file: &str, form: Output) -> anyhow::Result<()> {
    let pem = match file {
        "-" => input::read_stdin()?,
        path => std::fs::read_to_string(path).with_context(|| format!("cannot read the key {path}"))?,
    };
    let (kid, from) = app.use_cases().import_key.run(&Zeroizing::new(pem), Origin::of_the_server()).await?;
    let text = format!("{kid} is the stand-by, and signs from {from} on\n");
    answer(form, &text, &json!({ "kid": kid.as_str(), "activated_at": from.to_string() }))
}

fn answer(form: Output, text: &str, value: &serde_json::Value) -> anyhow::Result<()> {
    match form {
        Output::Text => output::print(text),
        Output::Json => output::print_json(value),
    }
}
