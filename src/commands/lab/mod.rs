//! `jwksd lab check`: an API is put to the test, and what it came to is told.

mod html;
mod json;
mod text;

use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use jwksd_domain::lab::{Answer, Mark, Shortcoming};

use crate::cli::{CardForm, LabCheck, UsageError};
use crate::config::{Config, Profile};
use crate::lab::{NoTarget, ScoreCard, Scored, Target, Twin};

use super::output;

/// Puts the API to the test and prints the score card; fails where anything is not as it must be.
pub(super) async fn check(config: Config, asked: LabCheck) -> anyhow::Result<()> {
    let patience = match humantime::parse_duration(&asked.patience) {
        Ok(patience) if !patience.is_zero() => patience,
        _ => return Err(UsageError("--patience takes a duration of more than nothing, such as 5s").into()),
    };
    let report = asked.report.as_deref().map(|file| Ok::<_, UsageError>((file, form_of(file)?))).transpose()?;
    if config.profile != Profile::Dev {
        return Err(UsageError("the lab is of the dev profile: leave --profile prod away").into());
    }
    let target = Target::find(&asked.url, asked.owned.as_deref(), patience).await.map_err(|reason| told(&reason))?;
    let twin = Twin::start(config).await?;
    let checked = twin.check(&target).await;
    twin.stop().await;
    let card = checked?;
    if let Some((file, form)) = report {
        fs::write(file, rendered(&card, form)).with_context(|| format!("cannot write --report {file}"))?;
    }
    output::print(&rendered(&card, asked.output))?;
    outcome(&card)
}

fn form_of(file: &str) -> Result<CardForm, UsageError> {
    match Path::new(file).extension().and_then(|ending| ending.to_str()) {
        Some("html") => Ok(CardForm::Html),
        Some("json") => Ok(CardForm::Json),
        _ => Err(UsageError("--report takes a file that ends in .html or .json")),
    }
}

fn told(reason: &NoTarget) -> anyhow::Error {
    match reason {
        NoTarget::Malformed => UsageError("the API must be an address such as http://127.0.0.1:3000/protected").into(),
        NoTarget::SomebodyElses => {
            UsageError("the API is not on this machine: name its host with --i-own-this if it is yours").into()
        }
        NoTarget::NotFound => anyhow!("the host of the API is not known"),
    }
}

fn rendered(card: &ScoreCard, form: CardForm) -> String {
    match form {
        CardForm::Text => text::card(card),
        CardForm::Json => format!("{:#}\n", json::card(card)),
        CardForm::Html => html::card(card),
    }
}

/// Success where every answer is as it must be.
fn outcome(card: &ScoreCard) -> anyhow::Result<()> {
    if !card.is_trusted() {
        bail!(no_trust(card));
    }
    match card.findings().count() {
        0 => Ok(()),
        1 => bail!("1 answer is not as it must be"),
        findings => bail!("{findings} answers are not as they must be"),
    }
}

/// Why nothing but the sound token was sent.
fn no_trust(card: &ScoreCard) -> String {
    let ScoreCard { url, issuer, audience, algorithm, scored } = card;
    match scored.first().map(|scored| scored.answer) {
        Some(Answer::Status(status)) => format!(
            "the API does not let in a good token, it answers {status}: configure it with issuer {issuer}, audience {audience}, algorithm {algorithm} and the keys at {issuer}/.well-known/jwks.json, and start it anew, since each check has keys of its own"
        ),
        Some(Answer::TooLate) => format!("the API at {url} does not answer in time: see --patience"),
        Some(Answer::Broken) | None => format!("nobody answers at {url}"),
    }
}

/// What was answered, in a few words.
fn answer(answer: Answer) -> String {
    match answer {
        Answer::Status(status) => status.to_string(),
        Answer::TooLate => "no answer in time".to_owned(),
        Answer::Broken => "no answer".to_owned(),
    }
}

/// What the answer is worth, in a few words.
const fn worth(scored: &Scored) -> &'static str {
    match scored.mark {
        Mark::Right => "right",
        Mark::Left { accepted: true } => "let in",
        Mark::Left { accepted: false } => "refused",
        Mark::Wrong(Shortcoming::Accepted) => "let in, and must be refused",
        Mark::Wrong(Shortcoming::Refused) => "refused, and must be let in",
        Mark::Wrong(Shortcoming::Failed) => "failed, and must be answered",
        Mark::Wrong(Shortcoming::Late) => "too late, and must be answered at once",
        Mark::Wrong(Shortcoming::Unclear) => "neither let in nor refused",
    }
}
