//! The score card as one page that needs nothing else: no script, no font, no image.

use jwksd_domain::lab::{Mark, Remedy};

use crate::lab::{ScoreCard, Scored};

use super::text::remedies;
use super::{answer, worth};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ccc}\
.wrong td:nth-child(2){color:#a00;font-weight:bold}.left td:nth-child(2){color:#666}dt{font-weight:bold}dd{margin:0 0 .3rem 1rem}";

/// The whole card; what is wrong comes first.
pub(super) fn card(card: &ScoreCard) -> String {
    let (right, all) = card.marks();
    let others = card.scored.iter().filter(|scored| !matches!(scored.mark, Mark::Wrong(_)));
    let rows: String = card.findings().chain(others).map(row).collect();
    let [url, issuer, audience] = [&card.url, &card.issuer, &card.audience].map(|text| escaped(text));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>jwksd lab check: {url}</title>\n<style>{STYLE}</style>\n\
         <h1>{right} of {all}</h1>\n<p>{url}</p>\n<p>Issuer {issuer}, audience {audience}, {}</p>\n\
         <table>\n<tr><th>check<th>answer<th>why, and how to mend it</tr>\n{rows}</table>\n</html>\n",
        card.algorithm
    )
}

fn row(scored: &Scored) -> String {
    let card = scored.trial.card();
    let class = match scored.mark {
        Mark::Right => "right",
        Mark::Left { .. } => "left",
        Mark::Wrong(_) => "wrong",
    };
    let mend: String = remedies(scored)
        .iter()
        .map(|Remedy { library, how }| format!("<dt>{}<dd>{}", escaped(library), escaped(how)))
        .collect();
    let mend = if mend.is_empty() { mend } else { format!("<dl>{mend}</dl>") };
    let (answer, why) = (answer(scored.answer), escaped(&format!("{}: {}", card.rule, card.reason)));
    format!("<tr class=\"{class}\"><td>{}<td>{} ({answer})<td>{why}{mend}</tr>\n", card.name, worth(scored))
}

/// Text as it stands in HTML. The address is what somebody typed.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_no_markup() {
        assert_eq!(escaped("http://a/?<b>&\"c\""), "http://a/?&lt;b&gt;&amp;&quot;c&quot;");
    }
}
