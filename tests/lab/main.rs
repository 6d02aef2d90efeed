//! The evil twin against APIs that are weak on purpose: it finds each weakness, names it, and finds nothing where there is none.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod weak;

use std::path::PathBuf;
use std::time::Duration;

use jwksd::config::{Config, Surroundings};
use jwksd::lab::{ScoreCard, Target, Twin};
use jwksd_domain::lab::Mark;
use jwksd_verifier::Algorithm;
use zeroize::Zeroizing;

use weak::{Weak, Weakness};

/// By which the tokens are signed: its keys are made at once.
pub(crate) const ALGORITHM: Algorithm = Algorithm::Es256;
/// Longer than any answer takes that comes.
const PATIENCE: Duration = Duration::from_secs(30);
/// For an answer that never comes.
const IMPATIENCE: Duration = Duration::from_millis(300);

fn config() -> Config {
    let flags = [("listen", "127.0.0.1:0"), ("signing-algorithm", ALGORITHM.as_str())];
    let flags = flags.into_iter().map(|(name, text)| (name, Zeroizing::new(text.to_owned()))).collect();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lab");
    Config::load(flags, Surroundings { variables: Vec::new(), folder }).unwrap()
}

/// What an API of that weakness comes to.
async fn checked(weakness: Weakness, patience: Duration) -> ScoreCard {
    let twin = Twin::start(config()).await.unwrap();
    let api = Weak::new(weakness, &twin).listen().await;
    let target = Target::find(&api.url, None, patience).await.unwrap();
    let card = twin.check(&target).await.unwrap();
    twin.stop().await;
    card
}

/// The names of what is wrong, each with how.
async fn findings(weakness: Weakness) -> Vec<String> {
    named(&checked(weakness, PATIENCE).await)
}

fn named(card: &ScoreCard) -> Vec<String> {
    let findings = card.findings().map(|scored| match scored.mark {
        Mark::Wrong(shortcoming) => {
            assert!(!scored.trial.remedies(shortcoming).is_empty());
            format!("{} {}", scored.trial.card().name, shortcoming.as_str())
        }
        Mark::Right | Mark::Left { .. } => panic!("{scored:?} is no finding"),
    });
    findings.collect()
}

fn accepted(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{name} accepted")).collect()
}

#[tokio::test]
async fn the_verifier_of_this_repository_has_full_marks() {
    let card = checked(Weakness::None, PATIENCE).await;
    assert_eq!(named(&card), Vec::<String>::new());
    let (right, all) = card.marks();
    assert!(right == all && right > 40, "{right} of {all}");
}

#[tokio::test]
async fn an_open_door_is_found() {
    assert_eq!(findings(Weakness::LetsEverybodyIn).await, accepted(&["no-token"]));
}

#[tokio::test]
async fn a_signature_that_nobody_checks_is_found() {
    let names = [
        "expired-key",
        "revoked-key",
        "unpublished-key",
        "stranger-key",
        "alg-none",
        "alg-none-capitalized",
        "alg-none-upper-case",
        "alg-none-mixed-case",
        "hs256-public-pem",
        "hs256-public-der",
        "alg-of-same-key-type",
        "alg-of-other-key-type",
        "tampered-header",
        "tampered-payload",
        "tampered-signature",
        "blank-signature",
        "truncated-signature",
        "embedded-jwk",
        "embedded-jku",
        "embedded-x5u",
        "kid-path-traversal",
        "kid-sql",
        "kid-empty",
        "kid-10kb",
        "crit-unknown",
    ];
    assert_eq!(findings(Weakness::ChecksNoSignature).await, accepted(&names));
}

#[tokio::test]
async fn none_is_found_in_every_spelling() {
    let names = ["alg-none", "alg-none-capitalized", "alg-none-upper-case", "alg-none-mixed-case"];
    assert_eq!(findings(Weakness::TakesNone).await, accepted(&names));
}

#[tokio::test]
async fn a_public_key_that_is_a_secret_is_found() {
    assert_eq!(findings(Weakness::TakesThePublicKeyForASecret).await, accepted(&["hs256-public-pem"]));
}

#[tokio::test]
async fn claims_that_nobody_looks_at_are_found() {
    let cases: [(Weakness, &[&str]); 6] = [
        (Weakness::KnowsNoEnd, &["expired", "exp-string", "exp-negative"]),
        (Weakness::KnowsNoBeginning, &["not-yet-valid"]),
        (Weakness::TakesAnyIssuer, &["wrong-issuer", "issuer-with-slash"]),
        (Weakness::ComparesTheBeginningOfTheIssuer, &["issuer-with-slash"]),
        (Weakness::TakesAnyAudience, &["wrong-audience"]),
        (Weakness::TakesAnyType, &["wrong-type"]),
    ];
    for (weakness, names) in cases {
        assert_eq!(findings(weakness).await, accepted(names), "{weakness:?}");
    }
}

#[tokio::test]
async fn keys_that_come_with_the_token_are_found() {
    assert_eq!(findings(Weakness::TrustsTheKeyInTheHeader).await, accepted(&["embedded-jwk"]));
    assert_eq!(findings(Weakness::FetchesWhereTheHeaderSays).await, accepted(&["embedded-jku"]));
}

#[tokio::test]
async fn what_becomes_of_unknown_keys_is_found() {
    let names = [
        "expired-key",
        "revoked-key",
        "unpublished-key",
        "embedded-jwk",
        "embedded-jku",
        "embedded-x5u",
        "kid-path-traversal",
        "kid-sql",
        "kid-empty",
        "kid-10kb",
    ];
    assert_eq!(findings(Weakness::SkipsUnknownKeys).await, accepted(&names));
    let failed: Vec<_> = names.iter().map(|name| format!("{name} failed")).collect();
    assert_eq!(findings(Weakness::FailsAtUnknownKeys).await, failed);
}

#[tokio::test]
async fn whoever_does_not_follow_a_rotation_is_found() {
    assert_eq!(findings(Weakness::KeepsTheFirstKey).await, ["new-key refused"]);
}

#[tokio::test]
async fn whoever_does_not_answer_is_found_in_bounded_time() {
    let card = checked(Weakness::HangsAtFiveParts, IMPATIENCE).await;
    assert_eq!(named(&card), ["five-parts late", "pbes2-count late", "zip-bomb late"]);
}
