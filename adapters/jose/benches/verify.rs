//! What verifying a token costs with `jwksd-verifier`, beside the signature alone and beside `jsonwebtoken`.
//!
//! `cargo bench -p jwksd-jose --bench verify`

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use jsonwebtoken::{DecodingKey, Validation};
use jwksd_testkit::measure::{Subject, compare};
use jwksd_verifier::{Algorithm, JwkSet, NoMore, Policy};
use serde::Deserialize;
use serde_json::json;

const ISSUER: &str = "https://auth.example.com";
const AUDIENCE: &str = "https://api.example.com";
const KID: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

/// What a service wants to know beyond the registered claims.
#[derive(Deserialize)]
struct Role {
    role: String,
}

/// The same with the registered claims, as `jsonwebtoken` reads them.
#[derive(Deserialize)]
struct Whole {
    sub: String,
    exp: u64,
    role: String,
}

/// One algorithm: its key as each of the three has it, and a token.
struct Bench {
    algorithm: Algorithm,
    jwk: serde_json::Value,
    raw: ParsedPublicKey,
    token: String,
    signature: Vec<u8>,
}

fn main() {
    rsa().run();
    ecdsa().run();
    ed25519().run();
}

fn rsa() -> Bench {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key is made");
    // RSAPublicKey in DER: of a key of 2048 bits both numbers stand at known places.
    let der = pair.public_key().as_ref();
    let jwk = json!({ "kty": "RSA", "n": encode(&der[9..265]), "e": encode(&der[267..]) });
    let raw = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).expect("it is a public key");
    Bench::new(Algorithm::Rs256, jwk, raw, |message| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("the key signs");
        signature
    })
}

fn ecdsa() -> Bench {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key is made");
    let point = pair.public_key().as_ref();
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..]) });
    let raw = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).expect("it is a public key");
    Bench::new(Algorithm::Es256, jwk, raw, |message| {
        pair.sign(&SystemRandom::new(), message).expect("the key signs").as_ref().to_vec()
    })
}

fn ed25519() -> Bench {
    let pair = Ed25519KeyPair::generate().expect("a key is made");
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) });
    let raw = ParsedPublicKey::new(&ED25519, pair.public_key()).expect("it is a public key");
    Bench::new(Algorithm::EdDsa, jwk, raw, |message| pair.sign(message).as_ref().to_vec())
}

impl Bench {
    fn new(
        algorithm: Algorithm,
        jwk: serde_json::Value,
        raw: ParsedPublicKey,
        sign: impl Fn(&[u8]) -> Vec<u8>,
    ) -> Self {
        let header = json!({ "alg": algorithm.as_str(), "typ": "JWT", "kid": KID }).to_string();
        let input = format!("{}.{}", encode(header.as_bytes()), encode(claims().as_bytes()));
        let signature = sign(input.as_bytes());
        let token = format!("{input}.{}", encode(&signature));
        Self { algorithm, jwk, raw, token, signature }
    }

    fn run(&self) {
        let (input, _) = self.token.rsplit_once('.').expect("a token has three parts");
        let raw = |count| {
            for _ in 0..count {
                self.raw.verify_sig(black_box(input.as_bytes()), &self.signature).expect("it is the signature");
            }
        };
        let subjects = vec![
            Subject::new("aws-lc-rs, key parsed, the signature alone", raw),
            self.verifier(),
            self.verifier_with_role(),
            self.jsonwebtoken(),
        ];
        compare(&format!("{}, verifying a token of {} bytes", self.algorithm, self.token.len()), subjects);
    }

    fn policy(&self) -> (Policy, JwkSet) {
        let mut jwk = self.jwk.clone();
        (jwk["kid"], jwk["alg"]) = (KID.into(), self.algorithm.as_str().into());
        let keys = JwkSet::parse(json!({ "keys": [jwk] }).to_string()).expect("it is a set");
        (Policy::builder(ISSUER, AUDIENCE, &[self.algorithm]).build().expect("it is a policy"), keys)
    }

    fn verifier(&self) -> Subject<'_> {
        let (policy, keys) = self.policy();
        Subject::new("jwksd-verifier, registered claims", move |count| {
            for _ in 0..count {
                let verified = policy.verify::<NoMore>(black_box(&self.token), &keys, now());
                black_box(verified.expect("the token is valid"));
            }
        })
    }

    fn verifier_with_role(&self) -> Subject<'_> {
        let (policy, keys) = self.policy();
        Subject::new("jwksd-verifier, and another claim", move |count| {
            for _ in 0..count {
                let verified = policy.verify::<Role>(black_box(&self.token), &keys, now());
                assert_eq!(verified.expect("the token is valid").claims.more.role, "write");
            }
        })
    }

    fn jsonwebtoken(&self) -> Subject<'_> {
        let key = match self.algorithm {
            Algorithm::Rs256 => DecodingKey::from_rsa_der(self.raw.as_ref()),
            Algorithm::Es256 => DecodingKey::from_ec_der(self.raw.as_ref()),
            _ => DecodingKey::from_ed_der(self.raw.as_ref()),
        };
        let algorithm = self.algorithm.as_str().parse().expect("it knows the algorithm");
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        Subject::new("jsonwebtoken, decode with a prepared key", move |count| {
            for _ in 0..count {
                let decoded = jsonwebtoken::decode::<Whole>(black_box(&self.token), &key, &validation);
                let claims = decoded.expect("the token is valid").claims;
                assert_eq!((claims.sub.as_str(), claims.exp > 0, claims.role.as_str()), ("7", true, "write"));
            }
        })
    }
}

/// Claims as jwksd issues them.
fn claims() -> String {
    let seconds = now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970").as_secs();
    json!({
        "iss": ISSUER, "sub": "7", "aud": AUDIENCE, "iat": seconds, "nbf": seconds, "exp": seconds + 86_400,
        "jti": "2462cfea-89e1-4d39-830b-4ff8ebed5fd6", "sid": "5d279a03-3d5a-473c-a3e6-53fa17fe04a2",
        "sessionId": "5d279a03-3d5a-473c-a3e6-53fa17fe04a2", "username": "userABC", "role": "write", "scope": "write",
        "status": { "status_list": { "idx": 162, "uri": "https://auth.example.com/status-lists/1" } },
    })
    .to_string()
}

#[expect(clippy::disallowed_methods, reason = "jsonwebtoken asks the machine, so all of them are told its time")]
fn now() -> SystemTime {
    SystemTime::now() - Duration::from_secs(1)
}

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
