//! Ten rotations, with the issuer restarted in between: every good token is accepted, and no token of a key that is gone.

use jwksd_verifier::{Algorithm, Fault, NoMore, Verifier, VerifyError};

use crate::issuer::{SigningKey, claims, jwks};
use crate::served::{JWKS_URL, ManualClock, Mood, Served, settle, verifier};

const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Es256, Algorithm::Ed25519, Algorithm::Es384, Algorithm::EdDsa, Algorithm::Es512];
/// How long a key signs, in seconds; the next one is published a quarter of that before.
const PERIOD: u64 = 3600;

/// An issuer that signs with one key, has the next one published, and keeps the last one published while its tokens live.
struct Rotating {
    served: Served,
    clock: ManualClock,
    last: Option<SigningKey>,
    signing: SigningKey,
    next: SigningKey,
    made: usize,
}

impl Rotating {
    fn new(clock: &ManualClock) -> Self {
        let (signing, next) = (made(0), made(1));
        let rotating = Self { served: Served::new(), clock: clock.clone(), last: None, signing, next, made: 2 };
        rotating.start();
        rotating
    }

    fn start(&self) {
        let keys = self.last.iter().chain([&self.signing, &self.next]);
        self.served.serve(&jwks(keys));
    }

    fn rotate(&mut self) {
        let next = std::mem::replace(&mut self.next, made(self.made));
        self.last = Some(std::mem::replace(&mut self.signing, next));
        self.made += 1;
        self.start();
    }

    fn token(&self) -> String {
        let mut claims = claims();
        for (name, after) in [("iat", 0), ("nbf", 0), ("exp", 900)] {
            claims[name] = (self.clock.seconds() + after).into();
        }
        self.signing.token(&claims)
    }
}

fn made(number: usize) -> SigningKey {
    SigningKey::new(&format!("key-{number}"), ALGORITHMS[number % ALGORITHMS.len()])
}

async fn is_accepted(verifier: &Verifier, token: &str) {
    verifier.verify::<NoMore>(token).await.unwrap();
    settle().await;
}

#[tokio::test]
async fn every_good_token_is_accepted_across_ten_rotations_and_restarts() {
    let clock = ManualClock::new();
    let mut issuer = Rotating::new(&clock);
    let verifier = verifier(&issuer.served, &clock);
    let mut before = issuer.token();
    for _rotation in 0..10 {
        for _quarter in 0..4 {
            is_accepted(&verifier, &before).await;
            before = issuer.token();
            is_accepted(&verifier, &before).await;
            // The issuer is restarted: for ten minutes nobody reaches it.
            issuer.served.be(JWKS_URL, Mood::Down);
            clock.advance(600);
            is_accepted(&verifier, &before).await;
            before = issuer.token();
            is_accepted(&verifier, &before).await;
            issuer.start();
            clock.advance(PERIOD / 4 - 600);
        }
        issuer.rotate();
        // The very next token is of a key that was published long before.
        is_accepted(&verifier, &issuer.token()).await;
    }
    assert_eq!(issuer.made, 12);
}

#[tokio::test]
async fn a_key_that_was_never_published_before_it_signs_is_found_within_a_cooldown() {
    let clock = ManualClock::new();
    let mut issuer = Rotating::new(&clock);
    let verifier = verifier(&issuer.served, &clock);
    for _ in 0..10 {
        is_accepted(&verifier, &issuer.token()).await;
        // Both keys are revoked: the issuer makes two others at once.
        issuer.rotate();
        issuer.rotate();
        issuer.last = None;
        issuer.start();
        clock.advance(30);
        is_accepted(&verifier, &issuer.token()).await;
    }
    assert_eq!(issuer.served.asked(), 11);
}

#[tokio::test]
async fn a_token_of_a_key_that_is_gone_is_refused_once_the_set_was_fetched_anew() {
    let clock = ManualClock::new();
    let mut issuer = Rotating::new(&clock);
    let verifier = verifier(&issuer.served, &clock);
    let stolen = issuer.token();
    is_accepted(&verifier, &stolen).await;
    issuer.rotate();
    issuer.last = None;
    issuer.start();
    clock.advance(300);
    let refused = verifier.verify::<NoMore>(&stolen).await;
    assert!(matches!(refused, Err(VerifyError::Refused(Fault::UnknownKey))), "{refused:?}");
}
