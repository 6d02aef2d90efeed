//! What clients were told of access tokens a moment ago: resource servers ask about the same token again and again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Changes, ClientCredentials, Introspection, Keyring};
use crate::time::Timestamp;

/// How long an answer is given again: what another process has changed meanwhile is known here as late as that.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// The most answers that are remembered, about four MiB.
const MOST: usize = 4096;

/// What an answer was based on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Basis {
    at: Timestamp,
    changes: u64,
    keys: u64,
}

struct Told {
    answer: Arc<Introspection>,
    basis: Basis,
}

/// Who asked about what: a hash, so that neither secrets nor tokens are kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Question([u8; 32]);

/// Remembers answers for a moment, and none that this process has made untrue.
pub(super) struct RecentIntrospections {
    changes: Arc<Changes>,
    keyring: Arc<Keyring>,
    told: Mutex<HashMap<Question, Told>>,
}

impl Question {
    /// The question of whoever shows `credentials` about `token`. The lengths keep its parts apart.
    pub(super) fn of(credentials: &ClientCredentials, token: &str) -> Self {
        let (id, secret) = (credentials.id.as_bytes(), credentials.secret.expose().as_bytes());
        let mut hash = Sha256::new();
        for part in [id, secret, token.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

impl RecentIntrospections {
    /// Forgets by the count of `changes`, and with every change of `keyring`.
    pub(super) fn new(changes: Arc<Changes>, keyring: Arc<Keyring>) -> Self {
        Self { changes, keyring, told: Mutex::default() }
    }

    /// What an answer is based on that is looked up from now on.
    pub(super) fn basis(&self, now: Timestamp) -> Basis {
        Basis { at: now, changes: self.changes.count(), keys: self.keyring.generation() }
    }

    /// What was told a moment ago, if it is true still.
    pub(super) fn find(&self, question: Question, now: Basis) -> Option<Arc<Introspection>> {
        let told = self.lock();
        let Told { answer, basis } = told.get(&question)?;
        let is_same = (basis.changes, basis.keys) == (now.changes, now.keys);
        let is_recent = now.at >= basis.at && now.at.since(basis.at) < GOOD_FOR;
        (is_same && is_recent && ends(answer)? > now.at.unix_seconds()).then(|| Arc::clone(answer))
    }

    /// Remembers an answer about an access token that is active. When there are too many, all are forgotten: each costs a look.
    pub(super) fn keep(&self, question: Question, answer: &Arc<Introspection>, basis: Basis) {
        if ends(answer).is_none() {
            return;
        }
        let mut told = self.lock();
        if told.len() >= MOST {
            told.clear();
        }
        told.insert(question, Told { answer: Arc::clone(answer), basis });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Question, Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the access token ends that is told about, in Unix seconds; nothing else is remembered.
fn ends(answer: &Introspection) -> Option<i64> {
    match answer {
        Introspection::User { claims, .. } => Some(claims.exp),
        Introspection::Client(claims) => Some(claims.exp),
        Introspection::Inactive | Introspection::Refresh(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientSecret;
    use crate::ports::MockKeyRepository;
    use crate::token::ClientClaims;
    use crate::usecase::tests::NOW;

    fn recent() -> RecentIntrospections {
        let keyring = Arc::new(Keyring::new(Arc::new(MockKeyRepository::new())));
        RecentIntrospections::new(Arc::new(Changes::default()), keyring)
    }

    fn question(secret: u8, token: &str) -> Question {
        let secret = ClientSecret::from_random([secret; 32]);
        Question::of(&ClientCredentials { id: "reports".to_owned(), secret }, token)
    }

    fn answer(exp: i64) -> Arc<Introspection> {
        let text = String::new;
        let (iss, sub, aud, client_id, jti, scope) = (text(), text(), text(), text(), text(), text());
        let claims = ClientClaims { iss, sub, aud, client_id, iat: 0, exp, jti, scope, status: None };
        Arc::new(Introspection::Client(claims))
    }

    #[test]
    fn an_answer_is_given_again_to_the_same_question_for_a_second() {
        let recent = recent();
        let basis = |millis| recent.basis(NOW.plus(Duration::from_millis(millis)));
        recent.keep(question(1, "a"), &answer(NOW.unix_seconds() + 60), basis(0));
        assert!(recent.find(question(1, "a"), basis(999)).is_some());
        assert!(recent.find(question(1, "a"), basis(1000)).is_none());
        for other in [question(2, "a"), question(1, "b")] {
            assert!(recent.find(other, basis(0)).is_none());
        }
        let earlier = recent.basis(NOW.minus(Duration::from_millis(1)));
        assert!(recent.find(question(1, "a"), earlier).is_none(), "the clock was set back");
    }

    #[test]
    fn nothing_outlives_its_token_and_no_refusal_is_kept() {
        let recent = recent();
        let (first, later) = (recent.basis(NOW), recent.basis(NOW.plus(Duration::from_millis(500))));
        recent.keep(question(1, "a"), &answer(NOW.unix_seconds()), first);
        recent.keep(question(1, "b"), &Arc::new(Introspection::Inactive), first);
        assert!(recent.find(question(1, "a"), later).is_none() && recent.find(question(1, "b"), later).is_none());
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let recent = recent();
        for number in 0..10_000 {
            recent.keep(question(1, &number.to_string()), &answer(i64::MAX), recent.basis(NOW));
            assert!(recent.lock().len() <= MOST);
        }
    }
}
