//! Bodies of the lab that are made while they are sent: one that takes its time, and one that is larger than anybody should read.

use std::io;
use std::iter::{once, repeat_n};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use jwksd_domain::lab::Delivery;
use jwksd_domain::usecase::MisshapenKeys;
use poem::Body;
use tokio::sync::watch;
use tokio::time::timeout;

/// In how many pieces a slow set comes.
const PIECES: usize = 60;
/// How long each of them takes. All of them together take less than a connection may rest, by default.
const PAUSE: Duration = Duration::from_secs(1);

/// How much there is in front of a huge set, in bytes, at least.
const FLOOD: usize = 32 * 1024 * 1024;
/// How the set begins, in front of which nothing else may stand.
const BEGIN: &str = "{\"keys\":[";
/// How many keys of no use are sent at once.
const USELESS_AT_ONCE: usize = 128;

/// The answer of an operation whose length is not known when it begins: a HEAD request does not wait for it.
#[derive(Clone, Copy)]
pub(crate) struct Unmeasured;

/// The body of a set that misbehaves. A slow one ends at once where the server is `stopping`.
pub(crate) fn body(keys: MisshapenKeys, stopping: &watch::Receiver<bool>) -> Body {
    let MisshapenKeys { json, delivery } = keys;
    match delivery {
        Delivery::Whole => Body::from_string(json),
        Delivery::Dripped => dripped(json.into(), stopping.clone()),
        Delivery::Flooded => flooded(&json),
    }
}

/// Piece by piece, and what is left when the server stops in one.
fn dripped(set: Bytes, stopping: watch::Receiver<bool>) -> Body {
    let piece = set.len().div_ceil(PIECES).max(1);
    Body::from_bytes_stream(stream::unfold((set, stopping), move |(mut rest, mut stopping)| async move {
        if rest.is_empty() {
            return None;
        }
        let is_stopping = timeout(PAUSE, stopping.wait_for(|stopping| *stopping)).await.is_ok();
        let length = if is_stopping { rest.len() } else { piece.min(rest.len()) };
        let next = rest.split_to(length);
        Some((Ok::<_, io::Error>(next), (rest, stopping)))
    }))
}

/// The set behind keys of no use, which lie in memory once, however often they are sent.
fn flooded(set: &str) -> Body {
    let useless: Bytes = useless_keys().into();
    let times = FLOOD.div_ceil(useless.len());
    let keys = Bytes::copy_from_slice(set.strip_prefix(BEGIN).unwrap_or(set).as_bytes());
    let pieces = once(Bytes::from_static(BEGIN.as_bytes())).chain(repeat_n(useless, times)).chain(once(keys));
    Body::from_bytes_stream(stream::iter(pieces.map(Ok::<_, io::Error>)))
}

/// RSA keys of 2048 bits as they look, with a comma behind each.
fn useless_keys() -> String {
    let modulus = "w".repeat(342);
    format!(r#"{{"kty":"RSA","kid":"useless","use":"sig","alg":"RS256","n":"{modulus}","e":"AQAB"}},"#)
        .repeat(USELESS_AT_ONCE)
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, TryStreamExt};

    use super::*;

    #[tokio::test]
    async fn a_flood_is_made_of_one_piece_that_is_sent_again_and_again() {
        let pieces: Vec<_> = flooded(r#"{"keys":[1]}"#).into_bytes_stream().try_collect().await.unwrap();
        assert!(pieces.iter().map(Bytes::len).sum::<usize>() >= FLOOD);
        assert!(pieces.iter().all(|piece| piece.len() < 64 * 1024), "no piece is large");
        let useless = &pieces[1..pieces.len() - 1];
        assert!(
            useless.iter().all(|piece| piece.as_ptr() == useless[0].as_ptr()),
            "and all of them are the same memory"
        );
        let one: serde_json::Value = serde_json::from_slice(
            &[&pieces[0], &pieces[1], &pieces[pieces.len() - 1]].map(|piece| &piece[..]).concat(),
        )
        .unwrap();
        assert_eq!(one["keys"].as_array().unwrap().len(), USELESS_AT_ONCE + 1, "it is JSON");
    }

    #[tokio::test]
    async fn where_the_server_stops_already_a_set_is_sent_in_one_piece() {
        let (_sender, stopping) = watch::channel(true);
        let pieces = dripped(Bytes::from_static(b"{}"), stopping).into_bytes_stream().count().await;
        assert_eq!(pieces, 1);
    }
}
