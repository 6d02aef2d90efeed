//! When tokens end.

use std::time::Duration;

use super::{HOUR, NOW, key, keyring, policy, token_issuer, user, working_signer};
use crate::key::KeyRing;
use crate::ports::MockKeyRepository;
use crate::time::Timestamp;
use crate::usecase::TokenLife;

/// The end of a token that is issued now, of a key that leaves the JWKS then.
async fn end(published_until: Timestamp, life: TokenLife) -> Timestamp {
    let mut signer = key(1, NOW.minus(HOUR));
    (signer.schedule.signs_until, signer.schedule.published_until) =
        (NOW.plus(Duration::from_secs(1)), published_until);
    let mut repository = MockKeyRepository::new();
    repository
        .expect_load()
        .returning(move || Ok(KeyRing { revision: 1, keys: vec![signer.clone()], ..KeyRing::default() }));
    let issuer = token_issuer(&keyring(repository).await, working_signer());
    issuer.run(&user(), life).await.unwrap().expires_at
}

/// The simulation found a token that lived until its key left the JWKS: by the clock of the server that was a second earlier than by
/// that of a verifier. The token was given out by a server that was started with a longer life for tokens than the key was
/// scheduled for.
#[tokio::test]
async fn a_token_ends_while_its_key_is_published_by_every_clock() {
    let skew = policy().clock_skew;
    assert_eq!(end(NOW.plus(HOUR), TokenLife::Usual).await, NOW.plus(HOUR / 4));
    for life in [TokenLife::Usual, TokenLife::Of(HOUR)] {
        assert_eq!(end(NOW.plus(skew * 3), life).await, NOW.plus(skew * 2));
        assert_eq!(end(NOW.plus(skew / 2), life).await, NOW, "over at once rather than before it was issued");
    }
}
