//! The score card for machines.

use jwksd_domain::lab::{Answer, Mark, Remedy};
use serde_json::{Value, json};

use crate::lab::{ScoreCard, Scored};

use super::text::remedies;

/// The whole card.
pub(super) fn card(card: &ScoreCard) -> Value {
    let (right, all) = card.marks();
    json!({
        "url": card.url,
        "issuer": card.issuer,
        "audience": card.audience,
        "algorithm": card.algorithm,
        "trusted": card.is_trusted(),
        "right": right,
        "counted": all,
        "checks": card.scored.iter().map(check).collect::<Vec<_>>(),
    })
}

fn check(scored: &Scored) -> Value {
    let card = scored.trial.card();
    let (mark, accepted) = match scored.mark {
        Mark::Right => ("right", None),
        Mark::Left { accepted } => ("left", Some(accepted)),
        Mark::Wrong(shortcoming) => (shortcoming.as_str(), None),
    };
    let status = match scored.answer {
        Answer::Status(status) => Some(status),
        Answer::TooLate | Answer::Broken => None,
    };
    let mend = remedies(scored).iter().map(|Remedy { library, how }| json!({ "library": library, "how": how }));
    let mut check = json!({
        "name": card.name,
        "verdict": card.verdict.as_str(),
        "status": status,
        "mark": mark,
        "rule": card.rule,
        "reason": card.reason,
        "mend": mend.collect::<Vec<_>>(),
    });
    if let Some(accepted) = accepted {
        check["accepted"] = accepted.into();
    }
    check
}
