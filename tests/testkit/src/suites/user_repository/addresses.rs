//! What is promised of the addresses of users.

use std::sync::Arc;

use jwksd_domain::ports::{UserChange, UserLookup, UserRepository};
use jwksd_domain::user::{Email, NewUser, User};

use super::{add, assert_changes, find, new_user, taken};

/// One address, one account.
pub async fn refuses_a_taken_address_in_any_case(users: &Arc<dyn UserRepository>) {
    users.insert(new_user("alice", Some("Alice@Example.com"))).await.unwrap();
    for other in ["Alice@Example.com", "alice@example.com", "ALICE@EXAMPLE.COM"] {
        assert_eq!(taken(users.insert(new_user("bob", Some(other))).await), "email");
    }
    assert_eq!(find(users, "bob").await, None);
    users.insert(new_user("bob", Some("bob@example.com"))).await.unwrap();
}

/// A name may be the address of another user: they are never compared.
pub async fn tells_a_name_from_an_address(users: &Arc<dyn UserRepository>) {
    users.insert(new_user("alice", Some("bob@example.com"))).await.unwrap();
    users.insert(new_user("bob@example.com", Some("alice@example.com"))).await.unwrap();
    users.insert(new_user("alice@example.com", None)).await.unwrap();
}

/// No address is no address that could be taken.
pub async fn lets_many_have_no_address(users: &Arc<dyn UserRepository>) {
    for name in ["alice", "bob", "carol"] {
        assert_eq!(add(users, name).await.email, None);
        assert_eq!(find(users, name).await.unwrap().email, None);
    }
}

/// Whatever else there is, and exactly otherwise.
pub async fn finds_an_address_in_any_case(users: &Arc<dyn UserRepository>) {
    add(users, "bob").await;
    assert_eq!(find_by_address(users, "alice@example.com").await, None);
    let alice = users.insert(new_user("alice", Some("Alice@Example.com"))).await.unwrap();
    for spelling in ["Alice@Example.com", "alice@example.com", "ALICE@EXAMPLE.COM"] {
        assert_eq!(find_by_address(users, spelling).await.as_ref(), Some(&alice), "{spelling}");
    }
    for other in ["alice@example.co", "lice@example.com", "%@example.com", "alic_@example.com"] {
        assert_eq!(find_by_address(users, other).await, None, "{other}");
    }
}

/// From the addition on, or from later on.
pub async fn remembers_whose_address_is_known_to_be_theirs(users: &Arc<dyn UserRepository>) {
    let vouched = NewUser { email_verified: true, ..new_user("alice", Some("alice@example.com")) };
    let alice = users.insert(vouched).await.unwrap();
    assert!(alice.email_verified);
    assert_eq!(find(users, "alice").await, Some(alice));
    let bob = users.insert(new_user("bob", Some("bob@example.com"))).await.unwrap();
    for _ in 0..2 {
        assert_changes(users, UserChange::EmailVerified, User { email_verified: true, ..bob.clone() }).await;
    }
}

async fn find_by_address(users: &Arc<dyn UserRepository>, address: &str) -> Option<User> {
    users.find(UserLookup::Email(&Email::parse(address).unwrap())).await.unwrap()
}
