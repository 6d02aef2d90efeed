//! The tutorial: a bootstrapper makes a key pair, the auth server signs with it, the API verifies, the client calls.

use anyhow::Context;
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::process::{self, Place, Running};
use crate::stage::{Call, PATIENCE, PAUSE, Stage};
use crate::token::Token;

/// The auth server, and the token of its administrator.
pub(crate) struct AuthServer {
    pub(crate) running: Running,
    pub(crate) admin: Token,
}

/// Shows it, and hands the auth server on.
pub(crate) async fn show(stage: &mut Stage, place: &Place) -> anyhow::Result<AuthServer> {
    stage.heading("Bootstrapper: a key pair and its JWKS as files");
    let kid = place.run_jwksd(&["bootstrap", "--out", "keys"]).await?.trim().to_owned();

    stage.heading("Auth server: jwksd, which is given that key and signs with it from now on");
    let server = start_auth_server(stage, place, &kid).await?;
    let issuer = &server.running.url;
    let jwks = stage.expect(200, Call::get(format!("{issuer}/jwks.json"))).await?;
    let keys = jwks.body["keys"].as_array().context("a JWKS has keys")?;
    stage.check(keys.iter().any(|key| key["kid"] == *kid), "the key is published")?;

    stage.heading("API: /protected is for whoever has a token");
    let api = Running::start(place.program("tutorial-api"), issuer).await?;
    show_refusals(stage, issuer, &api.url, &kid).await?;

    stage.heading("Client: fetches a token and calls the API with it");
    println!("  $ ISSUER={issuer} API={} tutorial-client", api.url);
    let mut client = place.program("tutorial-client");
    client.env("ISSUER", issuer).env("API", &api.url);
    let said = process::run(client).await?;
    stage.check(said.contains("the API says 200") && said.contains("Hello, userABC!"), "the client is let in")?;
    Ok(server)
}

/// A server heeds within two seconds what a command does to its keys.
async fn start_auth_server(stage: &mut Stage, place: &Place, kid: &str) -> anyhow::Result<AuthServer> {
    let running = place.serve().await?;
    let imported = place.run_jwksd(&["keys", "import", "keys/private_key.pem"]).await?;
    stage.check(imported.starts_with(kid), "the key is taken in")?;
    place.run_jwksd(&["keys", "rotate", "--force"]).await?;

    let login =
        Call::post(format!("{}/auth", running.url)).json(json!({ "username": "admin", "password": "password" }));
    let admin = Token::from("the token of admin", &stage.call(login).await?)?;
    let has_noticed = async {
        loop {
            let answer = stage.call(Call::get(format!("{}/admin/keys/{kid}", running.url)).with(&admin)).await?;
            if answer.body["key"]["state"] == "active" {
                return anyhow::Ok(());
            }
            sleep(PAUSE).await;
        }
    };
    timeout(PATIENCE, has_noticed).await.context("the server does not sign with the key")??;
    Ok(AuthServer { running, admin })
}

/// Which requests the API refuses, and how.
async fn show_refusals(stage: &mut Stage, issuer: &str, api: &str, kid: &str) -> anyhow::Result<()> {
    let protected = format!("{api}/protected");
    let answer = stage.expect(401, Call::get(protected.clone())).await?;
    stage.check(answer.body["error"] == "a bearer token is needed", "the body says what is needed")?;
    stage.check(answer.challenge.as_deref() == Some("Bearer"), "the challenge is that of RFC 6750 section 3")?;

    let good = Token::from("a token", &stage.call(Call::get(format!("{issuer}/token"))).await?)?;
    stage.check(good.kid()? == kid, "the token is signed with the key of the bootstrapper")?;
    for bad in [good.tampered()?, expired(stage, issuer).await?] {
        let answer = stage.expect(401, Call::get(protected.clone()).with(&bad)).await?;
        let told = answer.body["error"].as_str().unwrap_or_default();
        stage.check(told.starts_with("the token is not valid: "), "the body says what is wrong")?;
    }
    Ok(())
}

/// A token whose time is over, of a key that is not published.
pub(crate) async fn expired(stage: &Stage, issuer: &str) -> anyhow::Result<Token> {
    Token::from("an expired token", &stage.call(Call::post(format!("{issuer}/auth?expired"))).await?)
}
