//! A remote JWKS: when it is asked for, and what is used while it is not there.

use jwksd_verifier::{Algorithm, Fault, JwkSet, NoMore, Unavailable, Verifier, VerifyError};
use serde_json::json;

use crate::issuer::{SigningKey, claims, jwks};
use crate::served::{JWKS_URL, ManualClock, Mood, Served, answer, remote, settle, verifier};

/// A token that is valid at the instant of the clock.
fn token(key: &SigningKey, clock: &ManualClock) -> String {
    let mut claims = claims();
    for (name, after) in [("iat", 0), ("nbf", 0), ("exp", 900)] {
        claims[name] = (clock.seconds() + after).into();
    }
    key.token(&claims)
}

fn key(kid: &str) -> SigningKey {
    SigningKey::new(kid, Algorithm::Ed25519)
}

async fn outcome(verifier: &Verifier, token: &str) -> Result<(), VerifyError> {
    verifier.verify::<NoMore>(token).await.map(drop)
}

#[tokio::test]
async fn it_is_fetched_once_for_as_long_as_it_is_good() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::with(&jwks([&key]));
    let verifier = verifier(&served, &clock);
    for _ in 0..23 {
        outcome(&verifier, &token(&key, &clock)).await.unwrap();
        clock.advance(10);
    }
    assert_eq!(served.asked(), 1);
}

#[tokio::test]
async fn the_next_one_is_fetched_in_the_background_before_the_time_is_over() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::with(&jwks([&key]));
    let verifier = verifier(&served, &clock);
    outcome(&verifier, &token(&key, &clock)).await.unwrap();
    clock.advance(240);
    // The server says nothing any more, and yet nobody waits.
    served.be(JWKS_URL, Mood::Silent);
    outcome(&verifier, &token(&key, &clock)).await.unwrap();
    settle().await;
    assert_eq!(served.asked(), 2);
}

#[tokio::test]
async fn many_at_once_share_one_fetch() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::with(&jwks([&key]));
    let verifier = verifier(&served, &clock);
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (verifier, token) = (verifier.clone(), token(&key, &clock));
            tokio::spawn(async move { outcome(&verifier, &token).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(served.asked(), 1);
}

#[tokio::test]
async fn a_set_that_did_not_change_is_not_sent_again() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::new();
    let mut tagged = answer(&jwks([&key]));
    tagged.etag = Some("\"1\"".to_owned());
    served.be(JWKS_URL, Mood::Well(tagged));
    let verifier = verifier(&served, &clock);
    for _ in 0..3 {
        outcome(&verifier, &token(&key, &clock)).await.unwrap();
        clock.advance(301);
    }
    let tag = Some("\"1\"".to_owned());
    assert_eq!(served.conditions(), [None, tag.clone(), tag]);
}

#[tokio::test]
async fn a_flood_of_made_up_kids_makes_one_fetch_in_a_cooldown() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::with(&jwks([&key]));
    let verifier = verifier(&served, &clock);
    outcome(&verifier, &token(&key, &clock)).await.unwrap();
    clock.advance(30);
    let good = token(&key, &clock);
    let signature = good.rsplit('.').next().unwrap();
    for number in 0..100_000 {
        let header = json!({ "alg": "Ed25519", "kid": format!("made-up-{number}") }).to_string();
        let token = format!("{}.e30.{signature}", crate::issuer::encode(header));
        let refused = outcome(&verifier, &token).await;
        assert!(matches!(refused, Err(VerifyError::Refused(Fault::UnknownKey))), "{refused:?}");
        // A thousand tokens a second: the flood lasts for a hundred seconds.
        if number % 1000 == 999 {
            clock.advance(1);
        }
    }
    assert_eq!(served.asked(), 1 + 4, "at 0, 30, 60 and 90 seconds of the flood");
    outcome(&verifier, &good).await.unwrap();
}

#[tokio::test]
async fn a_kid_that_the_issuer_does_not_know_is_not_asked_for_again_at_once() {
    let (known, unknown, clock) = (key("a"), key("b"), ManualClock::new());
    let served = Served::with(&jwks([&known]));
    let verifier = verifier(&served, &clock);
    let mut asked = Vec::new();
    for _ in 0..6 {
        clock.advance(31);
        let refused = outcome(&verifier, &token(&unknown, &clock)).await;
        assert!(matches!(refused, Err(VerifyError::Refused(Fault::UnknownKey))));
        asked.push(served.asked());
    }
    assert_eq!(asked, [1, 1, 1, 1, 2, 2]);
}

#[tokio::test]
async fn while_the_issuer_is_down_the_last_good_set_is_used_for_an_hour_and_nobody_waits() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::with(&jwks([&key]));
    let verifier = verifier(&served, &clock);
    outcome(&verifier, &token(&key, &clock)).await.unwrap();
    served.be(JWKS_URL, Mood::Down);
    for _ in 0..389 {
        clock.advance(10);
        outcome(&verifier, &token(&key, &clock)).await.unwrap();
        settle().await;
    }
    assert!((120..=125).contains(&served.asked()), "{}: once in a cooldown", served.asked());
    clock.advance(10);
    let refused = outcome(&verifier, &token(&key, &clock)).await;
    assert!(matches!(refused, Err(VerifyError::Unavailable(Unavailable::NoKeys(Some(_))))), "{refused:?}");
    clock.advance(30);
    served.serve(&jwks([&key]));
    outcome(&verifier, &token(&key, &clock)).await.unwrap();
}

#[tokio::test]
async fn before_the_first_set_another_try_is_made_after_a_second() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::new();
    served.be(JWKS_URL, Mood::Down);
    let verifier = verifier(&served, &clock);
    for _ in 0..1000 {
        let refused = outcome(&verifier, &token(&key, &clock)).await;
        assert!(matches!(refused, Err(VerifyError::Unavailable(Unavailable::NoKeys(_)))));
    }
    assert_eq!(served.asked(), 1);
    served.serve(&jwks([&key]));
    clock.advance(1);
    outcome(&verifier, &token(&key, &clock)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_up() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::new();
    served.be(JWKS_URL, Mood::Silent);
    let keys = remote(&served, &clock).build();
    let refused = keys.key_set(Some("a")).await;
    assert!(matches!(refused, Err(Unavailable::NoKeys(Some(_)))));
    assert_eq!(keys.failure().unwrap().to_string(), "no answer in time");
    served.serve(&jwks([&key]));
    clock.advance(1);
    assert!(keys.key_set(Some("a")).await.unwrap().has("a"));
    assert!(keys.failure().is_none());
}

#[tokio::test]
async fn who_goes_away_or_breaks_down_stops_nobody_else() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::with(&jwks([&key]));
    let keys = remote(&served, &clock).build();
    let gone = tokio::spawn({
        let keys = keys.clone();
        async move { keys.key_set(None).await.map(drop) }
    });
    tokio::task::yield_now().await;
    gone.abort();
    settle().await;
    assert_eq!((served.asked(), keys.held().map(|set| set.len())), (1, Some(1)));

    let broken = Served::new();
    broken.be(JWKS_URL, Mood::Mad);
    let keys = remote(&broken, &clock).build();
    assert!(keys.key_set(None).await.is_err());
    broken.serve(&jwks([&key]));
    clock.advance(1);
    assert_eq!(keys.key_set(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn tokens_that_are_refused_anyway_make_no_fetch() {
    let (key, clock) = (key("a"), ManualClock::new());
    let served = Served::with(&jwks([&key]));
    let verifier = verifier(&served, &clock);
    let claims = claims().to_string();
    for header in
        [r#"{"alg":"none","kid":"x"}"#, r#"{"alg":"EdDSA","typ":"secevent+jwt"}"#, r#"{"alg":"EdDSA","crit":["x"]}"#]
    {
        assert!(outcome(&verifier, &key.token_of(header, &claims)).await.is_err());
    }
    assert_eq!(served.asked(), 0);
}

#[tokio::test]
async fn a_clock_that_is_put_back_keeps_no_set_alive() {
    let (key, clock, earlier) = (key("a"), ManualClock::new(), ManualClock::new());
    clock.advance(1_000_000);
    let served = Served::with(&jwks([&key]));
    let keys = remote(&served, &clock).build();
    keys.key_set(None).await.unwrap();
    clock.set(earlier.seconds());
    keys.key_set(None).await.unwrap();
    assert_eq!(served.asked(), 2);
    assert_eq!(JwkSet::parse(jwks([&key])).unwrap().len(), keys.held().unwrap().len());
}
