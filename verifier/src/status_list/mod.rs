//! Whether a token was called back: looked up in the list that it refers to (Token Status List, draft-ietf-oauth-status-list).

mod list;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::list::{Expected, List};
use crate::fetch::{Fetch, FetchError, Get};
use crate::url::{self, PlainHttp};
use crate::verifier::Keys;
use crate::{Fault, Policy, StatusReference, Token, TokenType, Unavailable, VerifyError};

/// The largest Status List Token that is read, in bytes.
const LIST_TOKEN_MAX: usize = 1024 * 1024;
/// How many lists are kept.
const LISTS_MAX: usize = 64;
/// How much time is between two fetches of a list at least.
const COOLDOWN: Duration = Duration::from_secs(5);

/// The lists in which an issuer tells which of its tokens were called back. A clone shares them.
///
/// - A list is taken only from where the issuer itself is (the scheme, host and port of its `iss`), and from where
///   [`StatusLists::or_at`] says; a token that refers elsewhere has a status that is not known, and is refused.
/// - It must be signed by a key of the issuer, of the type `statuslist+jwt`, and of the very address that the token names.
/// - It is kept for its `ttl`, and used until its `exp` while no other can be had; then tokens that refer to it are answered with
///   [`Unavailable`]. Of many who need the same list one fetches it.
/// - A token that refers to no list is accepted. Where it must not be, the policy requires the claim `status`.
#[derive(Clone)]
pub struct StatusLists {
    fetch: Arc<dyn Fetch>,
    timeout: Duration,
    elsewhere: Vec<String>,
    slots: Arc<Mutex<HashMap<String, Arc<Slot>>>>,
}

/// The place of one list.
#[derive(Default)]
struct Slot {
    list: Mutex<Option<Arc<List>>>,
    /// Held by whoever fetches the list; when it was last asked for.
    asked_at: tokio::sync::Mutex<Option<Duration>>,
}

/// By what a list is verified.
pub(crate) struct By<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) keys: &'a Keys,
    pub(crate) now: Duration,
}

impl StatusLists {
    /// Lists that are fetched by `fetch`.
    pub fn new(fetch: impl Fetch + 'static) -> Self {
        Self { fetch: Arc::new(fetch), timeout: Duration::from_secs(5), elsewhere: Vec::new(), slots: Arc::default() }
    }

    /// Takes lists from addresses that begin so as well, such as `https://lists.example.com/`.
    #[must_use]
    pub fn or_at(mut self, prefix: &str) -> Self {
        self.elsewhere.push(prefix.to_owned());
        self
    }

    /// For how long a fetch may take: five seconds without this.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Checks the status of a token that is valid otherwise.
    pub(crate) async fn check(&self, reference: &StatusReference, by: &By<'_>) -> Result<(), VerifyError> {
        if !self.may_ask(&reference.uri, by.policy) {
            return Err(Fault::UnknownStatus.into());
        }
        let list = self.list(&reference.uri, by).await?;
        Ok(list.check(reference.idx)?)
    }

    fn may_ask(&self, uri: &str, policy: &Policy) -> bool {
        let Some((scheme, authority, _)) = url::parts(policy.issuer()) else { return false };
        let own = format!("{scheme}://{authority}/");
        let is_below = |prefix: &str| uri.starts_with(prefix);
        // Whoever named a place may have named one without TLS.
        url::check(uri, PlainHttp::Anywhere).is_ok()
            && (is_below(&own) || self.elsewhere.iter().any(|prefix| is_below(prefix)))
    }

    async fn list(&self, uri: &str, by: &By<'_>) -> Result<Arc<List>, Unavailable> {
        let slot = self.slot(uri);
        let held = slot.list();
        let mut asked_at = match &held {
            Some(list) if list.is_fresh(by.now) => return Ok(Arc::clone(list)),
            // Somebody fetches the next one already: nobody else waits for it.
            Some(list) if list.is_usable(by.now) => match slot.asked_at.try_lock() {
                Ok(asked_at) => asked_at,
                Err(_) => return Ok(Arc::clone(list)),
            },
            _ => slot.asked_at.lock().await,
        };
        if let Some(list) = slot.list().filter(|list| list.is_fresh(by.now)) {
            return Ok(list);
        }
        let mut cause = None;
        if asked_at.is_none_or(|asked_at| by.now < asked_at || by.now - asked_at >= COOLDOWN) {
            *asked_at = Some(by.now);
            match self.fetch(uri, by).await {
                Ok(list) => *slot.list.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(list)),
                Err(error) => cause = Some(Arc::new(error)),
            }
        }
        slot.list().filter(|list| list.is_usable(by.now)).ok_or(Unavailable::NoStatusList(cause))
    }

    fn slot(&self, uri: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= LISTS_MAX && !slots.contains_key(uri) {
            slots.clear();
        }
        Arc::clone(slots.entry(uri.to_owned()).or_default())
    }

    async fn fetch(&self, uri: &str, by: &By<'_>) -> Result<List, FetchError> {
        let accept = "application/statuslist+jwt";
        let request = Get { url: uri, accept, if_none_match: None, max_bytes: LIST_TOKEN_MAX };
        let answer = tokio::time::timeout(self.timeout, self.fetch.get(request)).await;
        let answer = answer.map_err(|_elapsed| FetchError::Timeout)??;
        match answer.status {
            200 if answer.body.len() > LIST_TOKEN_MAX => Err(FetchError::TooLarge),
            200 => read(uri, &answer.body, by).await,
            other => Err(FetchError::Status(other)),
        }
    }
}

impl Slot {
    fn list(&self) -> Option<Arc<List>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for StatusLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusLists").field("elsewhere", &self.elsewhere).finish_non_exhaustive()
    }
}

/// Verifies a Status List Token (section 5.1) with the keys of the issuer, and reads its list.
async fn read(uri: &str, body: &[u8], by: &By<'_>) -> Result<List, FetchError> {
    let text = std::str::from_utf8(body).map_err(|_| FetchError::NoStatusList("it is no text"))?;
    let token = Token::parse_within(text.trim_ascii(), LIST_TOKEN_MAX)
        .map_err(|_| FetchError::NoStatusList("it is no signed token"))?;
    if !TokenType::Other("statuslist+jwt".to_owned()).is(token.header().typ.as_deref()) {
        return Err(FetchError::NoStatusList("its typ is not statuslist+jwt"));
    }
    let keys = by.keys.set(token.header().kid.as_deref()).await;
    let keys = keys.map_err(|_| FetchError::NoStatusList("there are no keys to verify it with"))?;
    let signed = token.verify_signature(&keys, by.policy.algorithms());
    let signed = signed.map_err(|_| FetchError::NoStatusList("no key of the issuer has signed it"))?;
    let expected = Expected { uri, issuer: by.policy.issuer(), leeway: by.policy.leeway() };
    List::read(&signed.payload, &expected, by.now).map_err(FetchError::NoStatusList)
}
