//! What every `RevocationList` promises.

use std::sync::Arc;

use jwksd_domain::ports::{RevocationList, RevokedToken};
use jwksd_domain::time::Timestamp;

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn RevocationList>` without tokens, or a
/// [`Fixture`](crate::Fixture) of one.
#[macro_export]
macro_rules! revocation_list_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            revocation_list,
            $make,
            [is_empty_at_first, has_what_was_revoked, takes_a_token_twice, forgets_what_is_over, takes_text_for_text]
        );
    };
}

/// Absence is no error.
pub async fn is_empty_at_first(list: &Arc<dyn RevocationList>) {
    assert!(!list.contains("a").await.unwrap());
}

/// One token, and no other.
pub async fn has_what_was_revoked(list: &Arc<dyn RevocationList>) {
    list.revoke(&token("a", 100), at(0)).await.unwrap();
    assert!(list.contains("a").await.unwrap());
    for other in ["", "A", "a ", "b", "aa"] {
        assert!(!list.contains(other).await.unwrap(), "{other:?}");
    }
}

/// It is as revoked as before.
pub async fn takes_a_token_twice(list: &Arc<dyn RevocationList>) {
    for _ in 0..2 {
        list.revoke(&token("a", 100), at(0)).await.unwrap();
    }
    assert!(list.contains("a").await.unwrap());
}

/// Tokens that ended before the given instant, the boundary excluded, and they only.
pub async fn forgets_what_is_over(list: &Arc<dyn RevocationList>) {
    for (jti, end) in [("early", 99), ("just", 100), ("late", 101)] {
        list.revoke(&token(jti, end), at(0)).await.unwrap();
    }
    list.revoke(&token("new", 200), at(100)).await.unwrap();
    assert!(!list.contains("early").await.unwrap());
    for jti in ["just", "late", "new"] {
        assert!(list.contains(jti).await.unwrap(), "{jti}");
    }
}

/// Whatever a token holds for its id is nothing but text.
pub async fn takes_text_for_text(list: &Arc<dyn RevocationList>) {
    for jti in ["'; DROP TABLE users;--", "%", "ü", ""] {
        list.revoke(&token(jti, 100), at(0)).await.unwrap();
        assert!(list.contains(jti).await.unwrap(), "{jti:?}");
    }
    assert!(!list.contains("anything").await.unwrap());
}

/// A token of that id that ends then, in Unix seconds.
pub fn token(jti: &str, end: i64) -> RevokedToken {
    RevokedToken { jti: jti.to_owned(), expires_at: at(end) }
}

/// That many Unix seconds.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}
