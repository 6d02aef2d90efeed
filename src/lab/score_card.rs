//! What a check came to.

use jwksd_domain::lab::{Answer, Mark, Specimen, Trial};

use crate::config::Config;

use super::Target;

/// What an API answered to each trial.
#[derive(Debug)]
pub struct ScoreCard {
    /// Where it is.
    pub url: String,
    /// Who issued the tokens.
    pub issuer: String,
    /// For whom.
    pub audience: String,
    /// By which algorithm.
    pub algorithm: &'static str,
    /// Each trial, in the order in which they were made.
    pub scored: Vec<Scored>,
}

/// One trial and what it came to.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    /// What was asked.
    pub trial: Trial,
    /// What was answered.
    pub answer: Answer,
    /// What that is worth.
    pub mark: Mark,
}

impl ScoreCard {
    pub(super) fn new(target: &Target, config: &Config) -> Self {
        let policy = config.token_policy();
        Self {
            url: target.url().to_string(),
            issuer: policy.issuer,
            audience: policy.audience,
            algorithm: config.keys.algorithm.as_str(),
            scored: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, trial: Trial, answer: Answer) {
        self.scored.push(Scored { trial, answer, mark: trial.card().verdict.mark(answer) });
    }

    /// Whether the sound token was let in; where it was not, no refusal shows anything, and nothing else was asked.
    pub fn is_trusted(&self) -> bool {
        self.scored.iter().any(|scored| scored.trial == Trial::Of(Specimen::Sound) && scored.mark == Mark::Right)
    }

    /// What is not as it must be.
    pub fn findings(&self) -> impl Iterator<Item = &Scored> {
        self.scored.iter().filter(|scored| matches!(scored.mark, Mark::Wrong(_)))
    }

    /// How many answers were right, and how many count.
    pub fn marks(&self) -> (usize, usize) {
        let right = self.scored.iter().filter(|scored| scored.mark == Mark::Right).count();
        (right, right + self.findings().count())
    }
}
