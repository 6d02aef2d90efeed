//! `jwksd token`: minting, inspecting and verifying tokens.

mod jwks;

use std::io::{Write, stderr};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use base64ct::{Base64UrlUnpadded, Encoding};
use jwksd_domain::token::{TokenClaims, TokenFault, TokenPolicy, Unverified};
use jwksd_domain::usecase::{AuthenticateToken, AuthenticateTokenParts, Keyring, TokenLife};
use jwksd_domain::user::{DemoUsers, LoginName};
use jwksd_verifier::Algorithm;
use serde_json::{Value, json};

use crate::App;
use crate::cli::{Output, UsageError, Verify};
use crate::compose::{self, Stores};
use crate::config::Config;

use super::input::read_stdin;
use super::output;
use super::users::existing_stores;

/// Prints a token for a user.
pub(super) async fn mint(config: Config, user: &str, ttl: Option<&str>, form: Output) -> anyhow::Result<()> {
    let life = match ttl {
        None => TokenLife::Usual,
        Some(text) => match humantime::parse_duration(text) {
            Ok(life) if life.as_secs() > 0 => TokenLife::Of(life),
            _ => return Err(UsageError("--ttl takes a duration of a second or more, such as 15m").into()),
        },
    };
    let name = LoginName::parse(user)?;
    // Refuses a database that this command would have to make.
    existing_stores(&config).await?.close().await;
    let app = App::build(config).await?;
    let minted = app.use_cases().mint_token.run(&name, life).await;
    app.close().await;
    let minted = minted?;
    match form {
        Output::Text => output::print(&format!("{}\n", minted.token)),
        Output::Json => output::print_json(&json!({
            "token": minted.token,
            "kid": minted.kid.as_str(),
            "jti": minted.jti,
            "expires_in": minted.expires_in.as_secs(),
        })),
    }
}

/// Prints what a token says of itself.
pub(super) fn inspect(token: Option<String>) -> anyhow::Result<()> {
    let token = given_or_read(token)?;
    let parts = Unverified::parse(&token)?;
    let header = parts.signing_input.split('.').next().and_then(|part| Base64UrlUnpadded::decode_vec(part).ok());
    let header: Value = serde_json::from_slice(&header.unwrap_or_default()).context("the header is no JSON")?;
    let claims: Value = serde_json::from_slice(&parts.payload).context("the claims are no JSON")?;
    let _unread = writeln!(stderr(), "jwksd: NOT verified: whoever made this token may have written anything into it");
    output::print_json(&json!({ "header": header, "claims": claims }))
}

/// Prints the claims of a token that is valid, or its payload as it was signed where the keys are those of a JWKS; fails with the rule
/// that it breaks where it is not.
pub(super) async fn verify(config: &Config, asked: Verify) -> anyhow::Result<()> {
    let Some(place) = asked.jwks else { return verify_by_database(config, asked.token).await };
    if place == "-" && asked.token.as_deref().is_none_or(|text| text == "-") {
        return Err(UsageError("standard input cannot be both the token and the JWKS").into());
    }
    let named = asked.alg.as_deref().and_then(Algorithm::from_name);
    let accepted = named.map_or(Algorithm::ALL.to_vec(), |algorithm| vec![algorithm]);
    let signed = jwks::signed(&given_or_read(asked.token)?, &place, &accepted).await?;
    if !asked.signature_only {
        jwks::check(config, signed.clone(), &accepted)?;
    }
    output::print_bytes(&signed.payload)
}

async fn verify_by_database(config: &Config, token: Option<String>) -> anyhow::Result<()> {
    let token = given_or_read(token)?;
    let stores = existing_stores(config).await?;
    let verified = verified(config, &stores, &token).await;
    stores.close().await;
    output::print_json(&serde_json::to_value(verified?)?)
}

async fn verified(config: &Config, stores: &Stores, token: &str) -> anyhow::Result<TokenClaims> {
    let keyring = Arc::new(Keyring::new(Arc::clone(&stores.keys)));
    keyring.refresh(compose::clock().now()).await.context("cannot load the keys")?;
    let policy = expected(config, token)?;
    let parts = AuthenticateTokenParts {
        keyring,
        verifier: compose::verifier(),
        users: Arc::clone(&stores.users),
        sessions: Arc::clone(&stores.sessions),
        clients: Arc::clone(&stores.clients),
        revocations: Arc::clone(&stores.revocations),
        clock: compose::clock(),
    };
    let use_case = AuthenticateToken::new(parts, policy, DemoUsers::Admitted);
    use_case.verify(token).map_err(not_valid)
}

/// What the token must say. An issuer or audience that is not configured is not known here, since the server may listen anywhere:
/// the token's own is taken, and that is said.
fn expected(config: &Config, token: &str) -> anyhow::Result<TokenPolicy> {
    let mut policy = config.token_policy();
    if config.issuer.is_some() {
        return Ok(policy);
    }
    let claims = Unverified::parse(token).and_then(|token| token.claims()).map_err(not_valid)?;
    claims.iss().clone_into(&mut policy.issuer);
    if config.audience.is_none() {
        claims.aud().clone_into(&mut policy.audience);
    }
    tell_that_the_issuer_is_not_checked();
    Ok(policy)
}

fn tell_that_the_issuer_is_not_checked() {
    let _unread =
        writeln!(stderr(), "jwksd: the issuer is not checked: --issuer says which one must stand in the token");
}

fn not_valid(fault: TokenFault) -> anyhow::Error {
    anyhow!("the token is not valid: {fault}")
}

fn given_or_read(token: Option<String>) -> anyhow::Result<String> {
    match token {
        Some(token) if token != "-" => Ok(token.trim().to_owned()),
        _ => Ok(read_stdin()?.trim().to_owned()),
    }
}
