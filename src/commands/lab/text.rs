//! The score card for people.

use jwksd_domain::lab::{Mark, Remedy, Trial};

use crate::lab::{ScoreCard, Scored};

use super::{answer, worth};

/// The whole card: the marks, what is wrong and how to mend it, and what does not count.
pub(super) fn card(card: &ScoreCard) -> String {
    let (right, all) = card.marks();
    let ScoreCard { url, issuer, audience, algorithm, .. } = card;
    let head = format!("{url}\n  {right} of {all}: issuer {issuer}, audience {audience}, {algorithm}\n");
    let findings: String = card.findings().map(finding).collect();
    let left: Vec<_> = card.scored.iter().filter(|scored| matches!(scored.mark, Mark::Left { .. })).collect();
    let told: String = left.iter().map(|scored| left_to_the_verifier(scored)).collect();
    let heading = if left.is_empty() { "" } else { "\nleft to the verifier, and not counted:\n" };
    format!("{head}{findings}{heading}{told}")
}

fn finding(scored: &Scored) -> String {
    let card = scored.trial.card();
    let head = format!("\n{}: {} ({})\n", card.name, worth(scored), answer(scored.answer));
    let remedies = remedies(scored).iter().map(|Remedy { library, how }| format!("    {library:<20}{how}\n"));
    format!("{head}  {}: {}\n{}", card.rule, card.reason, remedies.collect::<String>())
}

fn left_to_the_verifier(scored: &Scored) -> String {
    let card = scored.trial.card();
    let cache = if scored.trial == Trial::RevokedAfterUse { ", as a cache may for a while" } else { "" };
    let cache = if scored.mark == (Mark::Left { accepted: true }) { cache } else { "" };
    format!("  {:<26}{} ({}){cache}\n", card.name, worth(scored), answer(scored.answer))
}

/// How to mend what is wrong.
pub(super) fn remedies(scored: &Scored) -> &'static [Remedy] {
    match scored.mark {
        Mark::Wrong(shortcoming) => scored.trial.remedies(shortcoming),
        Mark::Right | Mark::Left { .. } => &[],
    }
}
