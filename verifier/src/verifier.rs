//! Verifies tokens as they arrive: by a policy, with the keys of a set or of a remote JWKS, on a clock.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::clock::since_epoch;
use crate::status_list::By;
use crate::{Clock, JwkSet, Policy, RemoteJwks, StatusLists, SystemClock, Token, Unavailable, Verified, VerifyError};

/// Verifies tokens. A clone is cheap and shares its keys.
#[derive(Clone)]
pub struct Verifier {
    policy: Arc<Policy>,
    keys: Keys,
    clock: Arc<dyn Clock>,
    status_lists: Option<StatusLists>,
}

/// Where the keys are taken from.
#[derive(Clone, Debug)]
pub enum Keys {
    /// A set that never changes.
    Fixed(Arc<JwkSet>),
    /// A set that is fetched.
    Remote(RemoteJwks),
}

impl Verifier {
    /// Verifies by `policy` with `keys`, a [`JwkSet`] or a [`RemoteJwks`].
    pub fn new(policy: Policy, keys: impl Into<Keys>) -> Self {
        Self { policy: Arc::new(policy), keys: keys.into(), clock: Arc::new(SystemClock), status_lists: None }
    }

    /// Tells the time by another clock than that of the machine.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Looks in these lists whether a token was called back. Without them nobody looks, and a token is good until it expires.
    #[must_use]
    pub fn with_status_lists(mut self, status_lists: StatusLists) -> Self {
        self.status_lists = Some(status_lists);
        self
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Verifies a token. `T` is what is wanted of its claims beyond those that are registered.
    ///
    /// What needs no key is looked at first, so that no token that would be refused anyway makes a fetch.
    ///
    /// # Errors
    /// [`VerifyError::Refused`] with the rule that it breaks; [`VerifyError::Unavailable`] where that cannot be told now.
    pub async fn verify<T: DeserializeOwned>(&self, token: &str) -> Result<Verified<T>, VerifyError> {
        let token = Token::parse(token)?;
        self.policy.check_header(token.header())?;
        let keys = self.keys.set(token.header().kid.as_deref()).await?;
        let signed = token.verify_signature(&keys, self.policy.algorithms())?;
        let now = self.clock.now();
        let verified: Verified<T> = self.policy.check_claims(signed, now)?;
        if let (Some(lists), Some(reference)) = (&self.status_lists, &verified.claims.status) {
            let by = By { policy: &self.policy, keys: &self.keys, now: since_epoch(now) };
            lists.check(reference, &by).await?;
        }
        Ok(verified)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("policy", &self.policy).field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Keys {
    pub(crate) async fn set(&self, kid: Option<&str>) -> Result<Arc<JwkSet>, Unavailable> {
        match self {
            Self::Fixed(set) => Ok(Arc::clone(set)),
            Self::Remote(remote) => remote.key_set(kid).await,
        }
    }
}

impl From<JwkSet> for Keys {
    fn from(set: JwkSet) -> Self {
        Self::Fixed(Arc::new(set))
    }
}

impl From<RemoteJwks> for Keys {
    fn from(remote: RemoteJwks) -> Self {
        Self::Remote(remote)
    }
}
