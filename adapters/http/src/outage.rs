//! What happens when something that the server depends on is down: one line in the log with every source, and a fixed text
//! for the client.

use std::error::Error;

use jwksd_domain::usecase::Outage;

use crate::problem::{Problem, kind};

/// Logs the outage, and answers the problem that tells nothing of it.
pub(crate) fn reported(outage: &Outage) -> Problem {
    tracing::error!(error = chain(outage), "something that the server depends on is down");
    Problem::of(&kind::UNAVAILABLE)
}

/// The message of an error and of each of its sources.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
