//! Verifying with the keys of a JWKS, of a file or of an address: by the crate that other services verify with, so that what is
//! accepted here is what they accept.

use std::io::{Write, stderr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use jwksd_verifier::{
    Algorithm, Clock, Fault, JwkSet, NoMore, Policy, RemoteJwks, Signed, SystemClock, Token, TokenType, Unavailable,
};
use serde_json::Value;

use crate::config::Config;

use super::super::input::read_stdin;

/// The token, if a key of the JWKS at `place` has signed it by one of `accepted`.
pub(super) async fn signed(token: &str, place: &str, accepted: &[Algorithm]) -> anyhow::Result<Signed> {
    let keys = keys(place).await?;
    Token::parse(token).and_then(|token| token.verify_signature(&keys, accepted)).map_err(not_valid)
}

/// Fails where a service must not accept what was signed.
pub(super) fn check(config: &Config, signed: Signed, accepted: &[Algorithm]) -> anyhow::Result<()> {
    let policy = policy(config, &signed, accepted)?;
    policy.check::<NoMore>(signed, SystemClock.now()).map(drop).map_err(not_valid)
}

/// The set at `place`. Keys that cannot be used are told, since one of them may be the one that was meant.
async fn keys(place: &str) -> anyhow::Result<Arc<JwkSet>> {
    let keys = match place {
        "-" => parse(&read_stdin()?)?,
        url if url.starts_with("https://") || url.starts_with("http://") => {
            let remote = RemoteJwks::at(url).with_context(|| format!("cannot ask {url} for a JWKS"))?;
            match remote.key_set(None).await {
                Ok(set) => set,
                Err(Unavailable::NoUsableKey) => remote.held().unwrap_or_default(),
                Err(other) => return Err(anyhow!(other).context(format!("cannot fetch {url}"))),
            }
        }
        path => parse(&std::fs::read_to_string(path).with_context(|| format!("cannot read the JWKS {path}"))?)?,
    };
    for key in keys.passed_over() {
        let _unread = writeln!(stderr(), "jwksd: key {} of the JWKS is passed over: {}", key.index + 1, key.reason);
    }
    match keys.is_empty() {
        true => bail!("the JWKS holds no key that can be used"),
        false => Ok(keys),
    }
}

fn parse(text: &str) -> anyhow::Result<Arc<JwkSet>> {
    Ok(Arc::new(JwkSet::parse(text)?))
}

/// What the token must say. An issuer or audience that is not configured is not known here, since the server may listen anywhere:
/// the token's own is taken, and that is said.
fn policy(config: &Config, signed: &Signed, accepted: &[Algorithm]) -> anyhow::Result<Policy> {
    let expected = config.token_policy();
    let (mut issuer, mut audience) = (expected.issuer, expected.audience);
    if config.issuer.is_none() {
        let claims: Value = serde_json::from_slice(&signed.payload).unwrap_or_default();
        issuer = claims["iss"].as_str().map_or(issuer, str::to_owned);
        if config.audience.is_none() {
            let own = claims["aud"].as_str().or_else(|| claims["aud"][0].as_str());
            audience = own.map_or(audience, str::to_owned);
        }
        super::tell_that_the_issuer_is_not_checked();
    }
    let types = [TokenType::Jwt, TokenType::AccessToken];
    Ok(Policy::builder(&issuer, &audience, accepted).token_types(&types).leeway(Duration::ZERO).build()?)
}

fn not_valid(fault: Fault) -> anyhow::Error {
    anyhow!("the token is not valid: {fault}")
}
