//! What every `OtpRepository` promises.

use std::sync::Arc;

use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::otp::{OtpHash, OtpId, StoredOtp};
use jwksd_domain::ports::{OtpRepository, Sealed};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::Email;

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn OtpRepository>` without codes, or a
/// [`Fixture`](crate::Fixture) of one.
#[macro_export]
macro_rules! otp_repository_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            otp_repository,
            $make,
            [
                has_none_at_first,
                answers_what_it_was_given_one_attempt_less,
                spends_each_attempt_once,
                spends_none_after_the_end,
                counts_without_end_where_there_is_none,
                lets_concurrent_attempts_have_what_is_left,
                puts_a_new_code_in_place_of_the_one_before,
                uses_a_code_up_once,
                uses_up_the_code_that_is_meant_only,
                lets_one_of_many_concurrent_uses_win,
                forgets_what_is_over,
            ]
        );
    };
}

/// An instant so many milliseconds after the codes of this suite were made.
fn after(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_800_000_000_123 + millis)
}

/// A code that is good for ten seconds, and for three attempts.
pub fn otp(number: u8) -> StoredOtp {
    StoredOtp {
        id: OtpId::new([number; 16]),
        email: Email::parse(&format!("user{number}@example.com")).unwrap(),
        key: Sealed { bytes: vec![number; 60], sealed_by: EncryptionKeyId::of(&[number; 32]) },
        hash: OtpHash::new([number; 32]),
        expires_at: after(10_000),
        attempts_left: 3,
    }
}

async fn keep(codes: &Arc<dyn OtpRepository>, otp: &StoredOtp) {
    codes.replace(otp, after(0)).await.unwrap();
}

/// How many attempts are left after one at that instant.
async fn left(codes: &Arc<dyn OtpRepository>, id: OtpId, at: Timestamp) -> Option<u32> {
    codes.attempt(id, at).await.unwrap().map(|otp| otp.attempts_left)
}

/// Absence is no error.
pub async fn has_none_at_first(codes: &Arc<dyn OtpRepository>) {
    assert_eq!(left(codes, otp(1).id, after(0)).await, None);
    assert!(!codes.consume(otp(1).id, &otp(1).hash).await.unwrap());
}

/// Every part comes back as it was, for each of several codes.
pub async fn answers_what_it_was_given_one_attempt_less(codes: &Arc<dyn OtpRepository>) {
    for number in [0, 1, 255] {
        keep(codes, &otp(number)).await;
    }
    for number in [0, 1, 255] {
        let found = codes.attempt(otp(number).id, after(1)).await.unwrap();
        assert!(found == Some(StoredOtp { attempts_left: 2, ..otp(number) }), "code {number}");
    }
}

/// As many as there are.
pub async fn spends_each_attempt_once(codes: &Arc<dyn OtpRepository>) {
    keep(codes, &otp(1)).await;
    keep(codes, &otp(2)).await;
    for expected in [Some(2), Some(1), Some(0), None, None] {
        assert_eq!(left(codes, otp(1).id, after(1)).await, expected);
    }
    assert_eq!(left(codes, otp(2).id, after(1)).await, Some(2), "those of another code are its own");
}

/// The end is the first instant at which the code is no good.
pub async fn spends_none_after_the_end(codes: &Arc<dyn OtpRepository>) {
    keep(codes, &otp(1)).await;
    assert_eq!(left(codes, otp(1).id, after(10_000)).await, None);
    assert_eq!(left(codes, otp(1).id, after(9_999)).await, Some(2));
}

/// As for a secret that cannot be guessed.
pub async fn counts_without_end_where_there_is_none(codes: &Arc<dyn OtpRepository>) {
    keep(codes, &StoredOtp { attempts_left: u32::MAX, ..otp(1) }).await;
    assert_eq!(left(codes, otp(1).id, after(1)).await, Some(u32::MAX - 1));
}

/// Guesses in parallel gain nothing.
pub async fn lets_concurrent_attempts_have_what_is_left(codes: &Arc<dyn OtpRepository>) {
    keep(codes, &otp(1)).await;
    let attempts = (0..16).map(|_| {
        let codes = Arc::clone(codes);
        tokio::spawn(async move { left(&codes, otp(1).id, after(1)).await })
    });
    let mut answered = vec![];
    for attempt in attempts.collect::<Vec<_>>() {
        answered.extend(attempt.await.unwrap());
    }
    answered.sort_unstable();
    assert_eq!(answered, [0, 1, 2]);
}

/// With its own hash, end and attempts, also where the one before is spent.
pub async fn puts_a_new_code_in_place_of_the_one_before(codes: &Arc<dyn OtpRepository>) {
    keep(codes, &StoredOtp { attempts_left: 0, ..otp(1) }).await;
    let newer = StoredOtp { hash: OtpHash::new([9; 32]), expires_at: after(20_000), ..otp(1) };
    keep(codes, &newer).await;
    assert!(!codes.consume(otp(1).id, &otp(1).hash).await.unwrap(), "the one before is gone");
    let found = codes.attempt(otp(1).id, after(19_999)).await.unwrap();
    assert!(found == Some(StoredOtp { attempts_left: 2, ..newer }));
}

/// And never again.
pub async fn uses_a_code_up_once(codes: &Arc<dyn OtpRepository>) {
    keep(codes, &otp(1)).await;
    assert!(codes.consume(otp(1).id, &otp(1).hash).await.unwrap());
    assert!(!codes.consume(otp(1).id, &otp(1).hash).await.unwrap());
    assert_eq!(left(codes, otp(1).id, after(1)).await, None);
}

/// Neither another hash nor another id does.
pub async fn uses_up_the_code_that_is_meant_only(codes: &Arc<dyn OtpRepository>) {
    keep(codes, &otp(1)).await;
    keep(codes, &otp(2)).await;
    for (id, hash) in [(otp(1).id, otp(2).hash), (otp(2).id, otp(1).hash), (otp(3).id, otp(1).hash)] {
        assert!(!codes.consume(id, &hash).await.unwrap());
    }
    assert!(codes.consume(otp(1).id, &otp(1).hash).await.unwrap());
    assert_eq!(left(codes, otp(2).id, after(1)).await, Some(2));
}

/// Of many who know the code, one is let in.
pub async fn lets_one_of_many_concurrent_uses_win(codes: &Arc<dyn OtpRepository>) {
    keep(codes, &otp(1)).await;
    let uses = (0..16).map(|_| {
        let codes = Arc::clone(codes);
        tokio::spawn(async move { codes.consume(otp(1).id, &otp(1).hash).await.unwrap() })
    });
    let mut winners = 0;
    for winner in uses.collect::<Vec<_>>() {
        winners += u32::from(winner.await.unwrap());
    }
    assert_eq!(winners, 1);
}

/// What is over goes as new ones come; what is not stays.
pub async fn forgets_what_is_over(codes: &Arc<dyn OtpRepository>) {
    for number in 0..4 {
        keep(codes, &otp(number)).await;
    }
    let lasting = StoredOtp { expires_at: after(60_000), ..otp(9) };
    keep(codes, &lasting).await;
    for number in 10..12 {
        let newer = StoredOtp { expires_at: after(60_000), ..otp(number) };
        codes.replace(&newer, after(10_000)).await.unwrap();
    }
    for number in 0..4 {
        assert!(!codes.consume(otp(number).id, &otp(number).hash).await.unwrap(), "code {number} is forgotten");
    }
    for number in [9, 10, 11] {
        assert_eq!(left(codes, otp(number).id, after(10_000)).await, Some(2), "code {number} is kept");
    }
}
