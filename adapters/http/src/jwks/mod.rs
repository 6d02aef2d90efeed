//! The JWKS: rendered once for each published set, then answered from memory.
//!
//! A rendering is good until the keyring moves on or until the instant at which the set becomes another one by schedule (I6).
//! This path is given [`PublishKeys`] and nothing else: neither a cipher nor a signer (I7).

mod conditional;

use std::sync::{Arc, PoisonError, RwLock};

use base64ct::{Base64UrlUnpadded, Encoding};
use bytes::Bytes;
use jwksd_domain::key::PublishedSet;
use jwksd_domain::time::Timestamp;
use jwksd_domain::usecase::{Freshness, PublishKeys};
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{Body, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

pub(crate) use self::conditional::if_none_match;
use self::conditional::prefers_jwk_set;

/// The media type of a JWKS (RFC 7517 section 8.5).
pub(crate) const JWK_SET: &str = "application/jwk-set+json";
/// The media type that everybody understands.
pub(crate) const JSON: &str = "application/json";

/// Answers the JWKS.
pub(crate) struct Jwks {
    use_case: Arc<PublishKeys>,
    rendering: RwLock<Arc<Rendering>>,
}

/// One published set, ready to be sent.
struct Rendering {
    generation: u64,
    from: Timestamp,
    set: PublishedSet,
    body: Bytes,
    etag: HeaderValue,
    /// What caches are told all the time until shortly before the set changes.
    usual: Freshness,
    /// The headers with that: of the answer in either media type, and to whoever has the set already.
    as_json: HeaderMap,
    as_jwk_set: HeaderMap,
    known: HeaderMap,
}

impl Jwks {
    /// Answers what `use_case` publishes.
    pub(crate) fn new(use_case: Arc<PublishKeys>) -> Self {
        let rendering = RwLock::new(Arc::new(Rendering::of(&use_case)));
        Self { use_case, rendering }
    }

    /// The answer to a GET with these headers: 200, or 304 where the client has the set already.
    pub(crate) fn respond(&self, request: &HeaderMap) -> Response {
        let now = self.use_case.now();
        let rendering = self.rendering_at(now);
        let (mut response, mut headers) = if if_none_match(request, rendering.etag.as_bytes()) {
            let mut response = Response::default();
            response.set_status(StatusCode::NOT_MODIFIED);
            (response, rendering.known.clone())
        } else {
            let headers = if prefers_jwk_set(request) { &rendering.as_jwk_set } else { &rendering.as_json };
            (Response::from(Body::from_bytes(rendering.body.clone())), headers.clone())
        };
        let freshness = self.use_case.freshness(&rendering.set, now);
        if freshness != rendering.usual {
            headers.insert(header::CACHE_CONTROL, cache_control(freshness));
        }
        *response.headers_mut() = headers;
        response
    }

    fn rendering_at(&self, now: Timestamp) -> Arc<Rendering> {
        let known = Arc::clone(&self.rendering.read().unwrap_or_else(PoisonError::into_inner));
        if known.is_true_at(now, self.use_case.generation()) {
            return known;
        }
        let fresh = Arc::new(Rendering::of(&self.use_case));
        *self.rendering.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        fresh
    }
}

#[derive(Serialize)]
struct KeySet<'a> {
    keys: &'a [jwksd_domain::key::PublicJwk],
}

impl Rendering {
    /// The generation and the instant are read first: what changes while the set is rendered makes the rendering too old.
    fn of(use_case: &PublishKeys) -> Self {
        let (generation, from) = (use_case.generation(), use_case.now());
        let set = use_case.run();
        let body = serde_json::to_vec(&KeySet { keys: &set.keys }).unwrap_or_else(|_| br#"{"keys":[]}"#.to_vec());
        let etag = ascii(&format!("\"{}\"", Base64UrlUnpadded::encode_string(&Sha256::digest(&body)[..18])));
        let far_from_change = PublishedSet { keys: Vec::new(), until: None };
        let usual = use_case.freshness(&far_from_change, from);
        let known = headers(&etag, usual);
        let with_type = |media_type| {
            let mut headers = known.clone();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            headers
        };
        let (as_json, as_jwk_set) = (with_type(JSON), with_type(JWK_SET));
        Self { generation, from, set, body: body.into(), etag, usual, as_json, as_jwk_set, known }
    }

    /// Also where the clock was put back it is rendered anew.
    fn is_true_at(&self, now: Timestamp, generation: u64) -> bool {
        self.generation == generation && self.from <= now && self.set.until.is_none_or(|until| now < until)
    }
}

fn headers(etag: &HeaderValue, freshness: Freshness) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, etag.clone());
    headers.insert(header::CACHE_CONTROL, cache_control(freshness));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    // The edge sets these on every answer; with them here it replaces what would make the copied map grow.
    headers.insert("x-request-id", HeaderValue::from_static(""));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
}

/// `stale-while-revalidate` (RFC 5861 section 3) only where it is safe.
fn cache_control(Freshness { max_age, stale_while_revalidate }: Freshness) -> HeaderValue {
    match stale_while_revalidate.as_secs() {
        0 => ascii(&format!("public, max-age={}", max_age.as_secs())),
        stale => ascii(&format!("public, max-age={}, stale-while-revalidate={stale}", max_age.as_secs())),
    }
}

fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("base64url, digits and punctuation are visible ASCII")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    use jwksd_domain::key::{
        Algorithm, EncryptionKeyId, KeyPolicy, KeyPurpose, KeyRing, KeySchedule, PublicJwk, PublicParameters,
        SigningKey,
    };
    use jwksd_domain::ports::{Clock, KeyRepository, Sealed, StoreError};
    use jwksd_domain::usecase::Keyring;

    use super::*;

    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_seconds(self.0.load(Ordering::SeqCst))
        }
    }

    struct Nowhere;

    #[async_trait::async_trait]
    impl KeyRepository for Nowhere {
        async fn load(&self) -> Result<KeyRing, StoreError> {
            Ok(KeyRing::default())
        }

        async fn store(&self, _ring: &KeyRing) -> Result<(), StoreError> {
            Ok(())
        }
    }

    fn key(number: u8, published_from: i64, published_until: i64) -> SigningKey {
        let at = Timestamp::from_unix_seconds;
        SigningKey {
            public: PublicJwk::new(Algorithm::EdDsa, PublicParameters::Okp { x: vec![number; 32] }),
            private: Sealed { bytes: Vec::new(), sealed_by: EncryptionKeyId::of(&[0; 32]) },
            purpose: KeyPurpose::Signing,
            created_at: at(published_from),
            schedule: KeySchedule {
                published_from: at(published_from),
                signs_from: at(published_from),
                signs_until: at(published_until),
                published_until: at(published_until),
            },
            revocation: None,
        }
    }

    async fn jwks(clock: &Arc<Hands>, keys: Vec<SigningKey>) -> Jwks {
        let keyring = Arc::new(Keyring::new(Arc::new(Nowhere)));
        keyring.store(KeyRing { keys, ..KeyRing::default() }).await.unwrap();
        // Later than these tests walk: the store was looked at just now, whenever that is.
        keyring.refresh(Timestamp::from_unix_seconds(1_000_000)).await.unwrap();
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let policy = KeyPolicy {
            algorithm: Algorithm::EdDsa,
            rotation_period: minutes(60),
            publish_lead: minutes(10),
            token_life: minutes(15),
            clock_skew: minutes(1),
            replica_lag: Duration::ZERO,
            max_age: minutes(5),
            max_keys: 5,
            expired_fixture: false,
            demo_token_life: None,
        };
        Jwks::new(Arc::new(PublishKeys::new(keyring, Arc::clone(clock) as _, policy)))
    }

    #[tokio::test]
    async fn a_rendering_ends_with_its_truth_and_so_does_its_age() {
        let clock = Arc::new(Hands(AtomicI64::new(1000)));
        let jwks = jwks(&clock, vec![key(1, 0, 2000), key(2, 1500, 9000)]).await;
        let none = HeaderMap::new();
        let field = |response: &Response, name: &str| response.headers()[name].to_str().unwrap().to_owned();

        let first = jwks.respond(&none);
        assert_eq!(field(&first, "cache-control"), "public, max-age=300, stale-while-revalidate=60");
        clock.0.store(1170, Ordering::SeqCst);
        assert_eq!(
            field(&jwks.respond(&none), "cache-control"),
            "public, max-age=300, stale-while-revalidate=30",
            "both end with the set"
        );
        clock.0.store(1480, Ordering::SeqCst);
        let later = jwks.respond(&none);
        assert_eq!(field(&later, "cache-control"), "public, max-age=20");
        assert_eq!(field(&later, "etag"), field(&first, "etag"));
        clock.0.store(1500, Ordering::SeqCst);
        let changed = jwks.respond(&none);
        assert_ne!(field(&changed, "etag"), field(&first, "etag"));
        clock.0.store(2000, Ordering::SeqCst);
        assert!(!jwks.respond(&none).into_body().into_string().await.unwrap().contains(key(1, 0, 0).kid().as_str()));
    }

    #[tokio::test]
    async fn whoever_has_the_set_is_told_so() {
        let clock = Arc::new(Hands(AtomicI64::new(1000)));
        let jwks = jwks(&clock, vec![key(1, 0, 2000)]).await;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(JWK_SET));
        let full = jwks.respond(&headers);
        assert_eq!(full.headers()["content-type"], JWK_SET);
        headers.insert(header::IF_NONE_MATCH, full.headers()["etag"].clone());
        let known = jwks.respond(&headers);
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(known.headers()["etag"], full.headers()["etag"]);
        assert_eq!(known.headers()["access-control-allow-origin"], "*");
    }
}
