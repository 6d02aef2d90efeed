//! An API whose verifier has one weakness and no other.

use std::sync::{Arc, OnceLock};

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use jwksd_domain::ports::Clock;
use jwksd_domain::usecase::Keyring;
use jwksd_verifier::{HttpFetch, JwkSet, NoMore, Policy, Refusal, RemoteJwks, Source, Token, Verifier};
use poem::http::{StatusCode, header};
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::Data;
use poem::{EndpointExt, Request, Route, Server, get, handler};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::task::JoinHandle;

use crate::ALGORITHM;

/// What a verifier does not notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weakness {
    /// Nothing is wrong with it: it is that of jwksd-verifier.
    None,
    /// It asks for no token.
    LetsEverybodyIn,
    /// It reads claims and checks no signature.
    ChecksNoSignature,
    /// It takes `none` for an algorithm, however that is spelled.
    TakesNone,
    /// It takes the algorithm from the header, and the public key in PEM for a secret.
    TakesThePublicKeyForASecret,
    /// It does not look at `exp`.
    KnowsNoEnd,
    /// It does not look at `nbf`.
    KnowsNoBeginning,
    /// It does not look at `iss`.
    TakesAnyIssuer,
    /// It looks at how `iss` begins.
    ComparesTheBeginningOfTheIssuer,
    /// It does not look at `aud`.
    TakesAnyAudience,
    /// It does not look at `typ`.
    TakesAnyType,
    /// It believes the key in the header.
    TrustsTheKeyInTheHeader,
    /// It fetches keys from where the header says.
    FetchesWhereTheHeaderSays,
    /// Where it does not know the key, it leaves the signature unchecked.
    SkipsUnknownKeys,
    /// Where it does not know the key, it fails.
    FailsAtUnknownKeys,
    /// It keeps to the first key that it has seen.
    KeepsTheFirstKey,
    /// It never answers to a token with five parts.
    HangsAtFiveParts,
}

/// What the verifier makes of a token.
enum Read {
    Claims { typ: Value, claims: Value },
    Nothing,
    Failed,
}

/// The API.
pub(crate) struct Weak {
    weakness: Weakness,
    issuer: String,
    keys: RemoteJwks,
    verifier: Verifier,
    first_kid: OnceLock<String>,
    published: Arc<Keyring>,
    clock: Arc<dyn Clock>,
}

/// The API while it listens.
pub(crate) struct Listening {
    /// Where it answers.
    pub(crate) url: String,
    serving: JoinHandle<()>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Weak {
    /// One that trusts the issuer of `twin`.
    pub(crate) fn new(weakness: Weakness, twin: &jwksd::lab::Twin) -> Self {
        let (issuer, clock) = (twin.app().config().issuer(), Arc::clone(&twin.app().ports().clock));
        let published = Arc::clone(&twin.app().use_cases().keyring);
        let keys = || RemoteJwks::builder(Source::issuer(&issuer).unwrap(), HttpFetch::new()).build();
        let policy = Policy::builder(&issuer, &issuer, &[ALGORITHM]).build().unwrap();
        let verifier = Verifier::new(policy, keys());
        Self { weakness, keys: keys(), verifier, first_kid: OnceLock::new(), published, clock, issuer }
    }

    /// Listens on a free port.
    pub(crate) async fn listen(self) -> Listening {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let address = acceptor.local_addr()[0].as_socket_addr().copied().unwrap();
        let routes = Route::new().at("/protected", get(protected)).data(Arc::new(self));
        let serving = tokio::spawn(async move { Server::new_with_acceptor(acceptor).run(routes).await.unwrap() });
        Listening { url: format!("http://{address}/protected"), serving }
    }

    async fn status(&self, sent: Option<&str>) -> u16 {
        if self.weakness == Weakness::None {
            return self.careful_status(sent).await;
        }
        let Some(token) = sent.and_then(|value| value.strip_prefix("Bearer ")) else {
            return if self.weakness == Weakness::LetsEverybodyIn { 200 } else { 401 };
        };
        if self.weakness == Weakness::HangsAtFiveParts && token.split('.').count() == 5 {
            std::future::pending::<()>().await;
        }
        match self.read(token).await {
            Read::Claims { typ, claims } if self.believes(&typ, &claims) => 200,
            Read::Claims { .. } | Read::Nothing => 401,
            Read::Failed => 500,
        }
    }

    async fn careful_status(&self, sent: Option<&str>) -> u16 {
        match self.verifier.verify_bearer::<NoMore>(sent.map(str::as_bytes)).await {
            Ok(_) => 200,
            Err(Refusal::NoToken | Refusal::Invalid(_)) => 401,
            Err(Refusal::Ambiguous) => 400,
            Err(Refusal::Unavailable(_)) => 503,
        }
    }

    /// The header and the claims, as far as the weakness lets their signature be checked.
    async fn read(&self, token: &str) -> Read {
        let Some((header, _)) = unverified(token) else { return Read::Nothing };
        let kid = header["kid"].as_str();
        let Ok(keys) = self.keys.key_set(kid).await else { return Read::Failed };
        let is_known = kid.is_some_and(|kid| keys.has(kid));
        match self.weakness {
            Weakness::ChecksNoSignature => believed(token),
            Weakness::TakesNone if is_none(&header) => believed(token),
            Weakness::TakesThePublicKeyForASecret if header["alg"] == "HS256" => self.read_hs256(token, kid),
            Weakness::TrustsTheKeyInTheHeader if header["jwk"].is_object() => {
                signed(token, &JwkSet::parse(json!({ "keys": [header["jwk"]] }).to_string()).unwrap())
            }
            Weakness::FetchesWhereTheHeaderSays if header["jku"].is_string() => {
                let there = RemoteJwks::at(header["jku"].as_str().unwrap()).unwrap();
                there.key_set(kid).await.map_or(Read::Nothing, |keys| signed(token, &keys))
            }
            Weakness::SkipsUnknownKeys if !is_known => believed(token),
            Weakness::FailsAtUnknownKeys if !is_known => Read::Failed,
            Weakness::KeepsTheFirstKey if Some(self.first_kid(kid)) != kid => Read::Nothing,
            _ => signed(token, &keys),
        }
    }

    fn first_kid<'a>(&'a self, kid: Option<&'a str>) -> &'a str {
        self.first_kid.get_or_init(|| kid.unwrap_or_default().to_owned())
    }

    fn read_hs256(&self, token: &str, kid: Option<&str>) -> Read {
        let ring = self.published.current();
        let key = ring.keys.iter().find(|key| Some(key.kid().as_str()) == kid);
        let secret = key.map(|key| key.public.to_pem());
        let (Some(secret), Some((input, signature))) = (secret, token.rsplit_once('.')) else { return Read::Nothing };
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(input.as_bytes());
        let signature = Base64UrlUnpadded::decode_vec(signature).unwrap_or_default();
        if mac.verify_slice(&signature).is_ok() { believed(token) } else { Read::Nothing }
    }

    fn believes(&self, typ: &Value, claims: &Value) -> bool {
        let now = self.clock.now().unix_seconds();
        let issuer = claims["iss"].as_str().unwrap_or_default();
        let is_issuer = match self.weakness {
            Weakness::TakesAnyIssuer => true,
            Weakness::ComparesTheBeginningOfTheIssuer => issuer.starts_with(&self.issuer),
            _ => issuer == self.issuer,
        };
        let is = |weakness, holds| self.weakness == weakness || holds;
        is_issuer
            && is(Weakness::TakesAnyAudience, claims["aud"] == *self.issuer)
            && is(Weakness::TakesAnyType, *typ == "JWT")
            && is(Weakness::KnowsNoEnd, claims["exp"].as_i64().is_some_and(|end| end > now))
            && is(Weakness::KnowsNoBeginning, claims["nbf"].as_i64().is_none_or(|beginning| beginning <= now))
    }
}

#[handler]
async fn protected(request: &Request, Data(api): Data<&Arc<Weak>>) -> StatusCode {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    StatusCode::from_u16(api.status(sent).await).unwrap()
}

fn is_none(header: &Value) -> bool {
    header["alg"].as_str().is_some_and(|algorithm| algorithm.eq_ignore_ascii_case("none"))
}

/// Header and payload of a token of three parts, whoever wrote them.
fn unverified(token: &str) -> Option<(Value, Value)> {
    let parts: Vec<_> = token.split('.').collect();
    let [header, payload, _] = *parts.as_slice() else { return None };
    let read = |part: &str| serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).ok()?).ok();
    Some((read(header)?, read(payload)?))
}

fn believed(token: &str) -> Read {
    match unverified(token) {
        Some((header, claims)) => Read::Claims { typ: header["typ"].clone(), claims },
        None => Read::Nothing,
    }
}

/// What one of `keys` has signed.
fn signed(token: &str, keys: &JwkSet) -> Read {
    match Token::parse(token).and_then(|token| token.verify_signature(keys, &[ALGORITHM])) {
        Ok(signed) => {
            let claims = serde_json::from_slice(&signed.payload).unwrap_or_default();
            Read::Claims { typ: signed.header.typ.into(), claims }
        }
        Err(_) => Read::Nothing,
    }
}
