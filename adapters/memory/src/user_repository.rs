//! Users, by their ids.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Mutex;

use async_trait::async_trait;
use jwksd_domain::decoy::{HashKind, cost};
use jwksd_domain::ports::{PasswordHashSurvey, StoreError, UserChange, UserCursor, UserLookup, UserRepository};
use jwksd_domain::user::{NewUser, User, UserId, UserState};

use crate::lock;

/// Keeps users in memory.
#[derive(Default)]
pub struct MemoryUserRepository {
    pub(crate) users: Mutex<BTreeMap<UserId, User>>,
}

#[async_trait]
impl UserRepository for MemoryUserRepository {
    async fn find<'a>(&self, user: UserLookup<'a>) -> Result<Option<User>, StoreError> {
        let users = lock(&self.users);
        Ok(match user {
            UserLookup::Name(name) => users.values().find(|user| user.username == name.as_str()).cloned(),
            UserLookup::Id(id) => users.get(&id).cloned(),
            UserLookup::Email(email) => {
                let email = Some(email.as_str().to_owned());
                users.values().find(|user| is_same_address(&user.email, &email)).cloned()
            }
        })
    }

    async fn insert(&self, user: NewUser) -> Result<User, StoreError> {
        let mut users = lock(&self.users);
        if users.values().any(|other| other.username.eq_ignore_ascii_case(user.username.as_str())) {
            return Err(StoreError::Duplicate { field: "username" });
        }
        let email = user.email.as_ref().map(|email| email.as_str().to_owned());
        if email.is_some() && users.values().any(|other| is_same_address(&other.email, &email)) {
            return Err(StoreError::Duplicate { field: "email" });
        }
        let id = UserId(users.last_key_value().map_or(1, |(last, _)| last.0 + 1));
        let user = User {
            id,
            username: user.username.as_str().to_owned(),
            email,
            email_verified: user.email_verified,
            password_hash: user.password_hash,
            role: user.role,
            state: UserState::Active,
            registered_at: user.registered_at.floor_second(),
            last_login_at: None,
            demo: user.demo,
        };
        users.insert(id, user.clone());
        Ok(user)
    }

    async fn update(&self, id: UserId, changes: &[UserChange]) -> Result<Option<User>, StoreError> {
        let mut users = lock(&self.users);
        Ok(users.get_mut(&id).map(|user| {
            changes.iter().for_each(|change| apply(user, change));
            user.clone()
        }))
    }

    async fn list(&self, after: Option<UserCursor>, limit: u32) -> Result<Vec<User>, StoreError> {
        let behind = after.map_or(Bound::Unbounded, Bound::Excluded);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(lock(&self.users).range((behind, Bound::Unbounded)).take(limit).map(|(_, user)| user.clone()).collect())
    }
}

#[async_trait]
impl PasswordHashSurvey for MemoryUserRepository {
    async fn survey(&self) -> Result<Vec<HashKind>, StoreError> {
        let hashes: Vec<_> = lock(&self.users).values().map(|user| user.password_hash.clone()).collect();
        let mut kinds: BTreeMap<&str, HashKind> = BTreeMap::new();
        for hash in &hashes {
            let kind = kinds.entry(cost(hash)).or_insert_with(|| HashKind { sample: hash.clone(), count: 0 });
            kind.count += 1;
        }
        Ok(kinds.into_values().collect())
    }
}

fn apply(user: &mut User, change: &UserChange) {
    match change {
        UserChange::LoggedIn(at) => user.last_login_at = Some(at.floor_second()),
        UserChange::PasswordHash { hash, keeps_demo } => {
            user.password_hash = hash.clone();
            user.demo &= *keeps_demo;
        }
        UserChange::Role(role) => user.role = *role,
        UserChange::State(state) => user.state = *state,
        UserChange::EmailVerified => user.email_verified = true,
    }
}

fn is_same_address(one: &Option<String>, other: &Option<String>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}
