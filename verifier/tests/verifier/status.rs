//! Tokens that were called back, and lists that are not to be believed.

use jwksd_verifier::{Algorithm, Answer, Fault, NoMore, StatusLists, Unavailable, Verifier, VerifyError};
use miniz_oxide::deflate::compress_to_vec_zlib;
use serde_json::{Value, json};

use crate::issuer::{ISSUER, SigningKey, claims, encode, jwks};
use crate::served::{ManualClock, Mood, Served, verifier};

const LIST: &str = "https://auth.example.com/status-lists/1";

struct Bench {
    key: SigningKey,
    clock: ManualClock,
    served: Served,
    lists: Served,
    verifier: Verifier,
}

impl Bench {
    fn new() -> Self {
        let (key, clock) = (SigningKey::new("a", Algorithm::Ed25519), ManualClock::new());
        let (served, lists) = (Served::with(&jwks([&key])), Served::new());
        let verifier = verifier(&served, &clock).with_status_lists(StatusLists::new(lists.clone()));
        let bench = Self { key, clock, served, lists, verifier };
        bench.publish(&bench.list(&[0, 0]));
        bench
    }

    /// The claims of a list of these bytes, a bit for each token.
    fn list(&self, bytes: &[u8]) -> Value {
        let now = self.clock.seconds();
        let lst = encode(compress_to_vec_zlib(bytes, 9));
        json!({ "iss": ISSUER, "sub": LIST, "iat": now, "exp": now + 3600, "ttl": 60, "status_list": { "bits": 1, "lst": lst } })
    }

    fn signed(&self, claims: &Value) -> String {
        self.key.token_of(r#"{"alg":"Ed25519","kid":"a","typ":"statuslist+jwt"}"#, &claims.to_string())
    }

    fn publish(&self, claims: &Value) {
        self.serve(&self.signed(claims));
    }

    fn serve(&self, body: &str) {
        self.lists.be(LIST, Mood::Well(Answer { status: 200, body: body.as_bytes().to_vec(), ..Answer::default() }));
    }

    async fn status(&self, status: Value) -> Result<(), VerifyError> {
        let mut claims = claims();
        claims["status"] = status;
        (claims["iat"], claims["exp"]) = (self.clock.seconds().into(), (self.clock.seconds() + 60).into());
        self.verifier.verify::<NoMore>(&self.key.token(&claims)).await.map(drop)
    }

    async fn at(&self, index: u64) -> Result<(), VerifyError> {
        self.status(json!({ "status_list": { "idx": index, "uri": LIST } })).await
    }
}

fn is(outcome: Result<(), VerifyError>, fault: Fault) {
    assert!(matches!(&outcome, Err(VerifyError::Refused(found)) if *found == fault), "{outcome:?}");
}

#[tokio::test]
async fn a_token_that_was_called_back_is_refused_once_the_list_is_fetched_anew() {
    let bench = Bench::new();
    bench.at(9).await.unwrap();
    bench.publish(&bench.list(&[0, 0b10]));
    bench.clock.advance(59);
    bench.at(9).await.unwrap();
    bench.clock.advance(1);
    is(bench.at(9).await, Fault::Revoked);
    bench.at(8).await.unwrap();
    is(bench.at(16).await, Fault::UnknownStatus);
    is(bench.at(u64::MAX).await, Fault::UnknownStatus);
    assert_eq!(bench.lists.asked(), 2);
}

#[tokio::test]
async fn statuses_of_several_bits_are_told_apart() {
    let bench = Bench::new();
    let mut list = bench.list(&[0b1110_0100]);
    list["status_list"]["bits"] = 2.into();
    bench.publish(&list);
    bench.at(0).await.unwrap();
    is(bench.at(1).await, Fault::Revoked);
    is(bench.at(2).await, Fault::Suspended);
    is(bench.at(3).await, Fault::UnknownStatus);
}

#[tokio::test]
async fn a_list_elsewhere_is_not_asked_for_unless_that_was_configured() {
    let bench = Bench::new();
    for uri in [
        "https://auth.example.com.evil.example/1",
        "https://auth.example.com:8443/1",
        "http://auth.example.com/1",
        "https://auth.example.com@evil.example/1",
        "file:///etc/passwd",
        "",
    ] {
        is(bench.status(json!({ "status_list": { "idx": 0, "uri": uri } })).await, Fault::UnknownStatus);
    }
    assert_eq!(bench.lists.asked(), 0);
    let lists = StatusLists::new(bench.lists.clone()).or_at("https://lists.example.com/");
    let elsewhere = Bench { verifier: verifier(&bench.served, &bench.clock).with_status_lists(lists), ..bench };
    let status = json!({ "status_list": { "idx": 0, "uri": "https://lists.example.com/1" } });
    assert!(
        matches!(elsewhere.status(status).await, Err(VerifyError::Unavailable(_))),
        "it was asked, and is not there"
    );
    assert_eq!(elsewhere.lists.asked(), 1);
}

#[tokio::test]
async fn a_list_that_is_not_to_be_believed_is_none() {
    let bench = Bench::new();
    let good = bench.list(&[0]);
    let with = |name: &str, value: Value| {
        let mut list = good.clone();
        list[name] = value;
        bench.signed(&list)
    };
    let bits = |bits: u8, lst: String| with("status_list", json!({ "bits": bits, "lst": lst }));
    let untyped = bench.key.token(&good);
    let strange = SigningKey::new("a", Algorithm::Ed25519)
        .token_of(r#"{"alg":"Ed25519","kid":"a","typ":"statuslist+jwt"}"#, &good.to_string());
    let now = bench.clock.seconds();
    for bad in [
        "<html>".to_owned(),
        untyped,
        strange,
        with("sub", "https://auth.example.com/status-lists/2".into()),
        with("iss", "https://other.example".into()),
        with("exp", (now - 10).into()),
        with("iat", (now + 1000).into()),
        with("iat", "now".into()),
        with("ttl", 0.into()),
        with("ttl", (-1).into()),
        with("status_list", json!({ "bits": 1 })),
        bits(3, encode(compress_to_vec_zlib(&[0], 9))),
        bits(1, encode("no zlib")),
        bits(1, "A=".to_owned()),
        // Five mebibytes of zeros, in five kilobytes.
        bits(1, encode(compress_to_vec_zlib(&vec![0; 5 << 20], 9))),
    ] {
        bench.serve(&bad);
        bench.clock.advance(5);
        let outcome = bench.at(0).await;
        let is_unavailable = matches!(outcome, Err(VerifyError::Unavailable(Unavailable::NoStatusList(_))));
        assert!(is_unavailable, "{outcome:?} for {bad:.60}");
    }
    bench.publish(&bench.list(&[0]));
    bench.clock.advance(5);
    bench.at(0).await.unwrap();
}

#[tokio::test]
async fn while_the_lists_are_down_the_last_one_is_used_until_its_end() {
    let bench = Bench::new();
    bench.publish(&bench.list(&[0b10]));
    bench.at(0).await.unwrap();
    bench.lists.be(LIST, Mood::Down);
    bench.clock.advance(3600);
    bench.at(0).await.unwrap();
    is(bench.at(1).await, Fault::Revoked);
    assert_eq!(bench.lists.asked(), 2, "once in five seconds at most");
    bench.clock.advance(10);
    let outcome = bench.at(0).await;
    assert!(matches!(outcome, Err(VerifyError::Unavailable(Unavailable::NoStatusList(Some(_))))), "{outcome:?}");
}

#[tokio::test]
async fn many_at_once_share_one_list() {
    let bench = Bench::new();
    let mut claims = claims();
    claims["status"] = json!({ "status_list": { "idx": 3, "uri": LIST } });
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (verifier, token) = (bench.verifier.clone(), bench.key.token(&claims));
            tokio::spawn(async move { verifier.verify::<NoMore>(&token).await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(bench.lists.asked(), 1);
}

#[tokio::test]
async fn a_status_that_is_malformed_is_refused_and_one_by_other_means_is_not_looked_at() {
    let bench = Bench::new();
    for bad in [
        json!(null),
        json!("x"),
        json!({ "status_list": {} }),
        json!({ "status_list": { "idx": -1, "uri": LIST } }),
        json!({ "status_list": { "idx": "1", "uri": LIST } }),
        json!({ "status_list": null }),
    ] {
        let outcome = bench.status(bad.clone()).await;
        assert!(matches!(outcome, Err(VerifyError::Refused(Fault::Malformed(_)))), "{bad}: {outcome:?}");
    }
    bench.status(json!({ "other": { "a": 1 } })).await.unwrap();
    bench.verifier.verify::<NoMore>(&bench.key.token(&claims())).await.unwrap();
    assert_eq!(bench.lists.asked(), 0);
}
