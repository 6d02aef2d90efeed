//! What every `UserRepository` promises.

use std::collections::BTreeSet;
use std::sync::Arc;

use jwksd_domain::ports::{StoreError, UserChange, UserLookup, UserRepository};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{Email, LoginName, NewUser, PasswordHash, Role, User, UserId, UserState, Username};

mod addresses;

pub use addresses::{
    finds_an_address_in_any_case, lets_many_have_no_address, refuses_a_taken_address_in_any_case,
    remembers_whose_address_is_known_to_be_theirs, tells_a_name_from_an_address,
};

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn UserRepository>` without users, or a
/// [`Fixture`](crate::Fixture) of one.
#[macro_export]
macro_rules! user_repository_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            user_repository,
            $make,
            [
                has_nobody_at_first,
                answers_whom_it_added,
                finds_names_byte_for_byte,
                refuses_a_taken_name_in_any_case,
                refuses_a_taken_address_in_any_case,
                names_the_user_name_first,
                tells_a_name_from_an_address,
                lets_many_have_no_address,
                finds_an_address_in_any_case,
                remembers_whose_address_is_known_to_be_theirs,
                lets_one_of_many_concurrent_inserts_win,
                gives_each_user_an_id,
                notes_a_login,
                changes_a_password,
                tells_whether_a_demo_user_stays_one,
                changes_role_and_state,
                makes_several_changes_at_once,
                changes_one_user_only,
                changes_nobody_of_an_unknown_id,
                lists_in_order_page_by_page,
                takes_text_for_text,
            ]
        );
    };
}

/// Absence is no error.
pub async fn has_nobody_at_first(users: &Arc<dyn UserRepository>) {
    assert_eq!(find(users, "alice").await, None);
    assert_eq!(users.list(None, 10).await.unwrap(), []);
}

/// A user comes back with all that was given, instants in whole seconds.
pub async fn answers_whom_it_added(users: &Arc<dyn UserRepository>) {
    for (name, role, demo) in
        [("reader", Role::Read, false), ("writer", Role::Write, true), ("ruler", Role::Admin, false)]
    {
        let email = format!("{name}@example.com");
        let new = NewUser { role, demo, ..new_user(name, Some(&email)) };
        let added = users.insert(new).await.unwrap();
        let expected = User {
            id: added.id,
            username: name.to_owned(),
            email: Some(email),
            email_verified: false,
            password_hash: hash(name),
            role,
            state: UserState::Active,
            registered_at: Timestamp::from_unix_seconds(1_800_000_000),
            last_login_at: None,
            demo,
        };
        assert_eq!(added, expected);
        assert_eq!(users.find(UserLookup::Id(added.id)).await.unwrap().as_ref(), Some(&expected));
        assert_eq!(find(users, name).await, Some(expected));
    }
}

/// A look-up is exact.
pub async fn finds_names_byte_for_byte(users: &Arc<dyn UserRepository>) {
    add(users, "Alice").await;
    for other in ["alice", "ALICE", "Alice ", " Alice", "Alic", "Alice%", "A_ice"] {
        assert_eq!(find(users, other).await, None, "{other:?}");
    }
    assert!(find(users, "Alice").await.is_some());
}

/// Two names that differ in case only would be mistaken for each other.
pub async fn refuses_a_taken_name_in_any_case(users: &Arc<dyn UserRepository>) {
    let alice = add(users, "Alice").await;
    for other in ["Alice", "alice", "ALICE"] {
        assert_eq!(taken(users.insert(new_user(other, None)).await), "username");
    }
    assert_eq!(users.list(None, 10).await.unwrap(), [alice]);
}

/// Where both are taken the name is told.
pub async fn names_the_user_name_first(users: &Arc<dyn UserRepository>) {
    users.insert(new_user("alice", Some("alice@example.com"))).await.unwrap();
    assert_eq!(taken(users.insert(new_user("ALICE", Some("alice@example.com"))).await), "username");
}

/// Of many registrations of one name at the same instant, one succeeds.
pub async fn lets_one_of_many_concurrent_inserts_win(users: &Arc<dyn UserRepository>) {
    let contenders = (0..16).map(|n| {
        let users = Arc::clone(users);
        let name = if n % 2 == 0 { "alice" } else { "ALICE" };
        tokio::spawn(async move { users.insert(new_user(name, None)).await })
    });
    let mut winners = vec![];
    for contender in contenders.collect::<Vec<_>>() {
        match contender.await.unwrap() {
            Ok(user) => winners.push(user),
            refused => assert_eq!(taken(refused), "username"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(users.list(None, 10).await.unwrap(), winners);
}

/// Users that are added at once do not get in each other's way.
pub async fn gives_each_user_an_id(users: &Arc<dyn UserRepository>) {
    let added = (0..32).map(|n| {
        let users = Arc::clone(users);
        tokio::spawn(async move { users.insert(new_user(&format!("user{n}"), None)).await.unwrap().id })
    });
    let mut ids = BTreeSet::new();
    for id in added.collect::<Vec<_>>() {
        ids.insert(id.await.unwrap());
    }
    assert_eq!(ids.len(), 32);
    assert!(ids.iter().all(|id| id.0 > 0));
}

/// A login leaves its instant, in whole seconds, and nothing else.
pub async fn notes_a_login(users: &Arc<dyn UserRepository>) {
    let alice = add(users, "alice").await;
    let change = UserChange::LoggedIn(Timestamp::from_unix_millis(1_900_000_000_999));
    let expected = User { last_login_at: Some(Timestamp::from_unix_seconds(1_900_000_000)), ..alice };
    assert_changes(users, change, expected).await;
}

/// Another hash replaces the one before.
pub async fn changes_a_password(users: &Arc<dyn UserRepository>) {
    let alice = add(users, "alice").await;
    let change = UserChange::PasswordHash { hash: hash("another"), keeps_demo: true };
    assert_changes(users, change, User { password_hash: hash("another"), ..alice }).await;
}

/// A demo user stays one only where the change says so, and nobody becomes one.
pub async fn tells_whether_a_demo_user_stays_one(users: &Arc<dyn UserRepository>) {
    let demo = users.insert(NewUser { demo: true, ..new_user("demo", None) }).await.unwrap();
    let rehashed = UserChange::PasswordHash { hash: hash("a"), keeps_demo: true };
    assert_changes(users, rehashed.clone(), User { password_hash: hash("a"), ..demo.clone() }).await;
    let reset = UserChange::PasswordHash { hash: hash("b"), keeps_demo: false };
    assert_changes(users, reset, User { password_hash: hash("b"), demo: false, ..demo.clone() }).await;
    assert_changes(users, rehashed, User { password_hash: hash("a"), demo: false, ..demo }).await;
}

/// Role and state go from each to each.
pub async fn changes_role_and_state(users: &Arc<dyn UserRepository>) {
    let mut alice = add(users, "alice").await;
    for role in [Role::Admin, Role::Write, Role::Read] {
        alice.role = role;
        assert_changes(users, UserChange::Role(role), alice.clone()).await;
    }
    for state in [UserState::Disabled, UserState::Disabled, UserState::Active] {
        alice.state = state;
        assert_changes(users, UserChange::State(state), alice.clone()).await;
    }
}

/// In their order; and no changes leave the user as it is.
pub async fn makes_several_changes_at_once(users: &Arc<dyn UserRepository>) {
    let alice = add(users, "alice").await;
    assert_eq!(users.update(alice.id, &[]).await.unwrap().as_ref(), Some(&alice));
    let changes =
        [UserChange::Role(Role::Admin), UserChange::State(UserState::Disabled), UserChange::Role(Role::Write)];
    let expected = User { role: Role::Write, state: UserState::Disabled, ..alice.clone() };
    assert_eq!(users.update(alice.id, &changes).await.unwrap().as_ref(), Some(&expected));
    assert_eq!(find(users, "alice").await, Some(expected));
}

/// Others stay as they are.
pub async fn changes_one_user_only(users: &Arc<dyn UserRepository>) {
    let (alice, bob) = (add(users, "alice").await, add(users, "bob").await);
    for change in every_change() {
        users.update(bob.id, &[change]).await.unwrap().unwrap();
    }
    assert_eq!(find(users, "alice").await, Some(alice));
}

/// Nobody is changed, and nobody comes into being.
pub async fn changes_nobody_of_an_unknown_id(users: &Arc<dyn UserRepository>) {
    let alice = add(users, "alice").await;
    for change in every_change() {
        for id in [alice.id.0 + 1, 0, -1, i64::MAX] {
            assert_eq!(users.update(UserId(id), std::slice::from_ref(&change)).await.unwrap(), None);
            assert_eq!(users.find(UserLookup::Id(UserId(id))).await.unwrap(), None);
        }
    }
    assert_eq!(users.list(None, 10).await.unwrap(), std::slice::from_ref(&alice));
    let bob = add(users, "bob").await;
    assert_eq!(bob, User { id: bob.id, username: "bob".to_owned(), password_hash: hash("bob"), ..alice });
}

/// Pages follow each other without gap or repeat.
pub async fn lists_in_order_page_by_page(users: &Arc<dyn UserRepository>) {
    let mut all = vec![];
    for name in ["zoe", "alice", "mallory", "bob", "eve"] {
        all.push(add(users, name).await);
    }
    assert_eq!(users.list(None, 0).await.unwrap(), []);
    assert_eq!(users.list(None, 2).await.unwrap(), all[..2]);
    assert_eq!(users.list(Some(all[1].id), 2).await.unwrap(), all[2..4]);
    assert_eq!(users.list(Some(all[3].id), 2).await.unwrap(), all[4..]);
    assert_eq!(users.list(Some(all[4].id), 2).await.unwrap(), []);
    assert_eq!(users.list(None, u32::MAX).await.unwrap(), all);
}

/// What looks like a statement is a value all the same.
pub async fn takes_text_for_text(users: &Arc<dyn UserRepository>) {
    let email = "o'neil--`{|}~%_$1?*/@example.com";
    let alice = users.insert(new_user("a--", Some(email))).await.unwrap();
    for name in ["' OR '1'='1", "'; DROP TABLE users; --", "\"", "%", "_", "a--' --", "?1", "\\", "😀"] {
        assert_eq!(find(users, name).await, None, "{name:?}");
    }
    let odd = PasswordHash("'; DELETE FROM users; -- \" \\ ? :a $1 \u{0} é".to_owned());
    let change = UserChange::PasswordHash { hash: odd.clone(), keeps_demo: false };
    assert_changes(users, change, User { password_hash: odd, email: Some(email.to_owned()), ..alice }).await;
}

/// A user of that name as a registration adds it, half a second past a full one.
pub(super) fn new_user(name: &str, email: Option<&str>) -> NewUser {
    NewUser {
        username: Username::parse(name).unwrap(),
        email: email.map(|email| Email::parse(email).unwrap()),
        email_verified: false,
        password_hash: hash(name),
        role: Role::Read,
        registered_at: Timestamp::from_unix_millis(1_800_000_000_500),
        demo: false,
    }
}

pub(super) async fn find(users: &Arc<dyn UserRepository>, name: &str) -> Option<User> {
    users.find(UserLookup::Name(&LoginName::parse(name).unwrap())).await.unwrap()
}

async fn add(users: &Arc<dyn UserRepository>, name: &str) -> User {
    users.insert(new_user(name, None)).await.unwrap()
}

async fn assert_changes(users: &Arc<dyn UserRepository>, change: UserChange, expected: User) {
    assert_eq!(users.update(expected.id, &[change]).await.unwrap(), Some(expected.clone()));
    assert_eq!(find(users, &expected.username).await, Some(expected));
}

fn every_change() -> [UserChange; 5] {
    [
        UserChange::LoggedIn(Timestamp::from_unix_seconds(1_900_000_000)),
        UserChange::PasswordHash { hash: hash("another"), keeps_demo: false },
        UserChange::Role(Role::Admin),
        UserChange::State(UserState::Disabled),
        UserChange::EmailVerified,
    ]
}

fn taken(outcome: Result<User, StoreError>) -> &'static str {
    match outcome {
        Err(StoreError::Duplicate { field }) => field,
        other => panic!("expected a duplicate, not {other:?}"),
    }
}

fn hash(of: &str) -> PasswordHash {
    PasswordHash(format!("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ${of}"))
}
