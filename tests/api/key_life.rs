//! The life of keys, with the clock walked over rotations (I6): the JWKS is what the ring and the instant say, and no verifier
//! ever meets a token that it cannot verify.

use std::collections::BTreeMap;
use std::time::Duration;

use jwksd_domain::key::{KeyPurpose, SigningKey};
use jwksd_domain::time::Timestamp;

use crate::test_app::{Signatures, TestApp};
use crate::wire::{Call, Token};

const LEAD: u64 = 300;

/// What a verifier has seen so far.
#[derive(Default)]
struct Verifier {
    first_seen: BTreeMap<String, Timestamp>,
    last_seen: BTreeMap<String, Timestamp>,
    tokens: Vec<Token>,
    /// What a cache holds, and until when.
    cached: Option<(Vec<String>, Timestamp)>,
}

impl Verifier {
    /// Looks at the JWKS and at a new token.
    async fn look(&mut self, app: &TestApp) {
        let (now, jwks) = (app.now(), app.jwks().await);
        let kids = jwks.kids();
        assert_eq!(kids, published(app), "the set is a function of the ring and the instant");
        for kid in &kids {
            self.first_seen.entry(kid.clone()).or_insert(now);
            self.last_seen.insert(kid.clone(), now);
        }
        if self.cached.as_ref().is_none_or(|(_, until)| now >= *until) {
            self.cached = Some((kids.clone(), now.plus(Duration::from_secs(jwks.max_age()))));
        }
        let token = Token::parse(&app.send(Call::post("/auth")).await.token());
        assert_eq!(kids[0], token.kid(), "the signer comes first");
        self.tokens.push(token);
        self.check_tokens(app, &kids);
    }

    /// Every token that is alive verifies, by the set and by a cached one that is fresh.
    fn check_tokens(&mut self, app: &TestApp, kids: &[String]) {
        let now = app.now();
        self.tokens.retain(|token| token.exp() > now.unix_seconds());
        for token in &self.tokens {
            assert!(kids.contains(&token.kid()), "{now}: the key of a live token is published");
            assert!(app.verifies(token), "{now}");
        }
        let (cached, until) = self.cached.as_ref().unwrap();
        if now < *until {
            let newest = self.tokens.last().unwrap().kid();
            assert!(cached.contains(&newest), "{now}: a fresh cache knows the key that signs");
        }
    }
}

/// The kids that the ring says are published now.
fn published(app: &TestApp) -> Vec<String> {
    let ring = app.app().use_cases().keyring.current();
    ring.published_at(app.now()).iter().map(|key| key.kid().to_string()).collect()
}

async fn walk(app: &TestApp, steps: u32, step: Duration) -> Verifier {
    let mut verifier = Verifier::default();
    for _ in 0..steps {
        app.tick().await;
        verifier.look(app).await;
        app.wait(step);
    }
    verifier
}

#[tokio::test]
async fn a_walk_over_six_hours_never_meets_a_token_that_cannot_be_verified() {
    let app = TestApp::dev().await;
    let verifier = walk(&app, 6 * 60, Duration::from_secs(60)).await;
    assert!(verifier.first_seen.len() >= 7, "a new stand-by each hour: {}", verifier.first_seen.len());
}

#[tokio::test]
async fn a_stand_by_is_published_before_it_signs_and_leaves_when_its_tokens_are_dead() {
    let app = TestApp::dev().await;
    let verifier = walk(&app, 8 * 30, Duration::from_secs(120)).await;
    let ring = app.app().use_cases().keyring.current();
    let start = verifier.first_seen.values().min().copied().unwrap();
    let mut ended = 0;
    let last_look = app.now().minus(Duration::from_secs(120));
    let was_seen = |key: &&SigningKey| key.purpose == KeyPurpose::Signing && key.schedule.published_from <= last_look;
    for key in ring.keys.iter().filter(was_seen) {
        let (kid, schedule) = (key.kid().to_string(), key.schedule);
        let seen = verifier.first_seen[&kid];
        assert!(seen == start || schedule.signs_from.since(seen) >= Duration::from_secs(LEAD), "{kid}");
        let last = verifier.last_seen[&kid];
        if schedule.published_until < app.now() {
            let missed = schedule.published_until.since(last);
            assert!(last < schedule.published_until && missed <= Duration::from_secs(120), "{kid}");
            ended += 1;
        }
    }
    assert!(ended > 0, "the walk went beyond the end of a key");
}

#[tokio::test]
async fn the_longest_token_verifies_until_its_last_second() {
    let app = TestApp::dev().await;
    let rotated = app.app().use_cases().keyring.current().signer_at(app.now()).unwrap().schedule.signs_until;
    app.wait(rotated.since(app.now()) - Duration::from_millis(1));
    let token = Token::parse(app.get("/token").await.json()["token"].as_str().unwrap());
    app.wait(rotated.since(app.now()));
    app.tick().await;
    assert_ne!(app.jwks().await.kids()[0], token.kid(), "the next key signs at its instant");
    let last = Timestamp::from_unix_seconds(token.exp()).minus(Duration::from_millis(1));
    app.wait(last.since(app.now()));
    app.tick().await;
    assert!(app.jwks().await.kids().contains(&token.kid()));
    assert!(app.verifies(&token));
}

#[tokio::test]
async fn the_set_changes_at_its_instants_and_at_no_other() {
    let app = TestApp::dev().await;
    app.wait(Duration::from_secs(3600));
    app.tick().await;
    for _ in 0..4 {
        let before = app.jwks().await;
        let next = app.app().use_cases().keyring.current().next_publication_change_after(app.now()).unwrap();
        app.wait(next.since(app.now()) - Duration::from_millis(1));
        let shortly = app.jwks().await;
        assert_eq!((shortly.kids(), shortly.header("etag")), (before.kids(), before.header("etag")));
        app.wait(Duration::from_millis(1));
        assert_ne!(app.jwks().await.kids(), before.kids(), "no tick is needed for it");
        app.tick().await;
    }
}

/// Interop tests met verifiers that looked in the moment between a switch and the making of the next key.
#[tokio::test]
async fn a_stand_by_is_published_also_in_the_instant_of_a_switch() {
    let app = TestApp::dev().await;
    for _ in 0..3 {
        let before = app.jwks().await.kids();
        let signer = app.app().use_cases().keyring.current().signer_at(app.now()).cloned().unwrap();
        app.wait(signer.schedule.signs_until.since(app.now()) - Duration::from_secs(60));
        app.tick().await;
        app.wait(Duration::from_secs(60));
        let after = app.jwks().await.kids();
        assert_eq!(after[0], before[1], "without a tick the stand-by signs");
        assert!(!before.contains(&after[1]), "and another is published: {after:?}");
        app.tick().await;
        assert_eq!(app.jwks().await.kids(), after);
    }
}

#[tokio::test]
async fn after_a_long_sleep_tokens_verify_at_once() {
    let app = TestApp::dev().await;
    let old = app.jwks().await.kids();
    app.wait(Duration::from_secs(30 * 24 * 3600));
    let token = Token::parse(&app.send(Call::post("/auth")).await.token());
    assert!(!old.contains(&token.kid()));
    assert!(app.jwks().await.kids().contains(&token.kid()), "without a tick: the login brings the keys on schedule");
}

#[tokio::test]
async fn real_keys_live_the_same_life() {
    let app = TestApp::signing(Signatures::Real, &[("signing-algorithm", "ES256")]).await;
    walk(&app, 16, Duration::from_secs(900)).await;
}
