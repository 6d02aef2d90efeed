//! Tokens that are signed well and break one rule each.

use std::time::{Duration, SystemTime};

use jwksd_verifier::{
    Algorithm, Fault, JwkSet, LEEWAY_MAX, NoMore, Policy, PolicyBuilder, PolicyError, TOKEN_MAX, Token, TokenType,
    Verified,
};
use serde_json::{Value, json};

use crate::issuer::{AUDIENCE, ISSUER, NOW, SigningKey, claims, jwks};

/// One key, and the policy that accepts its tokens.
struct Bench {
    key: SigningKey,
    keys: JwkSet,
}

impl Bench {
    fn new() -> Self {
        let key = SigningKey::new("k", Algorithm::Ed25519);
        let keys = JwkSet::parse(jwks([&key])).unwrap();
        Self { key, keys }
    }

    fn verify_by(&self, policy: PolicyBuilder, token: &str) -> Result<Verified, Fault> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        policy.build().unwrap().verify::<NoMore>(token, &self.keys, now)
    }

    fn with_header(&self, header: &str) -> Result<Verified, Fault> {
        self.verify_by(policy(), &self.key.token_of(header, &claims().to_string()))
    }

    fn with_claims(&self, claims: &str) -> Result<Verified, Fault> {
        let header = json!({ "alg": "Ed25519", "kid": "k" }).to_string();
        self.verify_by(policy(), &self.key.token_of(&header, claims))
    }

    /// With one claim that is another, or missing.
    fn with(&self, name: &str, value: Option<Value>) -> Result<Verified, Fault> {
        let mut claims = claims();
        match value {
            Some(value) => claims[name] = value,
            None => drop(claims.as_object_mut().unwrap().remove(name)),
        }
        self.with_claims(&claims.to_string())
    }
}

fn policy() -> PolicyBuilder {
    Policy::builder(ISSUER, AUDIENCE, &[Algorithm::Ed25519])
}

const MALFORMED_CLAIM: Fault = Fault::Malformed("a registered claim is not of its type (RFC 7519 section 4.1)");

#[test]
fn critical_extensions_are_refused_and_unencoded_payloads_among_them() {
    let bench = Bench::new();
    for header in [
        r#"{"alg":"Ed25519","kid":"k","crit":["exp"],"exp":1}"#,
        r#"{"alg":"Ed25519","kid":"k","crit":[]}"#,
        r#"{"alg":"Ed25519","kid":"k","crit":null}"#,
        r#"{"alg":"Ed25519","kid":"k","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"Ed25519","kid":"k","b64":false}"#,
    ] {
        assert_eq!(bench.with_header(header), Err(Fault::Critical), "{header}");
    }
}

#[test]
fn keys_that_come_with_the_token_are_not_even_read() {
    let (bench, stranger) = (Bench::new(), SigningKey::new("k", Algorithm::Ed25519));
    let embedded = [
        json!({ "jwk": stranger.jwk() }),
        json!({ "jku": "https://evil.example/jwks.json" }),
        json!({ "x5u": "https://evil.example/x" }),
        json!({ "x5c": ["MIIB"], "x5t": "AA" }),
    ];
    for mut header in embedded {
        header["alg"] = "Ed25519".into();
        header["kid"] = "k".into();
        let forged = stranger.token_of(&header.to_string(), &claims().to_string());
        assert_eq!(bench.verify_by(policy(), &forged), Err(Fault::BadSignature));
        bench.with_header(&header.to_string()).unwrap();
    }
}

#[test]
fn a_header_has_one_meaning() {
    let bench = Bench::new();
    for twice in [
        r#"{"alg":"Ed25519","alg":"none","kid":"k"}"#,
        r#"{"alg":"Ed25519","kid":"k","\u006bid":"other"}"#,
        r#"{"alg":"Ed25519","kid":"k","x":{"a":1,"a":2}}"#,
    ] {
        assert_eq!(bench.with_header(twice), Err(Fault::DuplicateMember), "{twice}");
    }
    let no_header = Fault::Malformed("the header is no JSON object");
    let no_member = Fault::Malformed("the header has no alg, or a member of another type");
    for (header, fault) in [
        ("", &no_header),
        ("[]", &no_header),
        (r#""alg""#, &no_header),
        (r#"{"alg":"Ed25519"} x"#, &no_header),
        ("{}", &no_member),
        (r#"{"alg":7,"kid":"k"}"#, &no_member),
        (r#"{"alg":["Ed25519"],"kid":"k"}"#, &no_member),
        (r#"{"alg":"Ed25519","kid":7}"#, &no_member),
        (r#"{"alg":"Ed25519","kid":null}"#, &no_member),
        (r#"{"alg":"Ed25519","typ":null}"#, &no_member),
    ] {
        assert_eq!(bench.with_header(header).as_ref(), Err(fault), "{header}");
    }
}

#[test]
fn a_kid_is_compared_and_nothing_else() {
    let bench = Bench::new();
    for kid in
        ["", "K", "k ", "../../../../dev/null", "' OR 1=1 --", "/etc/passwd\0", &"k".repeat(10_000), "${jndi:ldap://x}"]
    {
        let header = json!({ "alg": "Ed25519", "kid": kid }).to_string();
        assert_eq!(bench.with_header(&header), Err(Fault::UnknownKey), "{kid:.20}");
    }
}

#[test]
fn without_a_kid_there_must_be_one_key_only() {
    let (bench, other) = (Bench::new(), SigningKey::new("other", Algorithm::Ed25519));
    let header = r#"{"alg":"Ed25519"}"#;
    bench.with_header(header).unwrap();
    let two = Bench { keys: JwkSet::parse(jwks([&bench.key, &other])).unwrap(), key: other };
    assert_eq!(two.with_header(header), Err(Fault::NoKeyNamed));
    let es256 = Bench { keys: JwkSet::parse(jwks([&SigningKey::new("x", Algorithm::Es256)])).unwrap(), key: two.key };
    assert_eq!(es256.with_header(header), Err(Fault::NoKeyNamed));
}

#[test]
fn the_type_is_one_that_is_accepted() {
    let bench = Bench::new();
    let typed = |types: &[TokenType], typ: Option<&str>| {
        let mut header = json!({ "alg": "Ed25519", "kid": "k" });
        if let Some(typ) = typ {
            header["typ"] = typ.into();
        }
        let token = bench.key.token_of(&header.to_string(), &claims().to_string());
        bench.verify_by(policy().token_types(types), &token).map(drop)
    };
    let logout = TokenType::Other("logout+jwt".to_owned());
    for typ in [None, Some("JWT"), Some("jwt"), Some("application/JWT")] {
        assert_eq!(typed(&[TokenType::Jwt], typ), Ok(()));
        assert_eq!(typed(&[TokenType::AccessToken, logout.clone()], typ), Err(Fault::WrongType));
    }
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/at+jwt"] {
        assert_eq!(typed(&[TokenType::AccessToken], Some(typ)), Ok(()), "{typ}");
        assert_eq!(typed(&[TokenType::Jwt, logout.clone()], Some(typ)), Err(Fault::WrongType), "{typ}");
    }
    assert_eq!(typed(&[TokenType::Jwt, logout], Some("logout+jwt")), Ok(()));
    for typ in ["", "secevent+jwt", "application/", "at+jwt ", "statuslist+jwt", "text/jwt"] {
        assert_eq!(typed(&[TokenType::Jwt, TokenType::AccessToken], Some(typ)), Err(Fault::WrongType), "{typ}");
    }
}

#[test]
fn issuer_and_audience_are_compared_byte_by_byte() {
    let bench = Bench::new();
    for iss in ["https://auth.example.com/", "https://AUTH.example.com", "https://auth.example.com.evil.example", ""] {
        assert_eq!(bench.with("iss", Some(iss.into())), Err(Fault::WrongIssuer), "{iss}");
    }
    assert_eq!(bench.with("iss", Some(json!([ISSUER]))), Err(MALFORMED_CLAIM));
    bench.with("aud", Some(json!(["https://other.example", AUDIENCE]))).unwrap();
    for aud in [json!("https://other.example"), json!([]), json!(["https://api.example.com/"]), json!("")] {
        assert_eq!(bench.with("aud", Some(aud.clone())), Err(Fault::WrongAudience), "{aud}");
    }
    for aud in [json!(null), json!(7), json!({ "0": AUDIENCE }), json!([AUDIENCE, 7]), json!([[AUDIENCE]])] {
        assert_eq!(bench.with("aud", Some(aud.clone())), Err(MALFORMED_CLAIM), "{aud}");
    }
    for missing in ["iss", "aud", "exp"] {
        assert_eq!(bench.with(missing, None), Err(Fault::MissingClaim(missing.to_owned())));
    }
}

#[test]
fn times_are_numbers_of_seconds_and_count_with_the_leeway() {
    let bench = Bench::new();
    for name in ["exp", "nbf", "iat"] {
        for bad in [
            json!("1795512900"),
            json!(null),
            json!(-1),
            json!(-0.5),
            json!(1e300),
            json!(NOW * 1000),
            json!([NOW]),
            json!(true),
        ] {
            assert_eq!(bench.with(name, Some(bad.clone())), Err(MALFORMED_CLAIM), "{name} {bad}");
        }
    }
    let no_number = format!(r#"{{"iss":"{ISSUER}","aud":"{AUDIENCE}","exp":1e999}}"#);
    assert_eq!(bench.with_claims(&no_number), Err(Fault::Malformed("the claims are no JSON object")));
    for (name, value, expected) in [
        ("exp", json!(NOW - 9), Ok(())),
        ("exp", json!(NOW - 10), Err(Fault::Expired)),
        ("exp", json!(NOW as f64 - 9.5), Err(Fault::Expired)),
        ("exp", json!(0), Err(Fault::Expired)),
        ("exp", json!(253_402_300_799_u64), Ok(())),
        ("nbf", json!(NOW + 10), Ok(())),
        ("nbf", json!(NOW + 11), Err(Fault::NotYetValid)),
        ("iat", json!(NOW + 10), Ok(())),
        ("iat", json!(NOW + 11), Err(Fault::NotYetValid)),
    ] {
        assert_eq!(bench.with(name, Some(value.clone())).map(drop), expected, "{name} {value}");
    }
    let strict = policy().leeway(Duration::ZERO);
    let at_its_end = bench.key.token(&json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": NOW }));
    assert_eq!(bench.verify_by(strict, &at_its_end), Err(Fault::Expired));
}

#[test]
fn the_age_is_bounded_where_that_is_asked_for() {
    let bench = Bench::new();
    let aged = |iat: u64| {
        let mut claims = claims();
        (claims["iat"], claims["nbf"]) = (iat.into(), iat.into());
        bench.verify_by(policy().max_age(Duration::from_secs(60)), &bench.key.token(&claims)).map(drop)
    };
    assert_eq!((aged(NOW), aged(NOW - 70), aged(NOW - 71)), (Ok(()), Ok(()), Err(Fault::TooOld)));
    let undated = bench.key.token(&json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 9 }));
    let refused = bench.verify_by(policy().max_age(Duration::from_secs(60)), &undated);
    assert_eq!(refused, Err(Fault::MissingClaim("iat".to_owned())));
}

#[test]
fn claims_have_one_meaning_and_their_types() {
    let bench = Bench::new();
    let start = format!(r#""iss":"{ISSUER}","aud":"{AUDIENCE}","exp":{}"#, NOW + 9);
    for twice in [
        format!(r#"{{{start},"exp":1}}"#),
        format!(r#"{{{start},"role":"read","role":"admin"}}"#),
        format!(r#"{{{start},"act":{{"sub":"a","sub":"b"}}}}"#),
        format!(r#"{{{start},"\u0069ss":"x"}}"#),
    ] {
        assert_eq!(bench.with_claims(&twice), Err(Fault::DuplicateMember), "{twice}");
    }
    for no_object in ["", "[]", "null", "7", "{", "\u{feff}{}"] {
        assert_eq!(bench.with_claims(no_object), Err(Fault::Malformed("the claims are no JSON object")), "{no_object}");
    }
    for name in ["sub", "jti"] {
        for bad in [json!(7), json!(null), json!(["7"])] {
            assert_eq!(bench.with(name, Some(bad)), Err(MALFORMED_CLAIM), "{name}");
        }
    }
}

#[test]
fn claims_that_are_required_are_there_and_not_null() {
    let bench = Bench::new();
    let requiring = |name: &str| bench.verify_by(policy().require(name), &bench.key.token(&claims())).map(drop);
    for there in ["sub", "jti", "role", "iat"] {
        assert_eq!(requiring(there), Ok(()));
    }
    assert_eq!(requiring("client_id"), Err(Fault::MissingClaim("client_id".to_owned())));
    let mut claims = claims();
    claims["client_id"] = Value::Null;
    let refused = bench.verify_by(policy().require("client_id"), &bench.key.token(&claims));
    assert_eq!(refused, Err(Fault::MissingClaim("client_id".to_owned())));
}

#[test]
fn a_token_has_a_size() {
    let mut claims = claims();
    claims["padding"] = "x".repeat(TOKEN_MAX).into();
    let bench = Bench::new();
    assert_eq!(bench.verify_by(policy(), &bench.key.token(&claims)), Err(Fault::TooLong));
    assert_eq!(Token::parse(&".".repeat(TOKEN_MAX + 1)).unwrap_err(), Fault::TooLong);
}

#[test]
fn a_policy_that_accepts_what_nobody_can_mean_is_none() {
    let of = |issuer, audience, algorithms: &[Algorithm]| Policy::builder(issuer, audience, algorithms);
    let ed25519 = &[Algorithm::Ed25519];
    for (policy, error) in [
        (of("", AUDIENCE, ed25519), PolicyError::NoIssuer),
        (of(ISSUER, "", ed25519), PolicyError::NoAudience),
        (of(ISSUER, AUDIENCE, ed25519).or_audience(""), PolicyError::NoAudience),
        (of(ISSUER, AUDIENCE, &[]), PolicyError::NoAlgorithm),
        (of(ISSUER, AUDIENCE, ed25519).token_types(&[]), PolicyError::NoType),
        (of(ISSUER, AUDIENCE, ed25519).leeway(LEEWAY_MAX + Duration::from_secs(1)), PolicyError::LeewayTooLong),
    ] {
        assert_eq!(policy.build().unwrap_err(), error);
    }
}
