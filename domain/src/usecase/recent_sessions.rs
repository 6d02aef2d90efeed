//! Sessions as this process left them, with their users, so that the next refresh of one need not ask the store where it is.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::session::{Session, SessionId};
use crate::user::User;

/// The most sessions that are kept, less than a kilobyte each; then all are forgotten at once.
const KEPT_MAX: usize = 4096;

/// What is kept may be out of date at any time: it is good for nothing but a change that the store makes only where it is not.
#[derive(Default)]
pub(super) struct RecentSessions(Mutex<HashMap<SessionId, (Session, User)>>);

impl RecentSessions {
    /// Takes a session out, so that of two refreshes at once the second asks the store.
    pub(super) fn take(&self, id: SessionId) -> Option<(Session, User)> {
        self.lock().remove(&id)
    }

    /// Keeps a session and its user as the store has them now.
    pub(super) fn keep(&self, session: Session, user: User) {
        let mut kept = self.lock();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(session.id, (session, user));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, (Session, User)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usecase::tests::{session, user};

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let recent = RecentSessions::default();
        for number in 0..10_000_u32 {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            recent.keep(Session { id: SessionId::from_random(bytes), ..session() }, user());
            assert!(recent.lock().len() <= KEPT_MAX);
        }
        let last = session();
        recent.keep(last.clone(), user());
        assert!(recent.take(last.id).is_some_and(|(kept, _)| kept == last));
        assert!(recent.take(last.id).is_none(), "taken is gone");
    }
}
