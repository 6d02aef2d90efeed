//! The consumers: one service in three languages, each called with the same tokens, and all of them while keys change.

use anyhow::Context;
use serde_json::{Value, json};

use crate::languages::Program;
use crate::process::Running;
use crate::stage::{Answer, Call, Stage};
use crate::token::Token;
use crate::tutorial::{self, AuthServer};

/// What John and Jane have, and what nobody should be let in with.
struct Tokens {
    john: Token,
    jane: Token,
    bad: Vec<Token>,
}

/// A consumer that runs.
struct Consumer<'a> {
    program: &'a Program,
    running: Running,
}

/// Shows each, then what they do while keys change, and once the auth server is gone.
pub(crate) async fn show(stage: &mut Stage, server: AuthServer, programs: &[Program]) -> anyhow::Result<()> {
    let issuer = server.running.url.clone();
    stage.heading("Auth server: John may read, Jane may write");
    let tokens = log_in(stage, &issuer).await?;

    let mut consumers = Vec::new();
    for program in programs {
        stage.heading(&format!("Consumer in {}", program.language));
        let running = Running::start(program.command(), &issuer).await?;
        show_one(stage, &running.url, &tokens).await?;
        consumers.push(Consumer { program, running });
    }

    stage.heading("Auth server: another key signs; every consumer has it already");
    let rotate = Call::post(format!("{issuer}/admin/keys/rotate")).with(&server.admin).json(json!({ "force": true }));
    let kid = stage.expect(200, rotate).await?.body["kid"].as_str().context("a key signs")?.to_owned();
    let jane = login(stage, &issuer, "Jane", "pass123").await?;
    stage.check(jane.kid()? == kid && tokens.jane.kid()? != kid, "Jane's next token is signed by the other key")?;
    let jane = Token { whose: "the next token of Jane", ..jane };
    call_each(stage, &consumers, [&jane, &tokens.jane]).await?;

    stage.heading("Auth server: stopped; the consumers keep the keys that they have");
    server.running.stop().await?;
    call_each(stage, &consumers, [&jane, &tokens.jane]).await?;

    stage.heading("Consumers that are started now have no keys, and answer 503");
    for Consumer { program, running } in consumers {
        drop(running);
        let running = Running::start(program.command(), &issuer).await?;
        let answer = stage.expect(503, Call::get(protected(&running.url)).with(&jane)).await?;
        stage.check(is_message(&answer), "the body is a message")?;
    }
    Ok(())
}

/// What the service promises: 401 without a token, 403 with a bad one or without the role, 200 with the user.
async fn show_one(stage: &mut Stage, url: &str, Tokens { john, jane, bad }: &Tokens) -> anyhow::Result<()> {
    let (get, post) = (|| Call::get(protected(url)), || Call::post(protected(url)));
    let answer = stage.expect(401, get()).await?;
    stage.check(is_message(&answer), "the body is a message")?;
    stage.check(answer.challenge.as_deref() == Some("Bearer"), "the challenge is that of RFC 6750 section 3")?;
    for token in bad {
        let answer = stage.expect(403, get().with(token)).await?;
        stage.check(is_message(&answer), "the body is a message")?;
    }

    let answer = stage.expect(200, get().with(john)).await?;
    stage.check(answer.body["user"] == json!({ "username": "John", "role": "read" }), "the body has the user")?;
    let answer = stage.expect(403, post().with(john)).await?;
    stage.check(is_message(&answer), "the body is a message")?;
    for call in [get(), post()] {
        let answer = stage.expect(200, call.with(jane)).await?;
        stage.check(answer.body["user"] == json!({ "username": "Jane", "role": "write" }), "the body has the user")?;
    }
    Ok(())
}

async fn call_each(stage: &mut Stage, consumers: &[Consumer<'_>], tokens: [&Token; 2]) -> anyhow::Result<()> {
    for Consumer { program, running } in consumers {
        for token in tokens {
            let answer = stage.expect(200, Call::post(protected(&running.url)).with(token)).await?;
            stage.check(answer.body["user"]["username"] == "Jane", program.language)?;
        }
    }
    Ok(())
}

async fn log_in(stage: &mut Stage, issuer: &str) -> anyhow::Result<Tokens> {
    let john = login(stage, issuer, "John", "testpass").await?;
    let john = Token { whose: "the token of John", ..john };
    let jane = login(stage, issuer, "Jane", "pass123").await?;
    let jane = Token { whose: "the token of Jane", ..jane };
    let bad = vec![
        Token { whose: "what is no token", text: "John".to_owned() },
        john.tampered()?,
        john.promoted()?,
        john.unsigned()?,
        tutorial::expired(stage, issuer).await?,
        machine(stage, issuer).await?,
    ];
    Ok(Tokens { john, jane, bad })
}

async fn login(stage: &mut Stage, issuer: &str, name: &str, password: &str) -> anyhow::Result<Token> {
    let credentials = json!({ "userName": name, "password": password });
    let answer = stage.expect(200, Call::post(format!("{issuer}/api/v1/auth")).json(credentials)).await?;
    Token::from("a token", &answer)
}

/// A token of the same issuer for the same audience, which no user has (RFC 9068).
async fn machine(stage: &mut Stage, issuer: &str) -> anyhow::Result<Token> {
    let form =
        "grant_type=client_credentials&client_id=demo-client&client_secret=demo-client-secret-known-to-everybody";
    let answer = stage.expect(200, Call::post(format!("{issuer}/oauth/token")).form(form)).await?;
    Token::from("the token of a machine", &answer)
}

fn protected(url: &str) -> String {
    format!("{url}/api/v1/protected")
}

fn is_message(answer: &Answer) -> bool {
    matches!(&answer.body["message"], Value::String(message) if !message.is_empty())
}
