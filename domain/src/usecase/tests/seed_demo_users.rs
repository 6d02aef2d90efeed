//! In which order the demo users are added.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{clock, user};
use crate::ports::{HasherError, MockUserRepository, PasswordHasher, Verification};
use crate::usecase::{DEMO_USERS, SeedDemoUsers};
use crate::user::{Password, PasswordHash};

/// A hasher that takes the longer the earlier it was asked.
struct LastFirst(AtomicUsize);

#[async_trait]
impl PasswordHasher for LastFirst {
    async fn hash(&self, _: &Password) -> Result<PasswordHash, HasherError> {
        for _ in self.0.fetch_add(1, Ordering::SeqCst)..DEMO_USERS.len() {
            tokio::task::yield_now().await;
        }
        Ok(user().password_hash)
    }

    async fn verify<'a>(&self, _: &Password, _: Option<&'a PasswordHash>) -> Result<Verification, HasherError> {
        Ok(Verification::Differs)
    }
}

/// The generated requests disable a user by number, and now and then it was the one whose tokens anybody may have.
#[tokio::test]
async fn each_has_the_same_number_in_every_new_database() {
    let (added, mut users) = (Arc::new(Mutex::new(Vec::new())), MockUserRepository::new());
    let names = Arc::clone(&added);
    users.expect_find().returning(|_| Ok(None));
    users.expect_insert().returning(move |new| {
        names.lock().unwrap().push(new.username.as_str().to_owned());
        Ok(user())
    });
    let hasher = Arc::new(LastFirst(AtomicUsize::new(0)));
    SeedDemoUsers::new(Arc::new(users), hasher, clock()).run().await.unwrap();
    assert_eq!(*added.lock().unwrap(), DEMO_USERS.map(|(name, ..)| name));
}
